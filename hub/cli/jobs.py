"""Commands: the worker, the jobs of a company, and what is done by itself."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.output import Company, Json, ProviderName, as_json, clock, opened, say, table


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many jobs of one provider at a time.")] = 4,
) -> None:
    """Do the jobs that hosts and schedules ask for, until it is interrupted; as many workers as wanted."""
    from hub.working.worker import work

    with opened() as hub:
        work(hub, concurrency, lambda: say(f"Working, {concurrency} jobs of each provider at a time."))


def jobs(company: Company, json: Json = False) -> None:
    """List the jobs of a company, newest first."""
    with opened() as hub:
        found = hub.jobs(company)
    if json:
        as_json(found)
        return
    rows = [
        (o.id, o.kind, o.provider, o.state, o.actor, clock(o.ended_at or o.due_at), o.problem.get("text", ""))
        for o in found
    ]
    table("Jobs", ("job", "what", "provider", "state", "asked by", "when", "problem"), rows, ("job",))


def schedule(
    company: Company,
    provider: ProviderName,
    sync_at: Annotated[str | None, typer.Option(help="When to read the workforce, HH:MM; empty: never.")] = None,
    check_at: Annotated[str | None, typer.Option(help="When to read payroll back, HH:MM; empty: never.")] = None,
    remind_at: Annotated[
        str | None, typer.Option(help="When to remind of hours that wait, HH:MM; empty: never.")
    ] = None,
    remind_days: Annotated[int | None, typer.Option(help="From how many days before a wage period ends.")] = None,
    json: Json = False,
) -> None:
    """Show or change what is done by itself for a connection; times are those of Amsterdam."""
    given = {"sync_at": sync_at, "check_at": check_at, "remind_at": remind_at, "remind_days": remind_days}
    changes = {name: value for name, value in given.items() if value is not None}
    with opened() as hub:
        found = hub.change_schedule(company, provider, changes) if changes else hub.schedule(company, provider)
    if json:
        as_json(found)
        return
    rows = [(name.replace("_", " "), value if value != "" else "never") for name, value in found]
    table(f"{company} with {provider}", ("what", "when"), rows)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(worker)
    app.command()(jobs)
    app.command()(schedule)
