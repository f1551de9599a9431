"""What a company sets per connection: administrations and venues, component → code, the counting of wage periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from hub.errors import InputError
from hub.export.planning.basis import calendar
from hub.intake.shapes import COMPONENT, Unit
from hub.models import Administration, Code, ContractType, Kind, PeriodType, WagePeriod
from hub.periods import Calendar
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Mapping, VenueAssignment, WagePeriodSetting
from hub.store.people import TeamMember, Timecard
from hub.store.session import CompanySession
from hub.timecards import Rule, misfit


@dataclass(frozen=True)
class Reached:
    """An administration that a connection reaches, whether it is in use, and the venues that belong to it."""

    body: Administration
    active: bool
    venues: dict[str, str | None]


def reached(session: CompanySession, provider: str) -> tuple[Reached, ...]:
    """Return the administrations of a connection with their venues (venue → cost centre id)."""
    venues = session.all(VenueAssignment, VenueAssignment.provider == provider)
    return tuple(
        Reached(
            Administration.model_validate(row.body),
            row.active,
            {one.venue: one.cost_centre for one in venues if one.administration == row.id},
        )
        for row in session.all(AdministrationRow, AdministrationRow.provider == provider)
    )


def administration(session: CompanySession, provider: str, one: str) -> tuple[AdministrationRow, Administration]:
    """Return an administration's row and model. Raises `InputError` if it is not reached."""
    row = session.find(AdministrationRow, provider, one)
    if row is None:
        known = ", ".join(each.id for each in session.all(AdministrationRow, AdministrationRow.provider == provider))
        raise InputError(f"{provider} has no administration {one} for {session.company}; it has: {known or 'none'}.")
    return row, Administration.model_validate(row.body)


def switch(session: CompanySession, provider: str, one: str, active: bool, actor: str) -> None:
    """Take an administration in use, or leave it alone from now on."""
    row, _ = administration(session, provider, one)
    row.active = active
    session.add(row)
    session.audit(actor, "administration active" if active else "administration inactive", f"{provider} {one}")


def assign(session: CompanySession, provider: str, venue: str, one: str, centre: str | None, actor: str) -> None:
    """Assign a venue to an administration and a cost centre, given by its id or by the code that people know."""
    _, body = administration(session, provider, one)
    found = [each.id for each in body.cost_centres if centre in (each.id, each.code)] if centre else [None]
    if len(found) != 1:
        known = ", ".join(each.code or each.id for each in body.cost_centres) or "none"
        raise InputError(f"Administration {one} has no cost centre {centre}; it has: {known}.")
    row = session.find(VenueAssignment, provider, venue) or VenueAssignment(
        company_id=session.company, provider=provider, venue=venue, administration=one
    )
    row.administration, row.cost_centre = one, found[0]
    session.add(row)
    session.audit(actor, "venue assigned", f"venue {venue}", administration=one, cost_centre=found[0])


@dataclass(frozen=True)
class Booking:
    """Where a component is to be booked. `rate` is in euro cents a piece; an empty `kind` is found by the code.

    An empty `administration` means all.
    """

    component: str
    code: str
    kind: str = ""
    rate: int | None = None
    administration: str = ""


def map_component(session: CompanySession, provider: str, booking: Booking, actor: str) -> Mapping:
    """Map a component to a code.

    Raises `InputError` where no administration has the code, both kinds have it, or it cannot hold the component.
    """
    unit = _unit(booking.component)
    if booking.administration:
        administration(session, provider, booking.administration)
    rule = Rule(_kind(session, provider, booking), booking.code, booking.rate)
    problem = misfit(unit, rule) or _needless_rate(unit, rule)
    if problem:
        raise InputError(f"{booking.component} cannot be booked under {booking.code}: {problem}.")
    _check_one_kind(session, provider, booking, rule)
    row = session.find(Mapping, provider, booking.administration, booking.component) or Mapping(
        company_id=session.company,
        provider=provider,
        administration=booking.administration,
        component=booking.component,
        kind=rule.kind,
        code=rule.code,
    )
    row.kind, row.code, row.rate = rule
    session.add(row)
    session.audit(actor, "component mapped", booking.component, code=rule.code, kind=rule.kind)
    return row


def _check_one_kind(session: CompanySession, provider: str, booking: Booking, rule: Rule) -> None:
    """Refuse one code for hours and for money: where codes are words of the company's own, a file adds them up."""
    if not any(one.body.any_code for one in reached(session, provider)):
        return
    others = session.all(Mapping, Mapping.provider == provider, Mapping.code == booking.code)
    if any(one.kind != rule.kind and one.component != booking.component for one in others):
        raise InputError(f"{booking.code} is used for another kind of amount already: take another word.")


