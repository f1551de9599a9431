"""Commands: company, connect, switch."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Annotated

import typer

from hub.cli.output import Company, Json, ProviderName, as_json, busy, opened, say, table
from hub.errors import InputError


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
        raise InputError("--new-day must be a time such as 05:00.") from None
    with opened() as hub:
        hub.add_company(company, name or company, begins)
    say(f"Added company {company}.")


def list_companies(json: Json = False) -> None:
    """List the companies."""
    with opened() as hub:
        rows = [{"id": one.id, "name": one.name, "new_day": one.new_day} for one in hub.companies()]
    as_json(rows) if json else table("Companies", ("id", "name", "new day"), [tuple(row.values()) for row in rows])


def connect(
    company: Company,
    provider: ProviderName,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="K=V", help="A setting.")] = None,
    secrets: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="K=-", help="A secret: asked for, or read from standard input, a line each."),
    ] = None,
    json: Json = False,
) -> None:
    """Switch a provider on for a company, or reconnect it: nothing is stored unless the provider accepts it."""
    from hub.connection import secret_names
    from hub.models import Redirect
    from hub.registry import find

    with opened() as hub:
        hidden = secret_names(find(provider, hub.process.providers))
        values = {**_pairs(settings or [], "--set"), **_read_secrets(_pairs(secrets or [], "--secret"))}
        for name in _pairs(settings or [], "--set"):
            if name in hidden:
                raise InputError(f"{name} is a secret and would stay in your shell's history: use --secret {name}=-.")
        with busy("Connecting"):
            result = hub.connect(company, provider, values)
    if json:
        as_json(result)
    elif isinstance(result, Redirect):
        say(f"Log in first, at {result.url}")
    else:
        say(f"{provider} is switched on for {company}.")
        show = [(a.id, a.name, a.period_type, f"{a.current_year}-{a.current_number}") for a in result.administrations]
        table("Administrations", ("id", "name", "wage period", "current"), show)
        lacking = [(r.name, r.state, r.grant) for r in result.rights if r.state != "granted"]
        if lacking:
            table("Rights to look at", ("right", "", "what to do"), lacking)


def _pairs(given: list[str], option: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if any(not name or not mark for name, mark, _ in pairs):
        raise InputError(f"{option} takes NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _read_secrets(pairs: dict[str, str]) -> dict[str, str]:
    """Read each secret from the terminal without showing it, or from standard input; the value is always `-`."""
    wrong = [name for name, value in pairs.items() if value != "-"]
    if wrong:
        raise InputError(f"Write --secret {wrong[0]}=- and give the secret when asked, or on standard input.")
    if sys.stdin.isatty():
        return {name: getpass(f"{name}: ") for name in pairs}
    return {name: sys.stdin.readline().rstrip("\r\n") for name in pairs}


def switch(
    company: Company, provider: ProviderName, state: Annotated[str, typer.Argument(help="on or off", metavar="on|off")]
) -> None:
    """Switch a connection off or on again; settings, links and history stay."""
    if state not in ("on", "off"):
        raise InputError("Say on or off.")
    with opened() as hub:
        hub.switch(company, provider, state == "on")
    say(f"{provider} is switched {state} for {company}.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="The companies of the host platform.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_companies)
    app.add_typer(group, name="company")
    app.command()(connect)
    app.command()(switch)
