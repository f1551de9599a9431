"""Commands: connect, connections, switch."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl, urlsplit

import typer

from hub.cli import WrongCommand
from hub.cli.output import Company, Json, ProviderName, as_json, busy, counted, opened, say, table, waits, words
from hub.cli.words import one_of, pairs
from hub.errors import InputError

if TYPE_CHECKING:
    from hub.models import Activation
    from hub.provider import Provider
    from hub.store.companies import Connection

On = Annotated[str, typer.Argument(metavar="on|off", help="on or off")]


def connect(
    company: Company,
    provider: ProviderName,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="K=V", help="A setting.")] = None,
    secrets: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="K=-", help="A secret: asked for, or read from standard input, a line each."),
    ] = None,
    returned: Annotated[
        bool,
        typer.Option("--returned", help="You logged in: the address where that ended is asked for, or read as a line."),
    ] = False,
    json: Json = False,
) -> None:
    """Switch a provider on for a company, or reconnect it: nothing is stored unless the provider accepts it."""
    from hub.models import Redirect
    from hub.registry import find

    with opened() as hub:
        kind = find(provider, hub.process.providers)
        values = {**_plain(settings or [], kind), **_read_secrets(_secrets(secrets or [], kind))}
        back = _read_returned() if returned else {}
        with busy("Connecting"):
            result = hub.connect(company, provider, values, returned=back)
    if json:
        as_json(result)
    if isinstance(result, Redirect):
        waits(f"Nothing is switched on yet: log in at {result.url} and connect again with --returned")
    if not json:
        _show_activation(company, provider, result)
    missing = [one for one in result.rights if one.state == "missing"]
    if missing:
        waits(f"{counted(len(missing), 'right')} missing at the provider: {missing[0].grant}")


def _show_activation(company: str, provider: str, result: Activation) -> None:
    say(f"{provider} is switched on for {company}.")
    show_administrations(result)
    lacking = [(one.name, one.state, one.grant) for one in result.rights if one.state != "granted"]
    if lacking:
        table("Rights to look at", ("right", "state", "what to do"), lacking)


def show_administrations(result: Activation) -> None:
    """Show what an activation reaches."""
    rows = [
        (
            one.id,
            one.name,
            words(one.period_type),
            f"{one.current_year}-{one.current_number}" if one.current_year else "",
        )
        for one in result.administrations
    ]
    table("Administrations", ("id", "name", "wage period", "current"), rows)


def _plain(given: list[str], provider: type[Provider]) -> dict[str, str]:
    """Read the settings that may be typed. Raises `WrongCommand` for a secret among them."""
    from hub.connection import secret_names

    values = pairs(given, "--set")
    for name in secret_names(provider) & set(values):
        raise WrongCommand(f"{name} is a secret and would stay in your shell's history: use --secret {name}=-.")
    return values


def _secrets(given: list[str], provider: type[Provider]) -> list[str]:
    """Return which secrets to read: those asked for, and on a terminal those that the provider cannot do without."""
    from hub.connection import secret_names

    asked = pairs(given, "--secret")
    for name in (name for name, value in asked.items() if value != "-"):
        raise WrongCommand(f"Write --secret {name}=- and give the secret when asked, or on standard input.")
    needed = [name for name, one in provider.Settings.model_fields.items() if one.is_required()]
    more = [name for name in needed if name in secret_names(provider) - set(asked)]
    return [*asked, *(more if sys.stdin.isatty() else ())]


def _read_secrets(names: list[str]) -> dict[str, str]:
    """Read each secret from the terminal without showing it, or from a line of standard input."""
    hidden = sys.stdin.isatty()
    read = {name: getpass(f"{name}: ") if hidden else sys.stdin.readline().rstrip("\r\n") for name in names}
    for name in (name for name, value in read.items() if not value):
        raise InputError(f"No {name} was given: type it when asked, or put it on a line of standard input.")
    return read


def _read_returned() -> dict[str, str]:
    """Read the address at which a log-in ended, and return what it holds. Shown or typed in full it would be a key."""
    (address,) = _read_secrets(["address"]).values()
    found = dict(parse_qsl(urlsplit(address.strip()).query))
    if not found:
        raise InputError("That address holds nothing after a question mark: copy all of it from the browser.")
    return found


def connections(company: Company, json: Json = False) -> None:
    """List what a company is connected with, whether it is switched on, and which rights are not there."""
    with opened() as hub:
        found = hub.connections(company)
    if json:
        as_json([_as_data(one) for one in found])
        return
    columns = ("provider", "state", "kept with the host", "rights that are not there")
    table("Connections", columns, [_as_row(one) for one in found])


def _as_data(one: Connection) -> dict[str, Any]:
    rights = [{name: right[name] for name in ("name", "state", "grant")} for right in one.rights]
    shown = {name: getattr(one, name) for name in ("provider", "active", "settings", "kept_by_host")}
    return {**shown, "rights": rights}


def _as_row(one: Connection) -> tuple[str, ...]:
    lacking = [f"{right['name']} ({right['state']})" for right in one.rights if right["state"] != "granted"]
    return one.provider, "on" if one.active else "off", ", ".join(one.kept_by_host), ", ".join(lacking)


def switch(company: Company, provider: ProviderName, state: On) -> None:
    """Switch a connection off or on again; settings, links and history stay."""
    active = one_of(("on", "off"), state, "The state") == "on"
    with opened() as hub:
        hub.switch(company, provider, active)
    say(f"{provider} is switched {state} for {company}.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (connect, connections, switch):
        app.command()(command)
