"""Command: crashes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.output import Json, as_json, counted, progress, say, table, waits

if TYPE_CHECKING:
    from hub.testing.crashing import Crashes, Trial


def crashes(
    entries: Annotated[int, typer.Option(min=3, help="How many entries to export, three for each person.")] = 1500,
    kills: Annotated[int, typer.Option(min=0, help="How often to kill the worker while there is work left.")] = 30,
    latency_ms: Annotated[float, typer.Option(min=0, max=1000, help="How long payroll takes for an answer.")] = 50,
    database: Annotated[
        str, typer.Option(help="The URL of an empty database, such as a PostgreSQL; by default an SQLite file.")
    ] = "",
    seed: Annotated[int, typer.Option(help="The same seed draws the same moments and the same losses.")] = 1,
    provider: Annotated[str, typer.Option(help="Whose simulator to use.")] = "nmbrs",
    json: Json = False,
) -> None:
    """Kill the worker of an export again and again, and compare what payroll holds with what was approved."""
    from hub.testing.crashing import Telling, Trial, run_crashes

    trial = Trial(entries, kills, latency_ms, seed, provider, database)
    with progress("Killing") as tell:
        if not json:
            _announce(trial)
        found = run_crashes(trial, Telling(killed=lambda number: tell(number, kills)))
    as_json(asdict(found)) if json else _show(found)
    if not found.holds:
        waits(_wrong(found))


def _announce(trial: Trial) -> None:
    say("An export under fire", style="bold cyan")
    say(
        f"{counted(trial.people, 'person', 'people')} with three entries each go to a simulated {trial.provider} that "
        f"answers after {trial.latency_ms:g} ms and loses an answer now and then."
    )
    say(
        f"The worker that sends them is a process of its own. It is killed (SIGKILL) {trial.kills} times at random "
        "moments, and started again. This takes a minute or two."
    )


def _show(found: Crashes) -> None:
    say("\nWhat went wrong", style="bold cyan")
    moments = ", ".join(f"{number} {moment}" for moment, number in found.kills.items())
    say(f"The worker was killed {counted(sum(found.kills.values()), 'time')}{f': {moments}' if moments else ''}.")
    table(
        "Calls in doubt: sent, and it was not known whether payroll had done them",
        ("why", "calls", "found when reading back", "not there, so sent again"),
        [(one.cause, one.calls, one.found, one.absent) for one in found.doubts],
        ("calls", "found when reading back", "not there, so sent again"),
    )
    say("\nWhat payroll holds beside what was approved", style="bold cyan")
    numbers = ("approved", "in payroll", "double", "lost")
    rows = [(one.code, one.approved, one.in_payroll, one.double, one.lost) for one in found.codes]
    table("Entries per code", ("code", *numbers), [*rows, ("all", *_sums(rows))], numbers)
    states = ", ".join(f"{number} {state}" for state, number in found.states.items())
    say(f"In the hub: {states}; {found.white} of {counted(found.timecards, 'timecard')} turned white.")
    if found.holds:
        say(f"No double, none lost, nothing left in doubt. It took {found.seconds:.0f} seconds.", style="bold green")


def _sums(rows: list[tuple[str, int, int, int, int]]) -> list[int]:
    return [sum(numbers) for numbers in zip(*(row[1:] for row in rows), strict=True)]


def _wrong(found: Crashes) -> str:
    """Say in one sentence what is not as it must be."""
    double, lost = (sum(getattr(one, what) for one in found.codes) for what in ("double", "lost"))
    rest = ", ".join(f"{number} {state}" for state, number in found.states.items() if state != "verified")
    said = f" A worker said: {found.said}" if found.said else ""
    return (
        f"Payroll does not hold what was approved: {double} double, {lost} lost, not verified: {rest or 'none'}; the "
        f"maintainer of the hub must look why.{said}"
    )


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(crashes)
