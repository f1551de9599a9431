"""A company on the ledger: two employees on zero hours, everything mapped, and short ways to do what a host does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from hub.administrations import Booking
from hub.clock import Clock
from hub.durations import AMSTERDAM
from hub.export.planning.basis import Scope
from hub.export.report import PlanView, RunView
from hub.hub import Hub
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.intake.shapes import Deletion, Timecard
from hub.models import Contract, ContractType, Employee, PeriodType
from hub.periods import Calendar
from hub.process import Process
from hub.testing.ledger import BOOKS, Ledger, LedgerProvider

START = date(2020, 1, 1)
NOW = datetime(2026, 10, 20, 12, tzinfo=AMSTERDAM)
CODES = {"worked": "100", "surcharge:sunday": "150", "meals": "200", "allowance:travel": "300"}


@dataclass
class Company:
    """A company on the ledger, with short ways to do what a host does."""

    hub: Hub
    ledger: Ledger
    name: str = "acme"

    def cards(self, *cards: Timecard | Deletion) -> None:
        """Store timecards; none may be refused."""
        kept = self.hub.import_timecards(self.name, Reading(good=list(cards)))
        if kept.refused:
            raise AssertionError(kept.refused)

    def plan(self, **more: Any) -> PlanView:  # noqa: ANN401 - the fields of Scope
        """Plan October 2026, unless another `number` is given."""
        asked = {"provider": "ledger", "administration": "1", "year": 2026, "number": 10, **more}
        return self.hub.plan(self.name, Scope(**asked))

    def export(self, **more: Any) -> RunView:  # noqa: ANN401 - the fields of Scope
        """Plan October 2026, release the plan and run it."""
        plan = self.plan(**more)
        self.hub.release(self.name, plan.id, "Robin")
        return self.hub.run(self.name, plan.id)

    def white(self) -> set[str]:
        """Return the timecards that are white now."""
        return {one.id for one in self.hub.timecards(self.name) if one.exported_revision == one.revision}

    def rows(self, table: type[Any]) -> list[Any]:
        """Return every row of a table of the store."""
        with self.hub.store.read(self.name) as session:
            return session.all(table)


@contextmanager
def ledger_company(process: Process, clock: Clock | None = None) -> Iterator[Company]:
    """Make the company: employees e1 and e2 are the team members m1 and m2."""
    book = uuid.uuid4().hex
    with (
        patch("hub.activation.find", lambda name, allowed: LedgerProvider),
        Hub.open(process, lambda: NOW, clock) as hub,
    ):
        made = Company(hub, BOOKS[book])
        made.ledger.employees += [employee("e1"), employee("e2")]
        set_up(hub, book)
        yield made
    del BOOKS[book]


def set_up(hub: Hub, book: str) -> None:
    """Make the company in a hub: connected with the ledger of this book, mapped, synced, its two people linked."""
    hub.add_company("acme", "Acme")
    hub.connect("acme", "ledger", {"book": book})
    hub.set_wage_period("acme", "ledger", "1", Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1)))
    for component, code in CODES.items():
        hub.map("acme", "ledger", Booking(component, code))
    hub.import_members("acme", Reading(good=[Member(id="m1", name="An"), Member(id="m2", name="Bo")]))
    hub.apply_sync("acme", hub.plan_sync("acme", "ledger"))
    hub.link("acme", "ledger", "e1", "m1")
    hub.link("acme", "ledger", "e2", "m2")


def employee(name: str, **more: Any) -> Employee:  # noqa: ANN401 - the fields of Employee
    """Return an employee of administration 1, in service since 2020 on zero hours."""
    contract = Contract(id=f"c-{name}", start=START, weekly_hours=0, type=ContractType.ZERO_HOURS)
    return Employee(**{"id": name, "administration": "1", "starts": START, "contracts": (contract,), **more})


def card(name: str, member: str = "m1", *, minutes: int = 480, day: int = 5, **more: Any) -> Timecard:  # noqa: ANN401
    """Return an approved timecard in October 2026 that starts at eight."""
    start = datetime(2026, 10, day, 8, tzinfo=AMSTERDAM)
    fields = {"date": date(2026, 10, day), "start": start, "end": start + timedelta(minutes=minutes)}
    return Timecard(**{"id": name, "member": member, "status": "approved", **fields, **more})
