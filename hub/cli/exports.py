"""Commands: validate, export plan, review, release, run, show, list and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import files
from hub.cli.output import (
    AdministrationId,
    Company,
    Json,
    ProviderName,
    amount,
    as_json,
    busy,
    clock,
    counted,
    opened,
    progress,
    say,
    table,
    waits,
    words,
)
from hub.cli.plans import held_sentence, show_cards, show_plan, show_run, unfinished
from hub.cli.words import choice, dates_or_period, one_of

if TYPE_CHECKING:
    from hub.export.listing import ExportView
    from hub.export.report import PlanView, RunView
    from hub.export.settings import ExportSettings
    from hub.models import ContractType

Period = Annotated[
    str, typer.Argument(metavar="PERIOD", help="A wage period, such as 2026-10, or dates: 2026-10-01/2026-10-31.")
]
Types = Annotated[
    list[str] | None, typer.Option("--contract-type", help="By default as hub export settings has it; may be repeated.")
]
Only = Annotated[
    str,
    typer.Option(help="Some of worked,surcharges,days,meals,allowances; by default as hub export settings has it."),
]
Past = Annotated[bool, typer.Option("--past-period", help="Permit changes in a period before payroll's current one.")]
Days = Annotated[str, typer.Option(help="Days that payroll holds already: ask, keep or overwrite.")]
PlanNumber = Annotated[int, typer.Argument(metavar="PLAN", help="The plan's number.")]
RunNumber = Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")]

_SHOWN = 50
"""The most exports that are listed to a person; JSON has them all."""


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
    asked = _asked(contract_type, only, "ask", past_period)
    asked |= dates_or_period(period)
    with opened() as hub:
        view = hub.validate(company, hub.scope(company, provider, administration, **asked))
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
    asked = _asked(contract_type, only, days, past_period)
    asked |= dates_or_period(period)
    with opened() as hub, busy("Planning"):
        view = hub.plan(company, hub.scope(company, provider, administration, **asked))
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


def _asked(types: list[str] | None, only: str, days: str, past: bool) -> dict[str, Any]:
    """Return what an export is asked to do beside its wage period, as `Hub.scope` takes it."""
    chosen = one_of(("ask", "keep", "overwrite"), days, "--days")
    return {"contract_types": _types(types), "groups": _groups(only), "past_period": past, "days": chosen}


def _types(types: list[str] | None) -> tuple[ContractType, ...]:
    from hub.models import ContractType

    return tuple(found for one in types or () if (found := choice(ContractType, one, "--contract-type")))


def _groups(only: str) -> tuple[str, ...]:
    from hub.timecards import GROUPS

    named = (one.strip() for one in only.split(","))
    return tuple(one_of(GROUPS, one, "--only") for one in named if one)


def release(
    plan: PlanNumber, by: Annotated[str, typer.Option("--by", help="The name of who releases it.")], json: Json = False
) -> None:
    """Release a plan in the name of a person; only then can it be run."""
    with opened() as hub:
        view = hub.release(hub.company_of_plan(plan), plan, by)
    as_json(view) if json else say(f"Plan {plan} is released by {view.released_by}. Run it with: hub export run {plan}")


def run(
    plan: PlanNumber,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everything in doubt has settled.")] = False,
    json: Json = False,
) -> None:
    """Carry a released plan out, or go on where its run stopped.

    What is in doubt is read back once its effect cannot come any more; until then nothing more is sent in that slot.
    """
    with opened() as hub, progress("Exporting") as tell:
        view = hub.run(hub.company_of_plan(plan), plan, progress=tell, wait=wait)
    _end(view, json)


def show(run: RunNumber, json: Json = False) -> None:
    """Show a run: counts per state, then what needs somebody, with the reason and what to do."""
    with opened() as hub:
        view = hub.show(hub.company_of_run(run), run)
    _end(view, json)


def list_exports(company: Company, json: Json = False) -> None:
    """List the plans of a company and their runs, newest first."""
    with opened() as hub:
        found = hub.exports(company)
    if json:
        as_json(found)
        return
    columns = ("plan", "made", "provider", "administration", "period", "released by", "run", "state", "entries")
    table("Exports", columns, [_export(one) for one in found[:_SHOWN]], ("plan", "run"))
    if len(found) > _SHOWN:
        say(f"… and {len(found) - _SHOWN} more; --json shows all.")


def _export(one: ExportView) -> tuple[object, ...]:
    entries = ", ".join(f"{number} {state}" for state, number in one.counts.items())
    made = clock(one.made_at)
    return (one.plan, made, one.provider, one.administration, one.period, one.released_by, one.run, one.state, entries)


def settings(
    company: Company,
    provider: ProviderName,
    contract_type: Annotated[
        list[str] | None, typer.Option(help="zero_hours, fixed_hours or freelance; may be repeated.")
    ] = None,
    only: Annotated[str, typer.Option(help="Some of worked,surcharges,days,meals,allowances.")] = "",
    corrections: Annotated[
        str, typer.Option(help="What was exported and changes: replace the row, send the delta, or manual.")
    ] = "",
    settle_minutes: Annotated[
        int | None, typer.Option(help="How long a lost answer may still take effect; 0 is as the provider says.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what a connection exports by default, or change it. People on salary are paid by their contract already."""
    changes: dict[str, object] = {
        "contract_types": _types(contract_type),
        "groups": _groups(only),
        "corrections": corrections and one_of(("replace", "delta", "manual"), corrections, "--corrections"),
    }
    changes = {name: value for name, value in changes.items() if value}
    if settle_minutes is not None:
        changes["settle_seconds"] = settle_minutes * 60 or None
    with opened() as hub:
        change = hub.change_export_settings(company, provider, changes) if changes else None
        now = change or hub.export_settings(company, provider)
    as_json(now) if json else _show_settings(now)


