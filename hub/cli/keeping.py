"""Commands: company keeping, sweep, export, remove, wipe and receipts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.output import Company, Json, amount, as_json, clock, counted, opened, say, table, waits

if TYPE_CHECKING:
    from hub.hub import Hub
    from hub.keeping.sweeping import Swept


def keeping(
    company: Company,
    wage_years: Annotated[int | None, typer.Option(help="Years that wage data are kept; the law: 7.")] = None,
    card_weeks: Annotated[int | None, typer.Option(help="Weeks for hours that payroll never got; the law: 52.")] = None,
    event_days: Annotated[int | None, typer.Option(help="Days that events are kept.")] = None,
    job_days: Annotated[int | None, typer.Option(help="Days that jobs are kept that ended.")] = None,
    json: Json = False,
) -> None:
    """Show for how long a company's data are kept, or keep them longer."""
    asked = {"wage_years": wage_years, "card_weeks": card_weeks, "event_days": event_days, "job_days": job_days}
    changes = {name: value for name, value in asked.items() if value is not None}
    with opened() as hub:
        found = hub.change_keeping(company, changes, "operator") if changes else hub.keeping(company)
    shown = {**found.terms.model_dump(), "file_days": found.file_days, "kept_from": found.kept_from}
    as_json(shown) if json else table("Kept", ("what", "how long"), list(shown.items()))


def sweep(
    company: Annotated[str, typer.Argument(metavar="[COMPANY]", help="The company's id; without it, all.")] = "",
    json: Json = False,
) -> None:
    """Delete what was kept long enough. A run that never ended stays."""
    with opened() as hub:
        done, problems = ((hub.sweep(company),), {}) if company else _all(hub)
    if json:
        failed = [{"company": one, "deleted": {}, "waiting": [], "problem": why} for one, why in problems.items()]
        as_json([*({**one.model_dump(), "problem": ""} for one in done), *failed])
    else:
        rows = [(one.company, what, number) for one in done for what, number in one.deleted.items()]
        table("Deleted", ("company", "what", "rows"), rows, ("rows",)) if rows else say("Nothing was kept long enough.")
    waiting = [f"run {number} of {one.company}" for one in done for number in one.waiting]
    if problems or waiting:
        left = f"Left as they are, because they never ended: {', '.join(waiting)}." if waiting else ""
        waits(" ".join([left, *problems.values()]).strip())


def _all(hub: Hub) -> tuple[tuple[Swept, ...], dict[str, str]]:
    found = hub.sweep_all()
    return found.companies, found.problems


def export(
    company: Company,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; only its owner can read it.")],
    member: Annotated[str, typer.Option(help="Only what is held on this team member.")] = "",
    employee: Annotated[str, typer.Option(help="Only what is held on this employee: PROVIDER/ID.")] = "",
    with_bsn: Annotated[bool, typer.Option("--with-bsn", help="With the BSN, for who asks what is held.")] = False,
    json: Json = False,
) -> None:
    """Write all that is held on a company, or on a person, into a file as JSON. Secrets are not in it."""
    from hub.keeping.holdings import named

    with opened() as hub:
        hub.write_held(company, file, *named(member, employee), bsn=with_bsn, actor="operator")
    as_json({"file": str(file), "bytes": file.stat().st_size}) if json else say(f"Wrote {file}.")


def remove(
    company: Company,
    confirm: Annotated[str, typer.Option(help="The company's name, to the letter.")],
    even_so: Annotated[bool, typer.Option("--even-so", help="Although a run did not end; takes --by.")] = False,
    by: Annotated[str, typer.Option(help="Who removes it.")] = "",
    json: Json = False,
) -> None:
    """Remove a company for good: its rows, its key and its keys for HTTP. Receipts without personal data stay."""
    with opened() as hub:
        done = hub.remove_company(company, confirm, even_so=even_so, by=by)
    if json:
        as_json(done)
        return
    say(f"Removed {company}: {counted(done.rows, 'row')}. {counted(done.receipts, 'receipt')} stay.")
    say(f"{done.traces} Backups hold it still: see docs/keeping.md.".strip())


def wipe(json: Json = False) -> None:
    """Write an SQLite file anew, without what was deleted and lies in it still."""
    with opened() as hub:
        traces = hub.wipe()
    as_json({"traces": traces}) if json else say(traces or "Nothing that was deleted is left in the file.")
    if traces:
        waits(traces)


def receipts(
    company: Annotated[str, typer.Argument(metavar="[COMPANY]", help="The id that it had; without it, all.")] = "",
    json: Json = False,
) -> None:
    """List the receipts that stayed of removed companies; they hold no personal data."""
    from hub.periods import name_of

    with opened() as hub:
        found = hub.receipts_kept(company)
    if json:
        as_json([one.model_dump(mode="json", exclude={"id"}) for one in found])
        return
    rows = [
        (
            o.company,
            o.provider,
            o.run,
            name_of(o.year, o.number),
            o.file,
            o.entries,
            amount(o.total),
            clock(o.at),
            o.keep_until,
        )
        for o in found
    ]
    names = ("company", "provider", "run", "period", "file", "entries", "total", "at", "until")
    table("Receipts", names, rows, ("run", "entries", "total"))


def add_to(group: typer.Typer) -> None:
    """Add these commands to those of a company."""
    for command in (keeping, sweep, export, remove, wipe, receipts):
        group.command()(command)
