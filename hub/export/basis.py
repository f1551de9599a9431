"""What a plan is made from: everything the store knows of one administration and wage period, read in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from hub.errors import InputError
from hub.export.placing import Assignment, Placing
from hub.export.states import UNSETTLED, EntryState
from hub.intake.shapes import ComponentAmount, Timecard
from hub.models import Administration, ContractType, Employee, Kind, Model, PeriodType, WagePeriod
from hub.periods import Calendar, Week53
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Mapping as MappingRow
from hub.store.companies import VenueAssignment, WagePeriodSetting
from hub.store.exports import Contribution, Entry
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.people import Timecard as TimecardRow
from hub.store.session import CompanySession
from hub.timecards import GROUPS, Key, Rule


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
    days: str = "ask"


@dataclass(frozen=True)
class Basis:
    """The store's knowledge for one scope.

    `exported` is the exported revision per white card; `confirmed` is what payroll holds of ours per key, in
    hundredths, and `posted` which components of which cards that came from; `unsettled` keys have an unknown outcome.
    """

    scope: Scope
    administration: Administration
    period: WagePeriod
    cards: tuple[Timecard, ...]
    exported: Mapping[str, int]
    placing: Placing
    rules: Mapping[str, Rule]
    confirmed: Mapping[Key, int]
    posted: Mapping[Key, frozenset[tuple[str, str]]]
    unsettled: frozenset[Key]


def load(session: CompanySession, scope: Scope, title: str) -> Basis:
    """Read the basis of a plan. Raises `InputError` for an unknown or inactive administration or period."""
    row = session.need(
        AdministrationRow, f"Administration {scope.administration}", scope.provider, scope.administration
    )
    if not row.active:
        raise InputError(f"Administration {row.id} is inactive: activate it with `hub administrations activate`.")
    administration = Administration.model_validate(row.body)
    period = _period(session, scope)
    rows = session.all(TimecardRow, col(TimecardRow.date).between(period.start, period.end))
    entries = _entries(session, scope)
    return Basis(
        scope=scope,
        administration=administration,
        period=period,
        cards=tuple(card_of(one) for one in rows if not one.deleted or one.exported_revision),
        exported={one.id: one.exported_revision for one in rows if one.exported_revision},
        placing=_placing(session, scope, title),
        rules=_rules(session, scope, administration),
        confirmed=_confirmed(entries),
        posted=_posted(session, scope, entries),
        unsettled=frozenset(key_of(one) for one in entries if one.state in UNSETTLED),
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


def _placing(session: CompanySession, scope: Scope, title: str) -> Placing:
    inactive = {
        one.id for one in session.all(AdministrationRow, AdministrationRow.provider == scope.provider) if not one.active
    }
    linked: dict[str, tuple[Employee, ...]] = {}
    for row in session.all(EmployeeRow, EmployeeRow.provider == scope.provider, col(EmployeeRow.member).is_not(None)):
        if row.member and row.administration not in inactive:
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
    return session.all(
        Entry,
        Entry.provider == scope.provider,
        Entry.administration == scope.administration,
        Entry.year == scope.year,
        Entry.number == scope.number,
    )


def _confirmed(entries: list[Entry]) -> dict[Key, int]:
    """Add up what was confirmed per key; an amount that was set counts as it was set last."""
    confirmed: dict[Key, int] = {}
    for row in entries:
        if row.state == EntryState.CONFIRMED:
            key = key_of(row)
            confirmed[key] = row.amount if row.sets else confirmed.get(key, 0) + row.amount
    return confirmed


def _posted(session: CompanySession, scope: Scope, entries: list[Entry]) -> dict[Key, frozenset[tuple[str, str]]]:
    """Return the (timecard, component) pairs that each confirmed key was made from."""
    keys = {row.id: key_of(row) for row in entries if row.state == EntryState.CONFIRMED}
    rows = session.exec(
        select(Contribution.entry, Contribution.timecard, Contribution.component)
        .join(Entry, col(Entry.id) == Contribution.entry)
        .where(Entry.provider == scope.provider, Entry.administration == scope.administration)
        .where(Entry.year == scope.year, Entry.number == scope.number)
    )
    posted: dict[Key, set[tuple[str, str]]] = {}
    for entry, timecard, component in rows:
        if entry in keys:
            posted.setdefault(keys[entry], set()).add((timecard, component))
    return {key: frozenset(pairs) for key, pairs in posted.items()}


def key_of(row: Entry) -> Key:
    """Return the key of a stored entry."""
    return Key(row.employee, Kind(row.kind), row.code, row.cost_centre)