def _kind(session: CompanySession, provider: str, booking: Booking) -> Kind:
    """Look a code up in the administrations that it is for; each must have it under one kind."""
    found = [one.body for one in reached(session, provider) if booking.administration in ("", one.body.id)]
    known = [code for body in found for code in body.codes]
    kinds = {code.kind for code in known if code.code == booking.code and booking.kind in ("", code.kind)}
    if len(kinds) == 1:
        return kinds.pop()
    if not kinds and any(body.any_code for body in found):
        return Kind(booking.kind) if booking.kind else _usual_kind(booking.component)
    problem = "is both an hour code and a wage code: add --kind" if kinds else "is not a code in payroll"
    raise InputError(f"{booking.code} {problem}. Known: {_listed(known)}.")


def _usual_kind(component: str) -> Kind:
    """Return what a component is under a code of the company's own: money, or a number of hours or pieces."""
    return Kind.WAGE if _unit(component) is Unit.CENTS else Kind.HOURS


def _needless_rate(unit: Unit, rule: Rule) -> str:
    """Refuse a rate that would be ignored: whoever gives one expects it to be paid."""
    if rule.rate is None or (unit is Unit.PIECES and rule.kind is Kind.WAGE):
        return ""
    return "an amount a piece (--rate) is for pieces under a wage code only"


def _unit(component: str) -> Unit:
    if component == "worked":
        return Unit.MINUTES
    if not COMPONENT.fullmatch(component):
        raise InputError(f"{component} is no component: use worked, meals, surcharge:NAME or allowance:NAME.")
    return {"surcharge": Unit.MINUTES, "allowance": Unit.CENTS}.get(component.partition(":")[0], Unit.PIECES)


def _listed(codes: list[Code]) -> str:
    return ", ".join(sorted({f"{one.code} {one.title} ({one.kind})" for one in codes})) or "none"


def unmapped(session: CompanySession, provider: str) -> tuple[str, ...]:
    """Return the components that timecards hold and that have no code yet."""
    rows = session.exec(select(Timecard.amounts).where(col(Timecard.deleted).is_(False)))
    used = {"worked", *(one["component"] for amounts in rows for one in amounts)}
    return tuple(sorted(used - {row.component for row in session.all(Mapping, Mapping.provider == provider)}))


def unassigned_venues(session: CompanySession, provider: str) -> tuple[str, ...]:
    """Return the venues that team members or timecards name and that are not assigned yet."""
    known = {row.venue for row in session.all(VenueAssignment, VenueAssignment.provider == provider)}
    named = {*session.exec(select(Timecard.venue).distinct()), *session.exec(select(TeamMember.venue).distinct())}
    return tuple(sorted(named - known - {""}))


def set_wage_period(
    session: CompanySession, provider: str, one: str, counted: Calendar, contract_type: ContractType | None, actor: str
) -> None:
    """Set how wage periods are counted. Raises `InputError` where the provider counts another length."""
    _, body = administration(session, provider, one)
    if body.period_type and counted.type is not body.period_type:
        raise InputError(
            f"{body.name} is paid per {_words(body.period_type)} in payroll, not per {_words(counted.type)}."
        )
    key = (provider, one, contract_type or "")
    row = session.find(WagePeriodSetting, *key) or WagePeriodSetting(
        company_id=session.company,
        provider=provider,
        administration=one,
        contract_type=contract_type or "",
        type=counted.type,
        first_start=counted.first_start,
    )
    row.type, row.first_start, row.week53 = counted.type, counted.first_start, counted.week53
    session.add(row)
    detail = {"type": counted.type, "first_start": counted.first_start.isoformat(), "contract_type": contract_type}
    session.audit(actor, "wage period set", f"{provider} {one}", **detail)


def _words(kind: PeriodType) -> str:
    return kind.replace("_", " ")


def wage_periods(session: CompanySession, provider: str, one: str, year: int) -> tuple[WagePeriod, ...]:
    """Return the wage periods of a year. Raises `InputError` if none were set."""
    administration(session, provider, one)
    found = calendar(session, provider, one)
    if found is None:
        raise InputError(f"Administration {one} has no wage period yet: set it.", command="`hub wage-period set`")
    return found.periods_of(year)


def period_on(session: CompanySession, provider: str, one: str, day: date) -> WagePeriod | None:
    """Return the wage period that a day falls in, or None where none were set."""
    found = calendar(session, provider, one)
    return found.period_of(day) if found else None


def mappings(session: CompanySession, provider: str) -> list[Mapping]:
    """Return the mapping of components to codes."""
    return session.all(Mapping, Mapping.provider == provider)
