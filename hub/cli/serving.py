"""Commands: serve, and the keys of host platforms."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.output import Json, as_json, clock, opened, say, table

SCOPES = "read,settings,workforce,hours,export,decisions"


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; other machines reach 0.0.0.0.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8700,
) -> None:
    """Serve the HTTP API until it is interrupted. Put a proxy with TLS in front of it."""
    from hub.errors import Unsupported

    try:
        from hub.api.serving import serve_until_stopped
    except ModuleNotFoundError as error:
        if error.name not in ("fastapi", "uvicorn", "starlette"):
            raise
        raise Unsupported("The HTTP API needs FastAPI: the integrator must install payroll-hub[api].") from None
    with opened() as hub:
        serve_until_stopped(hub, host, port, lambda at: say(f"Serving at {at} (all operations: {at}/openapi.json)."))


def new(
    name: Annotated[str, typer.Argument(help="What the key is called in the audit trail.")],
    company: Annotated[str, typer.Option(help="Only for this company; without it, for all.")] = "",
    scope: Annotated[str, typer.Option(help=f"Some of {SCOPES}.")] = "read",
    json: Json = False,
) -> None:
    """Make a key for a host platform. It is shown this once."""
    from hub.access import new_key

    with opened() as hub:
        text = new_key(hub.store, name, [one.strip() for one in scope.split(",") if one.strip()], company)
    as_json({"key": text}) if json else say(text)


def list_keys(json: Json = False) -> None:
    """List the keys, without what would open anything."""
    from hub.access import keys

    with opened() as hub:
        found = keys(hub.store)
    if json:
        names = {"id", "name", "company", "scopes", "made_at", "revoked_at"}
        as_json([one.model_dump(mode="json", include=names) for one in found])
        return
    rows = [
        (o.id, o.name, o.company or "all", ", ".join(o.scopes), clock(o.made_at), clock(o.revoked_at)) for o in found
    ]
    table("Keys", ("key", "name", "company", "scopes", "made", "revoked"), rows, ("key",))


def revoke(key: Annotated[int, typer.Argument(help="The key's number.")]) -> None:
    """Let a key open nothing any more, at once."""
    from hub.access import revoke as revoke_key

    with opened() as hub:
        revoke_key(hub.store, key)
    say(f"Key {key} opens nothing any more.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    group = typer.Typer(help="The keys of host platforms for the HTTP API.", no_args_is_help=True)
    group.command()(new)
    group.command("list")(list_keys)
    group.command()(revoke)
    app.add_typer(group, name="api-key")
