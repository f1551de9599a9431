"""Command: demo."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.connecting import show_administrations
from hub.cli.files import show_file
from hub.cli.output import Json, as_json, counted, say, table, waits

if TYPE_CHECKING:
    from hub.demo import Outcome, Telling
    from hub.filing import HandedOver
    from hub.intake.keep import Kept
    from hub.models import Activation
    from hub.workforce import SyncPlan


def demo(
    provider: Annotated[str, typer.Option(help="The provider to show, or all in one company.")] = "nmbrs",
    json: Json = False,
) -> None:
    """Do the main job on this machine: switch on, people in, approved hours out, timecards white."""
    from hub.demo import Telling, run_demo

    outcome = run_demo(provider, Telling() if json else _telling())
    if json:
        as_json(asdict(outcome))
    else:
        _show_outcome(provider, outcome)
    if outcome.entries_confirmed != outcome.entries_planned:
        waits("Not every entry was confirmed: the maintainer of the hub must look why.")


def _show_outcome(provider: str, outcome: Outcome) -> None:
    if outcome.remote:
        _show_remote(provider if provider != "all" else "payroll", outcome.remote)
    say(
        f"\n{outcome.employees_synced} employees synced; {outcome.entries_confirmed} of {outcome.entries_planned} "
        f"entries confirmed; {outcome.timecards_exported} timecards turned white, "
        f"{len(outcome.timecards_left)} did not."
    )


def _telling() -> Telling:
    from hub.cli.plans import show_plan, show_run
    from hub.demo import Telling

    steps = iter(range(1, 100))

    def step(text: str) -> None:
        say(f"\n{next(steps)}. {text}", style="bold cyan")

    return Telling(
        step=step,
        activated=_activated,
        synced=_synced,
        stored=_stored,
        planned=show_plan,
        ran=show_run,
        filed=_filed,
    )


def _filed(handed: HandedOver, rows: list[list[str]]) -> None:
    show_file(handed)
    table("The rows of the file", rows[0], rows[1:], rows[0][-1:])


def _activated(result: Activation) -> None:
    show_administrations(result)
    if not result.rights:
        return
    granted = sum(right.state == "granted" for right in result.rights)
    say(f"{granted} of {len(result.rights)} rights that the link needs are there.")


def _stored(what: str, kept: Kept) -> None:
    say(f"Stored {kept.new} {what}.")


def _synced(plan: SyncPlan) -> None:
    counts = ", ".join(f"{number} {step}" for step, number in plan.counts.items())
    say(f"{counted(len(plan.people), 'employee')}: {counts}.")
    unusual = [
        (one.employee.name, one.step, one.why) for one in plan.people if one.step in ("conflict", "ended", "former")
    ]
    table("For a person to look at", ("employee", "step", "why"), unusual)


def _show_remote(provider: str, remote: dict[str, Any]) -> None:
    say(f"\nWhat {provider} now holds", style="bold cyan")
    totals: dict[str, list[float]] = {}
    for row in remote.get("rows", []):
        label = f"{row['kind']} {row['code'] or ''}".strip()
        totals.setdefault(label, []).append(float(row["amount"]))
    rows = [(label, len(amounts), f"{sum(amounts):.2f}") for label, amounts in sorted(totals.items())]
    table("Per code", ("code", "rows", "total"), rows, ("rows", "total"))


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)
