"""Which runs are past: all that they did is older than what is kept, and nothing that is kept still stands on them.

A timecard is known to be exported by the entries that it feeds. So a run stays as long as any of its timecards does,
and a timecard stays as long as any of its runs does: forgetting one without the other would let it go out again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from hub.durations import AMSTERDAM
from hub.export.states import UNSETTLED, EntryState
from hub.store.exports import Contribution, Entry, Plan, Run
from hub.store.files import File
from hub.store.people import Timecard
from hub.store.session import CompanySession

UNFINISHED = UNSETTLED | {EntryState.PLANNED}
"""A run with an entry in one of these states waits for payroll, for somebody, or for being taken up again."""


@dataclass(frozen=True)
class Past:
    """The runs that may be deleted with their timecards, and the old ones that may not, because they never ended."""

    runs: frozenset[int]
    waiting: frozenset[int]


def past(session: CompanySession, day: date, now: datetime) -> Past:
    """Return which runs are past where wage data are kept from a day on (a first of January)."""
    unfinished = unfinished_runs(session, now)
    old = frozenset(number for number, last in _last_days(session).items() if last < day)
    return Past(_standing_alone(session, old - unfinished, day), old & unfinished)


def unfinished_runs(session: CompanySession, now: datetime) -> frozenset[int]:
    """Return the runs that are under way, wait for a decision or were never taken up again."""
    entries = select(Entry.run).where(col(Entry.state).in_(sorted(UNFINISHED))).distinct()
    held = select(Run.id).where(col(Run.held_until) > now)
    return frozenset(one or 0 for one in (*session.exec(entries), *session.exec(held)))


def _last_days(session: CompanySession) -> dict[int, date]:
    """Return the last day that each run has to do with: of its periods, and on which something was done with it."""
    last: dict[int, date] = defaultdict(lambda: date.min)
    for number, *found in _told(session):
        last[number] = max(last[number], *(_day(one) for one in found if one is not None))
    return dict(last)


def _told(session: CompanySession) -> Iterable[Any]:
    entry = select(Entry.run, func.max(Entry.end), func.max(Entry.year), func.max(Entry.for_year)).group_by(
        col(Entry.run)
    )
    plan = select(Run.id, Run.started_at, Run.ended_at, Plan.year).join(Plan, and_(col(Plan.id) == Run.plan))
    file = select(File.run, File.made_at, File.handed_over_at)
    return (*session.exec(plan), *session.exec(entry), *session.exec(file))


def _day(value: date | datetime | int) -> date:
    """Return the day of a moment, or the first one of a year."""
    if isinstance(value, int):
        return date(value, 1, 1)
    return value.astimezone(AMSTERDAM).date() if isinstance(value, datetime) else value


def _standing_alone(session: CompanySession, old: frozenset[int], day: date) -> frozenset[int]:
    """Leave out the runs that share a timecard, or a row that was corrected, with something that is kept."""
    cards, needed_by = _cards(session, day), _corrected_by(session)
    held = set(session.exec(_of_old(day).where(Timecard.date >= day)))
    held |= {card for run, each in cards.items() if run not in old for card in each}
    while bound := {run for run in old if cards.get(run, set()) & held or needed_by.get(run, set()) - old}:
        old -= bound
        held |= {card for run in bound for card in cards.get(run, ())}
    return old


def _cards(session: CompanySession, day: date) -> Mapping[int, set[str]]:
    """Return the timecards of each run, as far as an old one has them too."""
    question = select(Entry.run, Contribution.timecard).join(Entry, _entry_of())
    cards: dict[int, set[str]] = defaultdict(set)
    for run, card in session.exec(question.where(col(Contribution.timecard).in_(_fed(day))).distinct()):
        cards[run].add(card)
    return cards


def _corrected_by(session: CompanySession) -> Mapping[int, set[int]]:
    """Return the runs that changed or took out a row of each run."""
    older = aliased(Entry)
    question = select(older.run, Entry.run).join(Entry, and_(col(Entry.replaces) == older.id)).distinct()
    runs: dict[int, set[int]] = defaultdict(set)
    for run, newer in session.exec(question):
        runs[run].add(newer)
    return runs


def _entry_of() -> Any:  # noqa: ANN401 - SQLAlchemy's own expressions
    return and_(col(Entry.id) == Contribution.entry, col(Entry.company_id) == Contribution.company_id)


def _fed(day: date) -> Select[Any]:
    """Select the timecards that fed an entry of a period that ended before a day."""
    return select(Contribution.timecard).join(Entry, _entry_of()).where(Entry.end < day)


def _of_old(day: date) -> Any:  # noqa: ANN401 - as above
    return select(Timecard.id).where(col(Timecard.id).in_(_fed(day)))
