"""What a plan is made from: everything the store knows of one administration and wage period, read in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy import and_, not_
from sqlmodel import col, select

from hub.connection import Connection
from hub.errors import InputError
from hub.export.handing.layouts import layout_of
from hub.export.planning.cards import load_cards
from hub.export.planning.payrolls import load_payrolls
from hub.export.planning.placing import Assignment, Placing
from hub.export.planning.posted import Posted, elsewhere, given_beside, load_posted
from hub.export.scope import Scope
from hub.export.settings import Corrections, export_settings
from hub.export.states import IN_PAYROLL
from hub.files.layout import Layout
from hub.models import Administration, ContractType, Employee, Kind, PeriodType, WagePeriod
from hub.periods import Calendar, Week53, range_of
from hub.provider import Capability, Provider
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Mapping as MappingRow
from hub.store.companies import VenueAssignment, WagePeriodSetting
from hub.store.exports import Entry
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.session import CompanySession
from hub.timecards import Card, Contribution, Rule

_NO_DAYS: frozenset[tuple[str, date]] = frozenset()
_NO_PAIRS: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Ways:
    """How this connection can correct what was exported for the period.

    `corrections` is the company's choice. The period is `open`, or a correction is booked in `next_open`, where there
    is one. `replaces` and `withdraws` are the kinds of which rows can be changed and taken away. `sets_days`: days are
    set to a number over the wire, and added up in files.
    """

    corrections: Corrections = "replace"
    open: bool = True
    next_open: WagePeriod | None = None
    replaces: frozenset[Kind] = frozenset()
    withdraws: frozenset[Kind] = frozenset()
    sets_days: bool = True


@dataclass(frozen=True)
class Basis:
    """The store's knowledge for one scope.

    `cards` are those of the period, and those that were posted in it wherever they are now, deleted ones too. `white`
    were exported at their revision; `elsewhere` were exported, in part at least or perhaps, in another administration,
    period or connection. `posted` is what was posted before, `ways` how that can be corrected. Where payroll takes a
    file, it has a `layout`, and `overlaps` are the runs of other dates that have days in common with these:
    `days_beside` were counted as worked there, and `pairs_beside` of the cards went out there.
    """

    scope: Scope
    administration: Administration
    period: WagePeriod
    cards: tuple[Card, ...]
    white: frozenset[str]
    elsewhere: frozenset[str]
    placing: Placing
    rules: Mapping[str, Rule]
    posted: Posted
    ways: Ways
    layout: Layout | None = None
    overlaps: Mapping[str, str] = field(default_factory=dict)
    days_beside: frozenset[tuple[str, date]] = frozenset()
    pairs_beside: frozenset[tuple[str, str]] = frozenset()

    @property
    def tells_days(self) -> bool:
        """Whether payroll is told on which day something was worked."""
        return self.layout is not None

    def dated(self, one: Contribution) -> Contribution:
        """Return what a card gives with its business date, where payroll is told of days."""
        card = self.by_id.get(one.timecard)
        return one._replace(day=card.date.isoformat()) if card and self.tells_days else one

    @cached_property
    def by_id(self) -> Mapping[str, Card]:
        """The cards by their ids."""
        return {card.id: card for card in self.cards}


def load(session: CompanySession, scope: Scope, connection: Connection) -> Basis:
    """Read the basis of a plan. Raises `InputError` for an unknown or inactive administration or period."""
    administration = administration_of(session, scope)
    layout = layout_of(session, connection.provider) if connection.renders else None
    scope = _what_fits(scope, layout, administration)
    period = period_of(session, scope, connection)
    posted = load_posted(session, scope)
    cards = load_cards(session, period, posted.cards)
    overlaps = _overlaps(session, scope, period) if connection.renders else {}
    days, pairs = given_beside(session, scope, {one.id: one for one in cards}) if overlaps else (_NO_DAYS, _NO_PAIRS)
    return Basis(
        scope=scope,
        administration=administration,
        period=period,
        cards=tuple(cards),
        white=frozenset(one.id for one in cards if one.white),
        elsewhere=elsewhere(session, scope, period, cards),
        placing=_placing(session, scope, connection.provider),
        rules=_rules(session, scope, administration),
        posted=posted,
        ways=_ways(session, scope, administration, connection),
        layout=layout,
        overlaps=overlaps,
        days_beside=days,
        pairs_beside=pairs,
    )


def _what_fits(scope: Scope, layout: Layout | None, administration: Administration) -> Scope:
    """Return a scope without days worked where the file has no column for them: the hub counts them by itself."""
    days = {code.code for code in administration.codes if code.kind is Kind.DAYS}
    if layout is None or layout.codes is None or days & layout.codes:
        return scope
    return scope.model_copy(update={"groups": tuple(one for one in scope.groups if one != "days")})


def administration_of(session: CompanySession, scope: Scope) -> Administration:
    """Return the administration of a scope. Raises `InputError` if it is unknown or inactive."""
    row = session.need(
        AdministrationRow, f"Administration {scope.administration}", scope.provider, scope.administration
    )
    if not row.active:
        raise InputError(f"Administration {row.id} is inactive: activate it.", command="`hub administrations activate`")
    return Administration.model_validate(row.body)


def period_of(session: CompanySession, scope: Scope, connection: Connection) -> WagePeriod:
    """Return the wage period of a scope, or its dates where payroll takes a file of any. Raises `InputError`.

    For a file, periods are calendar months where nothing was set: it is switched on by its name alone.
    """
    if scope.dates and not connection.renders:
        raise InputError(f"{connection.provider.title} takes whole wage periods: give one, such as 2026-10.")
    if scope.dates:
        return range_of(*scope.dates)
    usual = Calendar(type=PeriodType.MONTH, first_start=date(scope.year, 1, 1)) if connection.renders else None
    return _period(session, scope, scope.year, scope.number, usual)


def _overlaps(session: CompanySession, scope: Scope, period: WagePeriod) -> dict[str, str]:
    """Return the runs of other dates that have days in common with these, and their dates."""
    same = and_(col(Entry.for_year) == scope.year, col(Entry.for_number) == scope.number)
    rows = session.exec(
        select(col(Entry.run), col(Entry.start), col(Entry.end))
        .where(Entry.provider == scope.provider, Entry.administration == scope.administration, not_(same))
        .where(Entry.start <= period.end, Entry.end >= period.start, col(Entry.state).in_(sorted(IN_PAYROLL)))
        .distinct()
        .order_by(col(Entry.run))
    )
    return {f"run {run}": f"{start} to {end}" for run, start, end in rows}


def _ways(session: CompanySession, scope: Scope, administration: Administration, connection: Connection) -> Ways:
    current = (administration.current_year, administration.current_number)
    year, number = current
    known = year is not None and number is not None
    is_open = not known or (scope.year, scope.number) >= current or scope.past_period
    # Else nobody could see what became of a change; and who writes a slot as a whole can only add to it.
    readable = connection.can(Capability.READ_BACK) and not connection.can(Capability.PUT)
    return Ways(
        corrections=export_settings(session, scope.provider).corrections,
        open=is_open,
        next_open=None if is_open or year is None or number is None else _period(session, scope, year, number),
        replaces=frozenset(kind for kind in Kind if readable and connection.can(Capability.to_replace(kind))),
        withdraws=frozenset(kind for kind in Kind if readable and connection.can(Capability.to_withdraw(kind))),
        sets_days=not connection.renders,
    )


def calendar(session: CompanySession, provider: str, administration: str, contract_type: str = "") -> Calendar | None:
    """Return how wage periods are counted for a contract type, or for all where it has no setting of its own."""
    for kind in (contract_type, ""):
        row = session.find(WagePeriodSetting, provider, administration, kind)
        if row:
            week53 = Week53(row.week53) if row.week53 else None
            return Calendar(type=PeriodType(row.type), first_start=row.first_start, week53=week53)
    return None


def _period(session: CompanySession, scope: Scope, year: int, number: int, usual: Calendar | None = None) -> WagePeriod:
    """Return a wage period as it is counted for the contract types of a scope, or as it `usual`ly is."""
    found = {calendar(session, scope.provider, scope.administration, kind) for kind in scope.contract_types}
    if len(found) > 1:
        raise InputError("These contract types count their wage periods differently: plan one export for each.")
    for one in (*found, usual):
        if one:
            return one.dates_of(year, number)
    raise InputError(
        f"Administration {scope.administration} has no wage period yet: set the start of the first period of the year.",
        command="`hub wage-period set`",
    )


def _placing(session: CompanySession, scope: Scope, provider: type[Provider]) -> Placing:
    inactive = {
        one.id for one in session.all(AdministrationRow, AdministrationRow.provider == scope.provider) if not one.active
    }
    payrolls, members = load_payrolls(session, provider), session.all(TeamMember)
    if payrolls.tells_people:
        linked = _linked(session, scope)
    else:
        linked = {one.id: (payrolls.employee(one.id, scope.administration),) for one in members}
    venues = session.all(VenueAssignment, VenueAssignment.provider == scope.provider)
    return Placing(
        administration=scope.administration,
        title=provider.title,
        linked=linked,
        host_types={one.id: ContractType(one.contract_type) if one.contract_type else None for one in members},
        venues={one.venue: Assignment(one.administration, one.cost_centre) for one in venues},
        contract_types=scope.contract_types,
        inactive=inactive,
        payrolls=payrolls,
        without_bsn={one.id for one in members if provider.needs_bsn and not one.bsn},
    )


def _linked(session: CompanySession, scope: Scope) -> dict[str, tuple[Employee, ...]]:
    """Return the employees of each team member, as payroll tells them."""
    linked: dict[str, tuple[Employee, ...]] = {}
    for row in session.all(EmployeeRow, EmployeeRow.provider == scope.provider, col(EmployeeRow.member).is_not(None)):
        if row.member:
            linked[row.member] = (*linked.get(row.member, ()), Employee.model_validate(row.body))
    return linked


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


__all__ = ["Basis", "Scope", "Ways", "calendar", "load"]
