"""Commands: validate, export plan, release, run and show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import WAITING
from hub.cli.output import (
    AdministrationId,
    Company,
    Json,
    ProviderName,
    amount,
    as_json,
    busy,
    opened,
    progress,
    say,
    table,
)
from hub.cli.words import choice, year_and_number
from hub.errors import InputError

if TYPE_CHECKING:
    from hub.export.basis import Scope
    from hub.export.report import FindingView, LineView, PlanView, RunView

Period = Annotated[str, typer.Argument(help="Year and number of the wage period, such as 2026-10.")]
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
        say(f"{view.timecards} timecards can go out, {len(view.held)} are held, {len(view.left)} stay.")
        show_cards(view)
    if view.held:
        raise typer.Exit(WAITING)


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
    if json:
        as_json(view)
        return
    show_plan(view)
    if view.lines:
        say(f"Release it with: hub export release {view.id} --by NAME")


def _scope(
    provider: str, administration: str, period: str, types: list[str] | None, only: str, past: bool, days: str
) -> Scope:
    from hub.export.basis import Scope
    from hub.models import ContractType
    from hub.timecards import GROUPS

    year, number = year_and_number(period)
    groups = tuple(one.strip() for one in only.split(",") if one.strip()) or GROUPS
    if not set(groups) <= set(GROUPS):
        raise InputError(f"--only takes {', '.join(GROUPS)}.")
    if days not in ("ask", "keep", "overwrite"):
        raise InputError("--days takes ask, keep or overwrite.")
    kinds = tuple(found for one in types or () if (found := choice(ContractType, one, "--contract-type")))
    return Scope(
        provider=provider,
        administration=administration,
        year=year,
        number=number,
        contract_types=kinds or (ContractType.ZERO_HOURS,),
        groups=groups,
        past_period=past,
        days=days,
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
    if view.state != "done":
        raise typer.Exit(WAITING)


def show_plan(view: PlanView) -> None:
    """Show a plan to a person."""
    table(
        f"Plan {view.id}: {view.provider} {view.administration}, wage period {view.period}",
        ("nr", "employee", "kind", "code", "cost centre", "to send", "sent before", "in payroll", "", "cards"),
        [_line(one) for one in view.lines],
        ("to send", "sent before", "in payroll", "cards"),
    )
    totals = ", ".join(f"{code} {amount(total)}" for code, total in view.totals.items())
    say(f"{view.timecards} timecards in {len(view.lines)} entries; {view.already} were exported already.")
    say(f"To send: {totals or 'nothing'}.")
    show_cards(view)


def _line(one: LineView) -> tuple[object, ...]:
    sent, before = amount(one.amount), amount(one.before)
    held = "" if one.payroll is None else amount(one.payroll)
    return (one.number, one.name, one.kind, one.code, one.cost_centre, sent, before, held, one.state, one.timecards)


def show_cards(view: PlanView) -> None:
    """Show the cards that do not go out and why."""
    for one in view.warnings:
        say(f"Look at this: {one.text}. {one.action}")
    if view.held:
        columns = ("timecard", "team member", "why", "what to do")
        table("Held: these wait for somebody", columns, [_card(one) for one in view.held])
    if view.left:
        table("Left: these rightly stay", ("timecard", "team member", "why"), [_card(one)[:3] for one in view.left])


def _card(one: FindingView) -> tuple[str, str, str, str]:
    return one.finding.timecard, one.name or one.finding.member, one.finding.text, one.finding.action


def show_run(view: RunView) -> None:
    """Show a run to a person."""
    counts = ", ".join(f"{number} {state}" for state, number in view.counts.items()) or "no entries"
    say(f"Run {view.id} of plan {view.plan}: {view.state}. Entries: {counts}.")
    say(f"Timecards turned white: {len(view.white)}.")
    if view.paused:
        say(f"It stopped: {view.paused}")
    rest = [one for one in view.entries if one.state != "confirmed"]
    if rest:
        table(
            "Entries that are not confirmed",
            ("nr", "employee", "code", "amount", "state", "why", "what to do"),
            [(o.number, o.name, o.code, amount(o.amount), o.state, o.reason, o.action) for o in rest],
            ("amount",),
        )
    if view.in_part:
        say(f"Confirmed in part only: {', '.join(view.in_part)}")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(validate)
    group = typer.Typer(help="Plan, release and run an export.", no_args_is_help=True)
    for command in (plan, release, run, show):
        group.command()(command)
    app.add_typer(group, name="export")
