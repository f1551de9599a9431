"""What was posted before for one administration and wage period, as the journal has it: the memory of every plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, not_
from sqlmodel import col, select

from hub.export.scope import Scope
from hub.export.states import IN_PAYROLL, POSTED, UNSETTLED, Change, EntryState
from hub.intake.shapes import Unit
from hub.models import Kind, WagePeriod
from hub.store.exports import Contribution as ContributionRow
from hub.store.exports import Entry, Plan, Run
from hub.store.people import Timecard as TimecardRow
from hub.store.session import CompanySession
from hub.timecards import Card, Contribution, Key

Given = Mapping[Key, tuple[Contribution, ...]]
Pairs = frozenset[tuple[str, str]]
ROWS = (Change.POST, Change.REPLACE)
"""What leaves a row, or an amount, in payroll."""

SETTLED = IN_PAYROLL | {EntryState.SUPERSEDED}


class Row(NamedTuple):
    """A row of ours in payroll: the entry and run that it comes from, the provider's id, its amount in hundredths.

    Where amounts are set the provider has no id. `here` tells that it is in the slot of the period it counts for.
    """

    entry: int
    run: int
    posted_id: str
    amount: int
    here: bool


@dataclass(frozen=True)
class Posted:
    """What payroll took, and what of which cards that came from.

    `confirmed` is what it holds of ours per key, in hundredths, in the `rows` of each key, oldest first. `given` is
    what the cards gave to each key by the newest entries; `unsettled` what has an unknown outcome, and of which cards;
    `refused` are the (timecard, component) pairs that payroll said no to last; `left_out` the (timecard, revision) of
    which a person said that something stays out. `in_slots` is what our rows add up to per employee, kind and code in
    the slots of the period, whichever period they count for.
    """

    confirmed: Mapping[Key, int]
    rows: Mapping[Key, tuple[Row, ...]]
    given: Given
    unsettled: Given
    refused: Pairs
    left_out: frozenset[tuple[str, int]]
    in_slots: Mapping[tuple[str, Kind, str], int]

    @cached_property
    def pairs(self) -> Pairs:
        """What was posted before, as (timecard, component)."""
        return _pairs(self.given)

    @cached_property
    def cards(self) -> frozenset[str]:
        """The timecards of which something was posted, or was once."""
        return frozenset(one.timecard for each in self.given.values() for one in each)


def load_posted(session: CompanySession, scope: Scope) -> Posted:
    """Read what was posted for a scope."""
    entries = [one for one in session.all(Entry, _of_scope(scope)) if one.state in POSTED]
    given = _given(session, scope, SETTLED)
    return Posted(
        confirmed=_confirmed(entries),
        rows=_rows(entries),
        given=given,
        unsettled=_given(session, scope, UNSETTLED),
        refused=_pairs(_given(session, scope, {EntryState.REFUSED})) - _pairs(given),
        left_out=_left_out(session, scope),
        in_slots=_in_slots(session, scope),
    )


def _of_scope(scope: Scope) -> ColumnElement[bool]:
    return and_(
        col(Entry.provider) == scope.provider,
        col(Entry.administration) == scope.administration,
        col(Entry.for_year) == scope.year,
        col(Entry.for_number) == scope.number,
    )


def _in_payroll(entries: Iterable[Entry]) -> Iterable[Entry]:
    return (one for one in entries if one.state in IN_PAYROLL and one.change in ROWS)


def _confirmed(entries: Iterable[Entry]) -> dict[Key, int]:
    """Add up what was confirmed per key; an amount that was set counts as it was set last."""
    confirmed: dict[Key, int] = {}
    for row in _in_payroll(entries):
        confirmed[key_of(row)] = row.amount if row.sets else confirmed.get(key_of(row), 0) + row.amount
    return confirmed


def _rows(entries: Iterable[Entry]) -> dict[Key, tuple[Row, ...]]:
    rows: dict[Key, tuple[Row, ...]] = defaultdict(tuple)
    for one in _in_payroll(entries):
        here = (one.year, one.number) == (one.for_year, one.for_number)
        rows[key_of(one)] += (Row(one.id or 0, one.run, one.posted_id or "", one.amount, here),)
    return dict(rows)


def _given(
    session: CompanySession, scope: Scope, states: Collection[EntryState]
) -> dict[Key, tuple[Contribution, ...]]:
    """Return what the cards give per key: of each component the newest entry counts, and nothing is left out."""
    newest: dict[Key, dict[tuple[str, str], Contribution]] = defaultdict(dict)
    for row in contributions(session, _of_scope(scope), col(Entry.state).in_(sorted(states))):
        one = Contribution(row.timecard, row.revision, row.component, Unit(row.unit), row.amount, row.goes, row.day)
        newest[_key(row)][one.timecard, one.component] = one
    return {key: tuple(one for one in each.values() if one.amount) for key, each in newest.items()}


def contributions(session: CompanySession, *conditions: Any) -> Iterable[Any]:  # noqa: ANN401 - SQL expressions
    """Return contributions with the columns of their entries, in the order in which the entries were made."""
    row = ContributionRow
    columns = (row.timecard, row.revision, row.component, row.unit, row.amount, row.goes, row.day)
    key = (Entry.id, Entry.state, Entry.administration, Entry.employee, Entry.kind, Entry.code, Entry.cost_centre)
    period = (Entry.provider, Entry.for_year, Entry.for_number)
    return session.exec(
        select(*columns, *key, *period)  # type: ignore[call-overload]  # SQLModel has no signature for so many
        .join(Entry, and_(col(Entry.id) == row.entry, col(Entry.company_id) == row.company_id))
        .where(*conditions)
        .order_by(Entry.id)
    )


def _left_out(session: CompanySession, scope: Scope) -> frozenset[tuple[str, int]]:
    rows = contributions(session, _of_scope(scope), col(Entry.state) == EntryState.LEFT_OUT)
    return frozenset((one.timecard, one.revision) for one in rows)


def _in_slots(session: CompanySession, scope: Scope) -> dict[tuple[str, Kind, str], int]:
    here = and_(
        col(Entry.provider) == scope.provider,
        col(Entry.administration) == scope.administration,
        col(Entry.year) == scope.year,
        col(Entry.number) == scope.number,
    )
    totals: dict[tuple[str, Kind, str], int] = defaultdict(int)
    for one in _in_payroll(session.all(Entry, here)):
        totals[one.employee, Kind(one.kind), one.code] += one.amount
    return dict(totals)


def _pairs(given: Given) -> Pairs:
    return frozenset((one.timecard, one.component) for each in given.values() for one in each)


def key_of(row: Entry) -> Key:
    """Return the key of a stored entry."""
    return Key(row.employee, Kind(row.kind), row.code, row.cost_centre)


def _key(row: Any) -> Key:  # noqa: ANN401 - a row of a query
    return Key(row.employee, Kind(row.kind), row.code, row.cost_centre)


def elsewhere(session: CompanySession, scope: Scope, period: WagePeriod, cards: Iterable[Card]) -> frozenset[str]:
    """Return the cards of a period that another administration, period or payroll took and still has.

    What it took out of payroll again is no longer there, and what is in doubt there may be.
    """
    own = _runs(session, scope)
    white = {one.id for one in cards if one.exported_by not in own and one.exported_revision == one.revision}
    booked: dict[tuple[Any, ...], Any] = {}
    doubtful: set[str] = set()
    of_period = select(TimecardRow.id).where(col(TimecardRow.date).between(period.start, period.end))
    there = and_(col(ContributionRow.timecard).in_(of_period), not_(_of_scope(scope)))
    for one in contributions(session, there, col(Entry.state).in_(sorted(POSTED))):
        place = (one.provider, one.administration, one.for_year, one.for_number, *_key(one))
        if one.state in UNSETTLED:
            doubtful.add(one.timecard)
        else:
            booked[(one.timecard, one.component, *place)] = one
    return frozenset({one.timecard for one in booked.values() if one.amount} | doubtful | white)


def given_beside(
    session: CompanySession, scope: Scope, cards: Mapping[str, Card]
) -> tuple[frozenset[tuple[str, date]], Pairs]:
    """Return what went out to the same administration for other dates that have days in common with these.

    The (employee, date) of which a day worked was counted, and the (timecard, component) pairs of these cards.
    """
    there = and_(
        col(Entry.provider) == scope.provider,
        col(Entry.administration) == scope.administration,
        not_(_of_scope(scope)),
    )
    newest: dict[tuple[Any, ...], Any] = {}
    for one in contributions(session, there, col(Entry.state).in_(sorted(SETTLED))):
        if one.timecard in cards:
            newest[one.timecard, one.component, one.for_year, one.for_number, *_key(one)] = one
    given = [one for one in newest.values() if one.amount]
    counted = {(one.employee, cards[one.timecard].date) for one in given if one.kind == Kind.DAYS}
    return frozenset(counted), frozenset((one.timecard, one.component) for one in given)


def _runs(session: CompanySession, scope: Scope) -> set[str]:
    """Return the names of the runs of a scope, as cards bear them that a run turned white."""
    mine = and_(
        col(Plan.provider) == scope.provider,
        col(Plan.administration) == scope.administration,
        col(Plan.year) == scope.year,
        col(Plan.number) == scope.number,
    )
    return {f"run {one}" for one in session.exec(select(Run.id).join(Plan, col(Plan.id) == Run.plan).where(mine))}
