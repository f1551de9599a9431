"""Commands: validate, export plan, review, release, run and show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.output import (
    AdministrationId,
    Company,
    Json,
    ProviderName,
    as_json,
    busy,
    counted,
    opened,
    progress,
    say,
    waits,
)
from hub.cli.plans import held_sentence, show_cards, show_plan, show_run, unfinished
from hub.cli.words import choice, one_of, year_and_number

if TYPE_CHECKING:
    from hub.export.basis import Scope
    from hub.export.report import PlanView, RunView

Period = Annotated[str, typer.Argument(metavar="PERIOD", help="Year and number of the wage period, such as 2026-10.")]
Types = Annotated[list[str] | None, typer.Option("--contract-type", help="By default zero_hours; may be repeated.")]
Only = Annotated[str, typer.Option(help="Some of worked,surcharges,days,meals,allowances; by default all.")]
Past = Annotated[bool, typer.Option("--past-period", help="Permit changes in a period before payroll's current one.")]
Days = Annotated[str, typer.Option(help="Days that payroll holds already: ask, keep or overwrite.")]
PlanNumber = Annotated[int, typer.Argument(metavar="PLAN", help="The plan's number.")]
RunNumber = Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")]


def validate(
    company: Company,
    provider: ProviderName,
    administration: AdministrationId,
    period: Period,
    contract_type: Types = None,
    only: Only = "",
    past_period: Past = False,
    json: Json = False,
) -> None:
    """Say what an export would refuse, without calling payroll."""
    scope = _scope(provider, administration, period, contract_type, only, past_period, "ask")
    with opened() as hub:
        view = hub.validate(company, scope)
    if json:
        as_json({"held": view.held, "left": view.left, "warnings": view.warnings, "timecards": view.timecards})
    else:
        cards = counted(view.timecards, "timecard")
        say(f"{cards} can go out; held: {len(view.held)}; left: {len(view.left)}.")
        show_cards(view)
    if view.held:
        waits(held_sentence(view))


def plan(
    company: Company,
    provider: ProviderName,
    administration: AdministrationId,
    period: Period,
    contract_type: Types = None,
    only: Only = "",
    past_period: Past = False,
    days: Days = "ask",
    json: Json = False,
) -> None:
    """Work out what an export would do and keep it as a plan. Changes nothing in payroll."""
    scope = _scope(provider, administration, period, contract_type, only, past_period, days)
    with opened() as hub, busy("Planning"):
        view = hub.plan(company, scope)
    _show(view, json)
    if view.held:
        waits(held_sentence(view))


def review(plan: PlanNumber, json: Json = False) -> None:
    """Show a plan again, for who is to release it."""
    with opened() as hub:
        view = hub.review(hub.company_of_plan(plan), plan)
    _show(view, json)


def _show(view: PlanView, json: bool) -> None:
    if json:
        as_json(view)
        return
    show_plan(view)
    if view.released_by:
        say(f"Released by {view.released_by}. Run it with: hub export run {view.id}")
    elif view.lines:
        say(f"Release it with: hub export release {view.id} --by NAME")


def _scope(
    provider: str, administration: str, period: str, types: list[str] | None, only: str, past: bool, days: str
) -> Scope:
    from hub.export.basis import Scope
    from hub.models import ContractType
    from hub.timecards import GROUPS

    year, number = year_and_number(period)
    groups = tuple(one.strip() for one in only.split(",") if one.strip()) or GROUPS
    kinds = tuple(found for one in types or () if (found := choice(ContractType, one, "--contract-type")))
    return Scope(
        provider=provider,
        administration=administration,
        year=year,
        number=number,
        contract_types=kinds or (ContractType.ZERO_HOURS,),
        groups=tuple(one_of(GROUPS, group, "--only") for group in groups),
        past_period=past,
        days=one_of(("ask", "keep", "overwrite"), days, "--days"),
    )


def release(
    plan: PlanNumber, by: Annotated[str, typer.Option("--by", help="The name of who releases it.")], json: Json = False
) -> None:
    """Release a plan in the name of a person; only then can it be run."""
    with opened() as hub:
        view = hub.release(hub.company_of_plan(plan), plan, by)
    as_json(view) if json else say(f"Plan {plan} is released by {view.released_by}. Run it with: hub export run {plan}")


def run(plan: PlanNumber, json: Json = False) -> None:
    """Carry a released plan out, or go on where its run stopped."""
    with opened() as hub, progress("Exporting") as tell:
        view = hub.run(hub.company_of_plan(plan), plan, progress=tell)
    _end(view, json)


def show(run: RunNumber, json: Json = False) -> None:
    """Show a run: counts per state, each entry, what is refused or in doubt and what to do."""
    with opened() as hub:
        view = hub.show(hub.company_of_run(run), run)
    _end(view, json)


def _end(view: RunView, json: bool) -> None:
    as_json(view) if json else show_run(view)
    if unfinished(view):
        waits(unfinished(view))


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(validate)
    group = typer.Typer(help="Plan, release and run an export.", no_args_is_help=True)
    for command in (plan, review, release, run, show):
        group.command()(command)
    app.add_typer(group, name="export")