def reread(
    company: Company,
    provider: ProviderName,
    checked_by: Annotated[
        str, typer.Option(help="Where payroll takes a file: the name of who looked there what was imported.")
    ] = "",
    json: Json = False,
) -> None:
    """Read the open wage periods back: after a backup was put back, or to see what others did in payroll."""
    with opened() as hub, busy("Reading back"):
        found = hub.reread(company, provider, checked_by=checked_by)
    if json:
        as_json(found)
    else:
        say(f"{counted(found.slots, 'slot')} read back; entries that drifted: {len(found.drifted)}.")
        rows = [
            (slot.employee, slot.kind, f"{slot.period.year}-{slot.period.number}", row.code, row.id, amount(row.amount))
            for slot, row in ((one.slot, row) for one in found.unexplained for row in one.rows)
        ]
        if rows:
            columns = ("employee", "kind", "period", "code", "id in payroll", "amount")
            table("In payroll, and the hub has no record of it", columns, rows, ("amount",))
    if found.drifted or found.unexplained:
        waits(
            "An entry under the code of such a row, and one that drifted, wait for a decision: "
            f"hub decisions list {company}."
        )


def _show_settings(now: ExportSettings) -> None:
    settle = f"{now.settle_seconds / 60:g} minutes" if now.settle_seconds else "as the provider says"
    say(f"Contract types: {', '.join(words(one) for one in now.contract_types)}.")
    say(f"What goes out: {', '.join(now.groups)}.")
    say(f"What was exported and changes: {now.corrections}.")
    say(f"A lost answer may take effect for: {settle}.")


def _end(view: RunView, json: bool) -> None:
    as_json(view) if json else show_run(view)
    if unfinished(view):
        waits(unfinished(view))


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(validate)
    group = typer.Typer(help="Plan, release and run an export.", no_args_is_help=True)
    for command in (plan, review, release, run, show, settings, reread, *files.COMMANDS):
        group.command()(command)
    group.command("list")(list_exports)
    app.add_typer(group, name="export")
