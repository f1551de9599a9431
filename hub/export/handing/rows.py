"""From the entries of a run to the rows of its file. Person and BSN are looked up here and nowhere earlier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydantic import SecretStr
from sqlmodel import col, select

from hub.export.handing.shares import Given, Share, shares
from hub.export.planning.posted import contributions, key_of
from hub.export.states import IN_PAYROLL, EntryState
from hub.intake.keep import bsn_place
from hub.intake.shapes import Unit
from hub.models import Kind, Row
from hub.store.exports import Contribution as ContributionRow
from hub.store.exports import Entry
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember, Timecard
from hub.store.session import CompanySession
from hub.timecards import Contribution, Key
from hub.vault import Vault

BATCH = 5_000
"""How many are looked up in one question."""

Id = TypeVar("Id", str, int)

SETTLED = IN_PAYROLL | {EntryState.SUPERSEDED}


@dataclass(frozen=True)
class Person:
    """Who an employee is, for a file. `bsn` is None where there is none, or where nobody needs it."""

    name: str
    bsn: SecretStr | None = None


def people_of(
    session: CompanySession, vault: Vault | None, provider: str, employees: Iterable[str]
) -> dict[str, Person]:
    """Return who these employees are; where payroll does not tell its people, the team member is the employee.

    A BSN is opened only with a `vault`. Somebody whom nobody knows any more is left out.
    """
    linked = {row.id: row.member or "" for row in session.all(EmployeeRow, EmployeeRow.provider == provider)}
    member_of = {one: linked.get(one, one) for one in employees}
    members = {row.id: row for ids in _batches(sorted(set(member_of.values()))) for row in _members(session, ids)}
    return {one: _person(members[member], vault) for one, member in member_of.items() if member in members}


def _members(session: CompanySession, ids: Sequence[str]) -> list[TeamMember]:
    return session.all(TeamMember, col(TeamMember.id).in_(ids))


def _person(row: TeamMember, vault: Vault | None) -> Person:
    bsn = SecretStr(vault.open(bsn_place(row.id), row.bsn)) if vault and row.bsn else None
    return Person(row.name, bsn)


def rows_of(session: CompanySession, entries: Sequence[Entry], people: Mapping[str, Person]) -> tuple[Row, ...]:
    """Return the rows of the entries of one run: each is what one business day of one person gives to one entry."""
    if not entries:
        return ()
    given = _given_before(session, entries[0])
    own = _given_by(session, entries)
    cards = {one.timecard for each in (*given.values(), *own.values()) for one in each}
    days = _days(session, cards)
    return tuple(
        _row(entry, share, people[entry.employee]) for entry in entries for share in _shares(entry, given, own, days)
    )


def _shares(
    entry: Entry,
    given: dict[Key, list[Contribution]],
    own: Mapping[int, Sequence[Contribution]],
    days: Mapping[str, date],
) -> tuple[Share, ...]:
    """Return the shares of an entry; what it says counts for the next entry of its key."""
    key, changed = key_of(entry), own.get(entry.id or 0, ())
    before: Given = {(one.timecard, one.component): one for one in given[key]}
    given[key] += changed
    return shares(Kind(entry.kind), entry.amount, before, changed, days, entry.end)


def _row(entry: Entry, share: Share, person: Person) -> Row:
    return Row(
        entry=entry.id or 0,
        employee=entry.employee,
        name=person.name,
        bsn=person.bsn,
        date=share.day,
        kind=Kind(entry.kind),
        code=entry.code,
        cost_centre=entry.cost_centre,
        amount=share.amount,
        minutes=share.minutes,
        pieces=share.pieces,
    )


def _given_before(session: CompanySession, entry: Entry) -> dict[Key, list[Contribution]]:
    """Return what earlier runs said of the same period, oldest first."""
    given: dict[Key, list[Contribution]] = defaultdict(list)
    earlier = contributions(
        session,
        col(Entry.provider) == entry.provider,
        col(Entry.administration) == entry.administration,
        col(Entry.for_year) == entry.for_year,
        col(Entry.for_number) == entry.for_number,
        col(Entry.run) < entry.run,
        col(Entry.state).in_(sorted(SETTLED)),
    )
    for row in earlier:
        key = Key(row.employee, Kind(row.kind), row.code, row.cost_centre)
        given[key].append(_contribution(row))
    return given


def _given_by(session: CompanySession, entries: Sequence[Entry]) -> dict[int, list[Contribution]]:
    own: dict[int, list[Contribution]] = defaultdict(list)
    for ids in _batches([one.id for one in entries if one.id]):
        rows = select(ContributionRow).where(col(ContributionRow.entry).in_(ids)).order_by(ContributionRow.timecard)
        for row in session.exec(rows):
            own[row.entry].append(_contribution(row))
    return own


def _contribution(row: ContributionRow) -> Contribution:
    return Contribution(row.timecard, row.revision, row.component, Unit(row.unit), row.amount, row.goes, row.day)


def _days(session: CompanySession, cards: Collection[str]) -> dict[str, date]:
    days: dict[str, date] = {}
    for ids in _batches(sorted(cards)):
        days.update(session.exec(select(col(Timecard.id), col(Timecard.date)).where(col(Timecard.id).in_(ids))).all())
    return days


def _batches(items: Sequence[Id]) -> Iterator[Sequence[Id]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
