"""An outcome and the next attempt of its slot in one transaction: both are written, or the outcome alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlalchemy.exc import IntegrityError

from hub.export.posting import journal
from hub.export.posting.jobs import Job
from hub.export.posting.stale import Waits
from hub.intake.shapes import ComponentAmount, Unit
from hub.process import Process
from hub.store.exports import Attempt, Entry
from hub.store.prepared import CompanyConnection
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company

SUNDAY = ComponentAmount(component="surcharge:sunday", unit=Unit.MINUTES, amount=60)
GROUPS = ("worked", "surcharges")


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    """Two entries to post, both in one slot."""
    with ledger_company(process, FakeClock()) as made:
        made.cards(card("a", amounts=(SUNDAY,)))
        yield made


def run(company: Company) -> list[str]:
    """Carry the export out; return the states of its entries."""
    plan = company.plan(groups=GROUPS)
    company.hub.release("acme", plan.id, "Robin")
    company.hub.run("acme", plan.id)
    return [one.state for one in company.rows(Entry)]


def outcomes_at_each_call(company: Company) -> list[list[str]]:
    """Carry the export out; return the outcomes of all attempts in the database when each posting was made."""
    seen: list[list[str]] = []
    company.ledger.watch = lambda entry, key: seen.append([one.outcome for one in company.rows(Attempt)])
    run(company)
    return seen


def test_the_outcome_is_written_before_the_next_call(company: Company) -> None:
    """With the attempt of that call."""
    assert outcomes_at_each_call(company) == [[""], ["accepted", ""]]


def test_both_are_of_one_transaction(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first attempt is begun by itself, and only the last outcome is written by itself."""
    alone: list[str] = []
    for step in ("begin", "finish"):
        monkeypatch.setattr(journal.Journal, step, _noted(getattr(journal.Journal, step), alone, step))
    assert run(company) == ["verified", "verified"]
    assert alone == ["begin", "finish"]


def _noted(method: Callable[..., object], alone: list[str], step: str) -> Callable[..., object]:
    def noted(*arguments: object) -> object:
        alone.append(step)
        return method(*arguments)

    return noted


HINDRANCES: dict[str, tuple[Exception | str, list[str]]] = {
    "it changed meanwhile": ("a timecard changed", ["verified", "changed"]),
    "another entry comes first": (Waits(), ["verified", "planned"]),
    "another run is in the slot": (IntegrityError("INSERT", {}, Exception()), ["verified", "planned"]),
}


@pytest.mark.parametrize("name", HINDRANCES)
def test_where_the_next_cannot_begin_the_outcome_is_written_alone(
    company: Company, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """And the next is not sent."""
    hindrance, states = HINDRANCES[name]
    asked: list[int] = []

    def stale(connection: CompanyConnection, provider: str, number: int, jobs: Sequence[Job]) -> str:
        asked.extend(job.id for job in jobs)
        if asked == [1] or isinstance(hindrance, str):
            return "" if asked == [1] else str(hindrance)
        raise hindrance

    monkeypatch.setattr(journal, "stale", stale)
    assert run(company) == states
    assert [one.outcome for one in company.rows(Attempt)] == ["accepted"]
    assert len(company.ledger.totals()) == 1
