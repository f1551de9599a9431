"""Commands: administrations, map, wage-period."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import WrongCommand
from hub.cli.output import (
    AdministrationId,
    Company,
    Json,
    ProviderName,
    amount,
    as_json,
    opened,
    say,
    table,
    words,
)
from hub.cli.words import cents, choice, one_of
from hub.errors import InputError

if TYPE_CHECKING:
    from hub.models import PeriodType
    from hub.periods import Calendar, Week53

Venue = Annotated[str, typer.Argument(metavar="VENUE", help="The venue's id in the host platform.")]
Component = Annotated[
    str, typer.Argument(metavar="[COMPONENT]", help="worked, meals, surcharge:NAME or allowance:NAME.")
]
CodeNumber = Annotated[str, typer.Argument(metavar="[CODE]", help="The provider's code.")]
FirstStart = Annotated[
    datetime,
    typer.Argument(metavar="FIRST_START", formats=["%Y-%m-%d"], help="Start of the year's first period."),
]


def administrations(company: Company, provider: ProviderName, json: Json = False) -> None:
    """List the administrations that a connection reaches, with their venues."""
    with opened() as hub:
        found = hub.administrations(company, provider)
        missing = hub.unassigned_venues(company, provider)
    if json:
        as_json(
            {
                "administrations": [
                    {**one.body.model_dump(mode="json"), "active": one.active, "venues": one.venues} for one in found
                ],
                "unassigned_venues": missing,
            }
        )
        return
    centres = {centre.id: centre.code for one in found for centre in one.body.cost_centres}
    rows = []
    for one in found:
        venues = ", ".join(f"{venue} ({centres.get(c, c)})" if c else venue for venue, c in one.venues.items())
        known = ", ".join(f"{centre.code} {centre.title}" for centre in one.body.cost_centres)
        in_use = "yes" if one.active else "no"
        rows.append((one.body.id, one.body.name, in_use, words(one.body.period_type), venues, known))
    table("Administrations", ("id", "name", "in use", "wage period", "venues", "cost centres"), rows)
    if missing:
        say(f"Not assigned yet: {', '.join(missing)}")


def assign(
    company: Company,
    provider: ProviderName,
    venue: Venue,
    administration: AdministrationId,
    cost_centre: Annotated[str | None, typer.Option(help="The cost centre, by code or id.")] = None,
) -> None:
    """Assign a venue to an administration and a cost centre."""
    with opened() as hub:
        hub.assign_venue(company, provider, venue, administration, cost_centre)
    centre = f", cost centre {cost_centre}" if cost_centre else ""
    say(f"The hours at {venue} go to administration {administration}{centre}.")


def activate(company: Company, provider: ProviderName, administration: AdministrationId) -> None:
    """Take an administration in use."""
    with opened() as hub:
        hub.use_administration(company, provider, administration, True)
    say(f"Administration {administration} is in use.")


def deactivate(company: Company, provider: ProviderName, administration: AdministrationId) -> None:
    """Leave an administration alone: no people come in from it and no hours go out to it."""
    with opened() as hub:
        hub.use_administration(company, provider, administration, False)
    say(f"Administration {administration} is inactive.")


def map_(
    company: Company,
    provider: ProviderName,
    component: Component = "",
    code: CodeNumber = "",
    kind: Annotated[str, typer.Option(help="hours or wage, where a code is both.")] = "",
    rate: Annotated[str | None, typer.Option(help="Euro a piece, for pieces under a wage code, such as 4.05.")] = None,
    administration: Annotated[str, typer.Option(help="Only for this administration.")] = "",
    json: Json = False,
) -> None:
    """Map a component to a code; without one, show the mapping, what is unmapped, and the codes of payroll."""
    if component and not code:
        raise WrongCommand("A component needs a code: `hub map COMPANY PROVIDER` shows the codes of payroll.")
    booked_as = kind and one_of(("hours", "wage"), kind, "--kind")
    piece = None if rate is None else cents(rate, "--rate")
    with opened() as hub:
        if component:
            from hub.administrations import Booking

            hub.map(company, provider, Booking(component, code, booked_as, piece, administration))
        rows = hub.mappings(company, provider)
        unmapped = hub.unmapped(company, provider)
        codes = sorted(
            {(c.kind, c.code, c.title) for a in hub.administrations(company, provider) for c in a.body.codes}
        )
    if json:
        as_json({"mapping": [row.model_dump(exclude={"company_id"}) for row in rows], "unmapped": unmapped})
        return
    shown = [(one, "not mapped yet", "", "", "") for one in unmapped]
    shown += [(row.component, row.code, row.kind, amount(row.rate), row.administration or "all") for row in rows]
    table("Components", ("component", "code", "kind", "rate", "administration"), shown)
    if not component:
        table("Codes in payroll", ("kind", "code", "title"), codes)


def set_period(
    company: Company,
    provider: ProviderName,
    administration: AdministrationId,
    first_start: FirstStart,
    type_: Annotated[str, typer.Option("--type", help="month, four_weeks or week; by default as payroll has it.")] = "",
    week53: Annotated[str, typer.Option(help="in_13 or own_period, for four weeks; by default the provider's.")] = "",
    contract_type: Annotated[str, typer.Option(help="zero_hours, fixed_hours or freelance; by default all.")] = "",
) -> None:
    """Set how wage periods are counted: from the start of the first period of the year."""
    from hub.models import ContractType, PeriodType
    from hub.periods import Week53
    from hub.registry import find

    kind = choice(ContractType, contract_type, "--contract-type")
    with opened() as hub:
        body = {one.body.id: one.body for one in hub.administrations(company, provider)}.get(administration)
        length = choice(PeriodType, type_, "--type") or (body.period_type if body else None) or PeriodType.MONTH
        rule = choice(Week53, week53 or find(provider, hub.process.providers).week53 or "", "--week53")
        hub.set_wage_period(company, provider, administration, _calendar(length, first_start.date(), rule), kind)
    say(f"The wage periods of {administration} count from {first_start.date()}, per {words(length)}.")


def _calendar(length: PeriodType, first_start: date, week53: Week53 | None) -> Calendar:
    from pydantic import ValidationError

    from hub.models import PeriodType
    from hub.periods import Calendar

    four = length is PeriodType.FOUR_WEEKS
    if four and week53 is None:
        raise WrongCommand("Say where week 53 goes: --week53 in_13 or --week53 own_period.")
    try:
        return Calendar(type=length, first_start=first_start, week53=week53 if four else None)
    except ValidationError as error:
        said = error.errors(include_url=False, include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise InputError(f"The wage periods cannot be counted so: {said}.") from None


def list_periods(
    company: Company,
    provider: ProviderName,
    administration: AdministrationId,
    year: Annotated[int | None, typer.Option(help="By default this year.")] = None,
    json: Json = False,
) -> None:
    """List the wage periods of a year."""
    with opened() as hub:
        periods = hub.wage_periods(company, provider, administration, year or hub.today.year)
    if json:
        as_json(periods)
        return
    rows = [(f"{one.year}-{one.number}", one.start, one.end, (one.end - one.start).days + 1) for one in periods]
    table(f"Wage periods of {administration}", ("period", "from", "to", "days"), rows, ("period", "from", "to", "days"))


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="The administrations of a connection and their venues.", no_args_is_help=True)
    group.command("list")(administrations)
    for command in (assign, activate, deactivate):
        group.command()(command)
    app.add_typer(group, name="administrations")
    app.command("map")(map_)
    periods = typer.Typer(help="How wage periods are counted.", no_args_is_help=True)
    periods.command("set")(set_period)
    periods.command("list")(list_periods)
    app.add_typer(periods, name="wage-period")
