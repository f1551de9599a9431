"""Commands: company."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli import WrongCommand, keeping
from hub.cli.output import Company, Json, as_json, opened, say, table


def add(
    company: Company,
    name: Annotated[str, typer.Option(help="The company's name.")] = "",
    new_day: Annotated[str, typer.Option(help="HH:MM; a shift that starts before it is the day before's.")] = "05:00",
) -> None:
    """Add a company."""
    from datetime import time

    try:
        begins = time.fromisoformat(new_day)
    except ValueError:
        begins = None
    if begins is None or f"{begins:%H:%M}" != new_day:
        raise WrongCommand("--new-day takes a time: write it such as 05:00.")
    with opened() as hub:
        hub.add_company(company, name or company, begins)
    say(f"Added company {company}.")


def list_companies(json: Json = False) -> None:
    """List the companies."""
    with opened() as hub:
        rows = [{"id": one.id, "name": one.name, "new_day": one.new_day} for one in hub.companies()]
    as_json(rows) if json else table("Companies", ("id", "name", "new day"), [tuple(row.values()) for row in rows])


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="The companies of the host platform.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_companies)
    keeping.add_to(group)
    app.add_typer(group, name="company")
