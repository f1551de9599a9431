"""What a plan is made from: everything the store knows of one administration and wage period, read in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import field_validator
from sqlalchemy import ColumnElement, and_, not_
from sqlmodel import col, select

from hub.errors import InputError
from hub.export.placing import Assignment, Placing
from hub.export.states import POSTED, UNSETTLED, EntryState
from hub.intake.shapes import ComponentAmount, Timecard, Unit
from hub.models import Administration, ContractType, Employee, Kind, Model, PeriodType, WagePeriod
from hub.periods import Calendar, Week53
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Mapping as MappingRow
from hub.store.companies import VenueAssignment, WagePeriodSetting
from hub.store.exports import Contribution as ContributionRow
from hub.store.exports import Entry, Plan, Run
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.people import Timecard as TimecardRow
from hub.store.session import CompanySession
from hub.timecards import GROUPS, Contribution, Key, Rule


class Scope(Model):
    """What an export is asked to do.

    `groups` are the components that go out; `past_period` permits a change in a period before the current one; `days`
    says what happens where payroll holds days that are not ours: `ask`, `keep` or `overwrite`.
    """

    provider: str
    administration: str
    year: int
    number: int
    contract_types: tuple[ContractType, ...] = (ContractType.ZERO_HOURS,)
    groups: tuple[str, ...] = GROUPS
    past_period: bool = False
    days: Literal["ask", "keep", "overwrite"] = "ask"

    @field_validator("groups")
    @classmethod
    def _known_groups(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        if not set(groups) <= set(GROUPS):
            raise ValueError(f"choose the components that go out from {', '.join(GROUPS)}")
        return groups


@dataclass(frozen=True)
class Basis:
    """The store's knowledge for one scope.

    `cards` are those of the period, and those that were posted in it wherever they are now, deleted ones too. `white`
    were exported at their revision; `elsewhere` were exported, in part at least or perhaps, in another administration,
    period or connection. `confirmed` is what payroll holds of ours per key, in hundredths, and `posted` what of which
    cards that came from; `refused` are the (timecard, component) pairs that payroll said no to last; `unsettled` is
    what has an unknown outcome, and of which cards.
    """

    scope: Scope
    administration: Administration
    period: WagePeriod
    cards: tuple[Timecard, ...]
    white: frozenset[str]
    elsewhere: frozenset[str]
    placing: Placing
    rules: Mapping[str, Rule]
    confirmed: Mapping[Key, int]
    posted: Mapping[Key, tuple[Contribution, ...]]
    refused: frozenset[tuple[str, str]]
    unsettled: Mapping[Key, tuple[Contribution, ...]]

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """What was posted before, as (timecard, component)."""
        return _pairs(self.posted)


def load(session: CompanySession, scope: Scope, title: str) -> Basis:
    """Read the basis of a plan. Raises `InputError` for an unknown or inactive administration or period."""
    row = session.need(
        AdministrationRow, f"Administration {scope.administration}", scope.provider, scope.administration
    )
    if not row.active:
        raise InputError(f"Administration {row.id} is inactive: activate it with `hub administrations activate`.")
    administration = Administration.model_validate(row.body)
    period = _period(session, scope)
    entries = _entries(session, scope)
    posted = _contributions(session, scope, EntryState.CONFIRMED)
    refused = _contributions(session, scope, EntryState.REFUSED)
    rows = _rows(session, period, {one.timecard for each in posted.values() for one in each})
    return Basis(
        scope=scope,
        administration=administration,
        period=period,
        cards=tuple(card_of(one) for one in rows),
        white=frozenset(one.id for one in rows if one.exported_revision == one.revision and not one.deleted),
        elsewhere=_elsewhere(session, scope, period, rows),
        placing=_placing(session, scope, title),
        rules=_rules(session, scope, administration),
        confirmed=_confirmed(entries),
        posted=posted,
        refused=_pairs(refused) - _pairs(posted),
        unsettled=_contributions(session, scope, *UNSETTLED),
    )


def calendar(session: CompanySession, provider: str, administration: str, contract_type: str = "") -> Calendar | None:
    """Return how wage periods are counted for a contract type, or for all where it has no setting of its own."""
    for kind in (contract_type, ""):
        row = session.find(WagePeriodSetting, provider, administration, kind)
        if row:
            week53 = Week53(row.week53) if row.week53 else None
            return Calendar(type=PeriodType(row.type), first_start=row.first_start, week53=week53)
    return None


def _period(session: CompanySession, scope: Scope) -> WagePeriod:
    found = {calendar(session, scope.provider, scope.administration, kind) for kind in scope.contract_types}
    if len(found) > 1:
        raise InputError("These contract types count their wage periods differently: plan one export for each.")
    for one in found:
        if one:
            return one.dates_of(scope.year, scope.number)
    raise InputError(
        f"Administration {scope.administration} has no wage period yet: set the start of the first period of the year "
        "with `hub wage-period set`."
    )


def card_of(row: TimecardRow) -> Timecard:
    """Return the timecard of a row; the store holds only what was checked on arrival."""
    amounts = tuple(ComponentAmount.model_validate(one) for one in row.amounts)
    fields = {name: getattr(row, name) for name in Timecard.model_fields if name != "amounts"}
    return Timecard.model_validate({**fields, "amounts": amounts})


def _rows(session: CompanySession, period: WagePeriod, posted: set[str]) -> list[TimecardRow]:
    """Return the cards of a period, and those that were posted in it and lie in another now."""
    rows = session.all(TimecardRow, col(TimecardRow.date).between(period.start, period.end))
    away = (session.find(TimecardRow, one) for one in sorted(posted - {row.id for row in rows}))
    return [row for row in (*rows, *away) if row and (not row.deleted or row.id in posted)]


def _elsewhere(session: CompanySession, scope: Scope, period: WagePeriod, rows: list[TimecardRow]) -> frozenset[str]:
    """Return the cards of a period that turned white by another scope's run, or that another scope's entry holds."""
    runs = {
        f"run {one}"
        for one in session.exec(
            select(Run.id)
            .join(Plan, col(Plan.id) == Run.plan)
            .where(Plan.provider == scope.provider, Plan.administration == scope.administration)
            .where(Plan.year == scope.year, Plan.number == scope.number)
        )
    }
    posted = session.exec(
        select(ContributionRow.timecard)
        .join(Entry, col(Entry.id) == ContributionRow.entry)
        .join(TimecardRow, col(TimecardRow.id) == ContributionRow.timecard)
        .where(col(TimecardRow.date).between(period.start, period.end), col(Entry.state).in_(POSTED))
        .where(not_(_of_scope(scope)))
        .distinct()
    )
    return frozenset({*posted, *(one.id for one in rows if one.exported_by and one.exported_by not in runs)})


def _placing(session: CompanySession, scope: Scope, title: str) -> Placing:
    inactive = {
        one.id for one in session.all(AdministrationRow, AdministrationRow.provider == scope.provider) if not one.active
    }
    linked: dict[str, tuple[Employee, ...]] = {}
    for row in session.all(EmployeeRow, EmployeeRow.provider == scope.provider, col(EmployeeRow.member).is_not(None)):
        if row.member:
            linked[row.member] = (*linked.get(row.member, ()), Employee.model_validate(row.body))
    venues = session.all(VenueAssignment, VenueAssignment.provider == scope.provider)
    return Placing(
        administration=scope.administration,
        title=title,
        linked=linked,
        host_types={
            one.id: ContractType(one.contract_type) if one.contract_type else None for one in session.all(TeamMember)
        },
        venues={one.venue: Assignment(one.administration, one.cost_centre) for one in venues},
        contract_types=scope.contract_types,
        inactive=inactive,
    )


def _rules(session: CompanySession, scope: Scope, administration: Administration) -> dict[str, Rule]:
    """Return the code of each component; a rule for the administration goes before one for all.

    Days worked are not mapped: a provider that takes them says under which code.
    """
    days = [code.code for code in administration.codes if code.kind is Kind.DAYS]
    rows = session.all(
        MappingRow,
        MappingRow.provider == scope.provider,
        col(MappingRow.administration).in_(("", scope.administration)),
    )
    rows.sort(key=lambda row: row.administration)
    mapped = {row.component: Rule(Kind(row.kind), row.code, row.rate) for row in rows}
    return {**mapped, "days": Rule(Kind.DAYS, days[0])} if days else mapped


def _entries(session: CompanySession, scope: Scope) -> list[Entry]:
    """Return every entry ever made for this administration and period, oldest first."""
    return session.all(Entry, _of_scope(scope))


def _of_scope(scope: Scope) -> ColumnElement[bool]:
    return and_(
        col(Entry.provider) == scope.provider,
        col(Entry.administration) == scope.administration,
        col(Entry.year) == scope.year,
        col(Entry.number) == scope.number,
    )


def _confirmed(entries: list[Entry]) -> dict[Key, int]:
    """Add up what was confirmed per key; an amount that was set counts as it was set last."""
    confirmed: dict[Key, int] = {}
    for row in entries:
        if row.state == EntryState.CONFIRMED:
            key = key_of(row)
            confirmed[key] = row.amount if row.sets else confirmed.get(key, 0) + row.amount
    return confirmed


def _contributions(session: CompanySession, scope: Scope, *states: EntryState) -> dict[Key, tuple[Contribution, ...]]:
    """Return what the entries in these states were made from, per key."""
    row, found = ContributionRow, defaultdict[Key, list[Contribution]](list)
    rows = session.exec(
        select(Entry, row.timecard, row.revision, row.component, row.unit, row.amount)  # type: ignore[call-overload]  # SQLModel has no signature for six
        .join(row, col(Entry.id) == row.entry)
        .where(_of_scope(scope), col(Entry.state).in_(states))
    )
    for entry, timecard, revision, component, unit, amount in rows:
        found[key_of(entry)].append(Contribution(timecard, revision, component, Unit(unit), amount))
    return {key: tuple(each) for key, each in found.items()}


def _pairs(contributions: Mapping[Key, tuple[Contribution, ...]]) -> frozenset[tuple[str, str]]:
    return frozenset((one.timecard, one.component) for each in contributions.values() for one in each)


def key_of(row: Entry) -> Key:
    """Return the key of a stored entry."""
    return Key(row.employee, Kind(row.kind), row.code, row.cost_centre)
