"""Commands: webhook."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli import WrongCommand
from hub.cli.output import Json, as_json, clock, counted, opened, say, table, waits

Number = Annotated[int, typer.Argument(metavar="WEBHOOK", help="The number of the webhook.")]


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to send: https on port 443 of a public host.")],
    company: Annotated[str, typer.Option(help="Only of this company; without it, of all.")] = "",
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind of event, again for more.")] = None,
    json: Json = False,
) -> None:
    """Send events to an address from now on. The secret to verify them with is shown this once."""
    with opened() as hub:
        number, secret = hub.add_webhook(url, kind or (), company, actor="operator")
    as_json({"id": number, "secret": secret}) if json else say(f"Webhook {number}: {secret}")


def list_webhooks(json: Json = False) -> None:
    """List where events go and whether that works; nothing secret."""
    with opened() as hub:
        found = hub.webhooks()
    if json:
        as_json(found)
    else:
        rows = [(o.id, o.company or "all", o.url, _state(o.off, o.failing_since), o.waiting, o.given_up) for o in found]
        columns = ("webhook", "company", "address", "state", "waiting", "given up")
        table("Webhooks", columns, rows, ("webhook", "waiting", "given up"))
    off = [str(one.id) for one in found if one.off and not one.off.startswith("switched off by")]
    if off:
        waits(f"Switched off because nothing arrived: {', '.join(off)}. Mend it, then hub webhook on and replay.")


def _state(off: str, failing_since: object) -> str:
    return f"off: {off}" if off else "failing" if failing_since else "on"


def on(webhook: Number) -> None:
    """Send there again, what waited included; `replay` sends what came while it was off."""
    with opened() as hub:
        hub.switch_webhook(webhook, True, actor="operator")
    say(f"Webhook {webhook} is on.")


def off(webhook: Number) -> None:
    """Send nothing there until it is switched on again."""
    with opened() as hub:
        hub.switch_webhook(webhook, False, actor="operator")
    say(f"Webhook {webhook} is off.")


def remove(webhook: Number) -> None:
    """Send nothing there any more, and forget what waited."""
    with opened() as hub:
        hub.remove_webhook(webhook, actor="operator")
    say(f"Webhook {webhook} is removed.")


def failed(webhook: Number, json: Json = False) -> None:
    """List the messages that were tried and did not arrive."""
    with opened() as hub:
        found = hub.failed_deliveries(webhook)
    if json:
        as_json(found)
        return
    rows = [(o.event, o.company, o.kind, o.tries, clock(o.due_at) or "given up", o.last) for o in found]
    table("Not arrived", ("event", "company", "kind", "tries", "next try", "last"), rows, ("event", "tries"))


def replay(
    webhook: Number,
    event: Annotated[int | None, typer.Option("--since", help="The number of the first event to send again.")] = None,
    at: Annotated[str, typer.Option("--since-time", help="Or a moment such as 2026-10-01T00:00+02:00.")] = "",
    json: Json = False,
) -> None:
    """Send events once more, under the same ids, whether they arrived or not."""
    from datetime import datetime

    from hub.events.endpoints import Since

    try:
        moment = datetime.fromisoformat(at) if at else None
    except ValueError:
        moment = None
    if at and (moment is None or moment.tzinfo is None):
        raise WrongCommand("--since-time takes a moment with its zone: write it such as 2026-10-01T00:00+02:00.")
    with opened() as hub:
        number = hub.replay_webhook(webhook, Since(event, moment), actor="operator")
    as_json({"messages": number}) if json else say(f"{counted(number, 'message')} to be sent again.")


def deliver(json: Json = False) -> None:
    """Send what is due now, once; `hub serve` and `hub worker` do so all the time."""
    with opened() as hub:
        done = hub.deliver_due()
    if json:
        as_json({"arrived": done.arrived, "failed": done.failed, "off": done.off})
    else:
        say(f"{counted(done.arrived, 'message')} arrived, {done.failed} did not.")
    if done.off:
        waits(f"Switched off because nothing arrived: {', '.join(map(str, done.off))}. See hub webhook list.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Signed messages to host platforms on what happens.", no_args_is_help=True)
    group.command("list")(list_webhooks)
    for command in (add, on, off, remove, failed, replay, deliver):
        group.command()(command)
    app.add_typer(group, name="webhook")
