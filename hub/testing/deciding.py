"""Entries that wait for a person, on the ledger: short ways to bring them about, for tests of decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hub.export.posting.reconcile import Judgement, Verdict
from hub.export.report import EntryView, RunView
from hub.models import Entry, Kind, PostedEntry
from hub.provider import Capability, Support
from hub.store.companies import Audit
from hub.testing.company import Company, card
from hub.testing.ledger import LedgerProvider

ONLY_HOURS = {"groups": ("worked",)}
Rows = list[PostedEntry]


@contextmanager
def blind() -> Iterator[None]:
    """Let the connection be one that cannot read payroll."""
    able = {**LedgerProvider.capabilities, Capability.READ_BACK: Support.NO}
    with patch.object(LedgerProvider, "capabilities", able):
        yield


UNCLEAR = Judgement(Verdict.UNCLEAR, why="a reading cannot tell")


def waiting(company: Company, word: str, **scope: object) -> EntryView:
    """Export what is green; the ledger does `word` (`lost`: it is there, `vanished`: it is not). Return what waits."""
    plan = company.plan(**{**ONLY_HOURS, **scope})
    company.hub.release("acme", plan.id, "Robin")
    company.ledger.script = [word]
    with patch("hub.export.posting.doubt.judge", lambda *_: UNCLEAR):
        return only(company.hub.run("acme", plan.id), "needs decision")


def drifted(company: Company, change: Callable[[Rows], None], kind: Kind = Kind.HOURS, **scope: object) -> EntryView:
    """Export a card of m1 and one of m2; while m2's is posted a clerk changes the rows of m1. Return m1's entry."""
    company.cards(card("a"), card("b", "m2", minutes=60))

    def watch(entry: Entry, key: str) -> None:
        if entry.slot.employee == "e2" and entry.slot.kind is kind:
            change(
                next(rows for slot, rows in company.ledger.rows.items() if (slot.employee, slot.kind) == ("e1", kind))
            )

    company.ledger.watch = watch
    run = company.export(**{**ONLY_HOURS, **scope})
    company.ledger.watch = lambda entry, key: None
    return only(run, "drifted")


def only(run: RunView, state: str) -> EntryView:
    """Return the one entry of a run in a state."""
    (found,) = [one for one in run.entries if one.state == state]
    return found


def row(name: str, amount: int = 800, code: str = "100") -> PostedEntry:
    """Return a row of hours as payroll holds it, in hundredths."""
    return PostedEntry(id=name, kind=Kind.HOURS, code=code, amount=amount)


def in_payroll(company: Company, employee: str = "e1", kind: Kind = Kind.HOURS) -> list[tuple[str, int]]:
    """Return the rows of an employee as (id, amount in hundredths)."""
    found = [(slot, one) for slot, rows in company.ledger.rows.items() for one in rows]
    return [(one.id, one.amount) for slot, one in found if (slot.employee, slot.kind) == (employee, kind)]


def trail(company: Company, entry: int) -> list[tuple[str, str, str]]:
    """Return who gave an entry which states, as (actor, from, to), oldest first."""
    rows = [one for one in company.rows(Audit) if one.subject == f"entry {entry}"]
    return [(one.actor, one.detail["from"], one.detail["to"]) for one in rows]
