"""Commands: timecards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from hub.cli.output import Company, Json, as_json, opened, table
from hub.cli.reading import File, Strict, show_kept, told_if_wrong
from hub.cli.words import year_and_number


def import_timecards(company: Company, file: File, strict: Strict = False, json: Json = False) -> None:
    """Take in timecards; good rows are stored and wrong ones told, or none are stored with --strict."""
    from hub.intake.timecards import read_timecards

    with opened() as hub, told_if_wrong(json):
        reading = read_timecards(file, new_day=hub.new_day(company), strict=strict)
        kept = hub.import_timecards(company, reading, strict=strict)
    show_kept("timecards", reading, kept, json)


def list_timecards(
    company: Company,
    member: Annotated[str, typer.Option(help="Only those of this team member.")] = "",
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Only those of this date and later.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Only those of this date and earlier.")
    ] = None,
    period: Annotated[
        tuple[str, str, str] | None,
        typer.Option(metavar="PROVIDER ADMINISTRATION PERIOD", help="Only those of this wage period."),
    ] = None,
    json: Json = False,
) -> None:
    """List the timecards with their colour: green is approved, white is exported."""
    from hub.timecards import colour

    first, last = (start.date() if start else date.min), (end.date() if end else date.max)
    with opened() as hub:
        if period:
            asked = hub.wage_period(company, *period[:2], *year_and_number(period[2]))
            first, last = max(first, asked.start), min(last, asked.end)
        rows = [
            {
                "id": one.id,
                "revision": one.revision,
                "member": one.member,
                "venue": one.venue,
                "date": one.date,
                "minutes": one.minutes,
                "status": "deleted" if one.deleted else one.status,
                "colour": colour(one.status, one.category, one.revision, one.exported_revision),
            }
            for one in hub.timecards(company, first, last)
            if member in ("", one.member)
        ]
    columns = ("id", "revision", "member", "venue", "date", "minutes", "status", "colour")
    as_json(rows) if json else table("Timecards", columns, [tuple(r.values()) for r in rows], ("date", "minutes"))


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="The timecards of the team members.", no_args_is_help=True)
    group.command("import")(import_timecards)
    group.command("list")(list_timecards)
    app.add_typer(group, name="timecards")
