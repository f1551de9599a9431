"""What the hub itself wrote down of a run whose worker was killed: how far it is, and what became of its doubts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select

from hub import Hub
from hub.export.posting.journal import STOPPED
from hub.export.posting.standing import WORK
from hub.export.states import EntryState, Outcome
from hub.store.exports import Attempt, Entry
from hub.store.people import Timecard

KILLED, UNANSWERED = "the worker was killed", "its answer or the call itself was lost"


@dataclass(frozen=True)
class Standing:
    """How far a run is: its entries per state, and how many calls were begun. Without entries it was not started."""

    states: dict[str, int]
    calls: int

    @property
    def sends(self) -> bool:
        """Tell whether there is something left to send or to settle."""
        return not self.states or not WORK.isdisjoint(map(EntryState, self.states))

    @property
    def is_done(self) -> bool:
        """Tell whether all was sent, settled and verified, or waits for a person."""
        return not self.sends and EntryState.CONFIRMED not in self.states


@dataclass(frozen=True)
class Doubts:
    """The calls of which it was unknown whether they had been done, for one cause, and what reading back told.

    `found` were in payroll and were not sent again; `absent` were not, and were sent again.
    """

    cause: str
    calls: int
    found: int
    absent: int


def standing(hub: Hub, company: str) -> Standing:
    """Return how far the only run of a company is."""
    with hub.store.read(company) as session:
        states = session.exec(select(Entry.state, func.count()).group_by(Entry.state)).all()
        calls = session.exec(select(func.count()).select_from(Attempt)).one()
    return Standing(dict(states), calls)


def doubts(hub: Hub, company: str) -> tuple[Doubts, ...]:
    """Return what became of all calls that were in doubt, per cause."""
    with hub.store.read(company) as session:
        attempts = session.all(Attempt, Attempt.fault != "")
    return tuple(
        _because(cause, [one.outcome for one in attempts if (one.fault == STOPPED) is (cause == KILLED)])
        for cause in (KILLED, UNANSWERED)
    )


def _because(cause: str, outcomes: list[str]) -> Doubts:
    return Doubts(cause, len(outcomes), outcomes.count(Outcome.FOUND), outcomes.count(Outcome.ABSENT))


def white(hub: Hub, company: str) -> int:
    """Return how many timecards of a company turned white."""
    with hub.store.read(company) as session:
        exported = col(Timecard.exported_revision) == col(Timecard.revision)
        return session.exec(select(func.count()).select_from(Timecard).where(exported)).one()
