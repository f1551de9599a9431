"""What a plan is made from: everything the store knows of one administration and wage period, read in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col

from hub.connection import Connection
from hub.errors import InputError
from hub.export.planning.cards import load_cards
from hub.export.planning.placing import Assignment, Placing
from hub.export.planning.posted import Posted, elsewhere, load_posted
from hub.export.scope import Scope
from hub.export.settings import Corrections, export_settings
from hub.models import Administration, ContractType, Employee, Kind, PeriodType, WagePeriod
from hub.periods import Calendar, Week53
from hub.provider import Capability
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Mapping as MappingRow
from hub.store.companies import VenueAssignment, WagePeriodSetting
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.session import CompanySession
from hub.timecards import Card, Rule


@dataclass(frozen=True)
class Ways:
    """How this connection can correct what was exported for the period.

    `corrections` is the company's choice. The period is `open`, or a correction is booked in `next_open`, where there
    is one. `replaces` and `withdraws` are the kinds of which rows can be changed and taken away.
    """

    corrections: Corrections = "replace"
    open: bool = True
    next_open: WagePeriod | None = None
    replaces: frozenset[Kind] = frozenset()
    withdraws: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Basis:
    """The store's knowledge for one scope.

    `cards` are those of the period, and those that were posted in it wherever they are now, deleted ones too. `white`
    were exported at their revision; `elsewhere` were exported, in part at least or perhaps, in another administration,
    period or connection. `posted` is what was posted before, `ways` how that can be corrected.
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


def load(session: CompanySession, scope: Scope, connection: Connection) -> Basis:
    """Read the basis of a plan. Raises `InputError` for an unknown or inactive administration or period."""
    row = session.need(
        AdministrationRow, f"Administration {scope.administration}", scope.provider, scope.administration
    )
    if not row.active:
        raise InputError(f"Administration {row.id} is inactive: activate it with `hub administrations activate`.")
    administration = Administration.model_validate(row.body)
    period = _period(session, scope, scope.year, scope.number)
    posted = load_posted(session, scope)
    cards = load_cards(session, period, posted.cards)
    return Basis(
        scope=scope,
        administration=administration,
        period=period,
        cards=tuple(cards),
        white=frozenset(one.id for one in cards if one.white),
        elsewhere=elsewhere(session, scope, period, cards),
        placing=_placing(session, scope, connection.provider.title),
        rules=_rules(session, scope, administration),
        posted=posted,
        ways=_ways(session, scope, administration, connection),
    )


def _ways(session: CompanySession, scope: Scope, administration: Administration, connection: Connection) -> Ways:
    current = (administration.current_year, administration.current_number)
    year, number = current
    known = year is not None and number is not None
    is_open = not known or (scope.year, scope.number) >= current or scope.past_period
    readable = connection.can(Capability.READ_BACK)  # else nobody could see what became of a change
    return Ways(
        corrections=export_settings(session, scope.provider).corrections,
        open=is_open,
        next_open=None if is_open or year is None or number is None else _period(session, scope, year, number),
        replaces=frozenset(kind for kind in Kind if readable and connection.can(Capability.to_replace(kind))),
        withdraws=frozenset(kind for kind in Kind if readable and connection.can(Capability.to_withdraw(kind))),
    )


def calendar(session: CompanySession, provider: str, administration: str, contract_type: str = "") -> Calendar | None:
    """Return how wage periods are counted for a contract type, or for all where it has no setting of its own."""
    for kind in (contract_type, ""):
        row = session.find(WagePeriodSetting, provider, administration, kind)
        if row:
            week53 = Week53(row.week53) if row.week53 else None
            return Calendar(type=PeriodType(row.type), first_start=row.first_start, week53=week53)
    return None


def _period(session: CompanySession, scope: Scope, year: int, number: int) -> WagePeriod:
    found = {calendar(session, scope.provider, scope.administration, kind) for kind in scope.contract_types}
    if len(found) > 1:
        raise InputError("These contract types count their wage periods differently: plan one export for each.")
    for one in found:
        if one:
            return one.dates_of(year, number)
    raise InputError(
        f"Administration {scope.administration} has no wage period yet: set the start of the first period of the year "
        "with `hub wage-period set`."
    )


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


__all__ = ["Basis", "Scope", "Ways", "calendar", "load"]
