"""Commands: export file, outcome and copy, for payroll that imports a file; and the deletion of old ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
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
    busy,
    counted,
    opened,
    say,
    table,
)
from hub.cli.words import dates_or_period

if TYPE_CHECKING:
    from hub.filing import HandedOver

RunNumber = Annotated[int, typer.Argument(metavar="RUN", help="The run's number.")]
Folder = Annotated[
    Path, typer.Option("-o", "--output", help="The folder to write into.", file_okay=False, exists=True, writable=True)
]


def file(run: RunNumber, output: Folder = Path(), json: Json = False) -> None:
    """Write the file of a run, with its receipt, and hand it over: its timecards turn white."""
    with opened() as hub, busy("Writing"):
        handed = hub.fetch(hub.company_of_run(run), run, output)
    if json:
        as_json(handed)
        return
    show_file(handed)
    done = counted(handed.entries, "entry was", "entries were")
    say(f"{done} handed over." if handed.entries else "It was handed over before: this is the same run again.")
    say(f"When payroll has taken it: hub export outcome {run} --imported --by NAME (or --rejected --reason TEXT).")


def show_file(handed: HandedOver) -> None:
    """Show a file by its receipt, which names nobody."""
    one = handed.receipt
    say(f"{handed.file}: {counted(one.rows, 'row')} of {counted(one.people, 'person', 'people')}.")
    rows = [(code, amount(total)) for code, total in one.sums.items()]
    table("Per code", ("code", "total"), rows, ("total",))
    say(f"Layout {one.layout} {one.layout_version} ({one.layout_status}); SHA-256 {one.sha256}.")
    if one.warning:
        say(f"Look at this: {one.warning}")
    if one.copy_of_runs:
        say(f"This is a copy of what went out in run {', '.join(map(str, one.copy_of_runs))}: nothing was changed.")


def outcome(
    run: RunNumber,
    by: Annotated[str, typer.Option("--by", help="The name of who tells it.")],
    imported: Annotated[bool, typer.Option("--imported", help="Payroll imported the file.")] = False,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Payroll rejected it: its cards are green again.")
    ] = False,
    reason: Annotated[str, typer.Option(help="What payroll said of it.")] = "",
    json: Json = False,
) -> None:
    """Tell what payroll said of the file of a run."""
    if imported == rejected:
        raise WrongCommand("Give one of the two: --imported or --rejected.")
    with opened() as hub:
        company = hub.company_of_run(run)
        tell = hub.file_imported if imported else partial(hub.file_rejected, reason=reason)
        entries = tell(company, run, by)
    said = "imported" if imported else "rejected"
    if json:
        as_json({"run": run, "outcome": said, "entries": entries})
    else:
        more = "" if imported else " Its timecards are green again: make a new plan."
        say(f"{counted(entries, 'entry was', 'entries were')} {said} by payroll.{more}")


def copy(
    company: Company,
    provider: ProviderName,
    administration: AdministrationId,
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2026-10, or 2026-10-01/2026-10-31.")],
    output: Folder = Path(),
    json: Json = False,
) -> None:
    """Write everything that went out for some dates into one file again, marked as a copy. Changes nothing."""
    asked = dates_or_period(period)
    with opened() as hub, busy("Writing"):
        handed = hub.copy_file(company, hub.scope(company, provider, administration, **asked), output)
    as_json(handed) if json else show_file(handed)


def delete_old_files(company: Company, json: Json = False) -> None:
    """Delete the files that were kept for HUB_FILE_DAYS days (30); their receipts stay."""
    with opened() as hub:
        deleted = hub.delete_old_files(company)
    as_json({"deleted": deleted}) if json else say(f"{counted(deleted, 'file was', 'files were')} deleted.")


COMMANDS = (file, outcome, copy, delete_old_files)
"""They belong to the group `export`."""
