"""Commands: providers, doctor, simulate, keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.output import Json, ProviderName, as_json, opened, say, table
from hub.errors import SettingsError

Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of its settings, for a host's form.")]
Results = Annotated[
    Path | None, typer.Option("--conformance", metavar="FILE", help="What a run of its tests wrote: conformance.json.")
]


def providers(context: typer.Context, json: Json = False) -> None:
    """List the installed providers and whether each can be used."""
    if context.invoked_subcommand is None:
        _list_providers(json)


def _list_providers(json: bool) -> None:
    from hub.process import Process
    from hub.registry import Status, discover

    process = Process.from_environment()
    found = discover(process.providers)
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "title": one.provider.title if one.provider else "",
            "distribution": one.distribution,
            "version": one.version,
            "status": one.status,
            "reason": one.reason,
            "capabilities": dict(one.provider.capabilities) if one.provider else {},
        }
        for one in found
    ]
    if json:
        as_json(rows)
    else:
        shown = [
            (row["name"], row["version"], row["status"], row["reason"] or _able(row["capabilities"])) for row in rows
        ]
        table("Providers", ("name", "version", "status", "can"), shown)
    if process.strict and any(one.status is not Status.OK for one in found):
        raise SettingsError("A provider is not ok (HUB_STRICT_PROVIDERS=1): see the list above.")


def _able(grades: dict[str, str]) -> str:
    return ", ".join(one for one, grade in grades.items() if grade in ("full", "emulated"))


def show_provider(
    provider: ProviderName, schema: Schema = False, conformance: Results = None, json: Json = False
) -> None:
    """Show what a provider can do and what it needs, by reading it: it is not called, and nothing is sent."""
    from hub.cli.showing import show_facts
    from hub.describing import describe, schema_of
    from hub.process import Process
    from hub.registry import discover, find

    allowed = Process.from_environment().providers
    claims = [one for one in discover(allowed) if one.name == provider]
    if schema or not claims:  # of a provider that is not there, `find` says so
        as_json(schema_of(find(provider, allowed)))
        return
    facts = describe(claims, conformance)
    if json:
        as_json(facts)
    else:
        show_facts(facts)


def doctor(json: Json = False) -> None:
    """Look at this installation: Python, database, key and installed providers. Imports no provider."""
    from hub.diagnosis import examine
    from hub.process import Process

    checks = examine(Process.from_environment())
    if json:
        as_json([{"check": one.check, "ok": one.ok, "text": one.text} for one in checks])
    else:
        table("Doctor", ("check", "", "what was found"), [(c.check, "ok" if c.ok else "!!", c.text) for c in checks])
    if not all(one.ok for one in checks):
        raise typer.Exit(1)


def simulate(
    provider: Annotated[str, typer.Argument(help="The provider's name, such as nmbrs.")],
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    employees: Annotated[int, typer.Option(min=1, help="How many made-up people it holds.")] = 40,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    latency_ms: Annotated[float, typer.Option(min=0, help="How long each answer waits.")] = 0,
    fault: Annotated[list[str] | None, typer.Option(help="NAME[@OPERATION][+SKIP][*COUNT]; may be repeated.")] = None,
) -> None:
    """Run a provider's simulator on this machine until it is interrupted."""
    from hub.registry import IMPORTERS, SIMULATORS, companion, companions

    made = companion(IMPORTERS if provider in companions(IMPORTERS) else SIMULATORS, provider)
    with made(port=port, employees=employees, seed=seed, latency_ms=latency_ms, faults=tuple(fault or ())) as running:
        settings = running.connect_settings()
        how = "Connect with:" if settings else "Upload its file on that page."
        say(f"{provider} is simulated at {running.url} (state: {running.url}/_sim/state). {how}")
        for name, value in settings.items():
            say(f"  {name} = {value}")
        running.wait()


def new_key() -> None:
    """Print a fresh key for HUB_SECRET_KEY."""
    from hub.vault import new_key as fresh

    say(fresh())


def rotate_keys() -> None:
    """Give every company a new data key and seal everything with it; also moves to a new HUB_SECRET_KEY.

    To replace the hub's own key, set HUB_SECRET_KEY to the new one and HUB_OLD_SECRET_KEY to the old one.
    """
    from hub.rotation import rotate

    with opened() as hub:
        say(f"Rotated the keys of {rotate(hub.store, hub.process)} companies.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    listed = typer.Typer(help=providers.__doc__, invoke_without_command=True)
    listed.callback()(providers)
    listed.command("show")(show_provider)
    app.add_typer(listed, name="providers")
    for command in (doctor, simulate):
        app.command()(command)
    keys = typer.Typer(help="The hub's own key and the data keys of the companies.", no_args_is_help=True)
    keys.command("new")(new_key)
    keys.command("rotate")(rotate_keys)
    app.add_typer(keys, name="keys")
