"""Endpoints as they are kept and shown: by command and over HTTP, and their secrets nowhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from hub.access import new_key
from hub.api.serving import serving
from hub.errors import InputError, SettingsError
from hub.events.endpoints import EndpointView, FailedDelivery, Since
from hub.events.kinds import EventKind
from hub.events.notifications import Notification, Told
from hub.events.signing import seal, unseal
from hub.hub import Hub
from hub.process import Process
from hub.rotation import rotate
from hub.store.companies import Audit
from hub.store.database import Store
from hub.store.events import Delivery, Endpoint, Event
from hub.testing.canary import leaks, stored, told
from hub.testing.clock import FakeClock
from hub.testing.command import hub as command
from hub.testing.receiver import Receiver, receiver
from hub.testing.shell import documented
from hub.vault import MasterKey
from hub.vault import new_key as new_hub_key

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture
def hub(store: Store, process: Process) -> Hub:
    """Return a hub with two companies."""
    made = Hub(store, process, clock=FakeClock(datetime.now(UTC)))
    for company in ("acme", "zuid"):
        made.add_company(company, company)
    return made


@pytest.fixture
def host() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def tell(hub: Hub, company: str = "acme") -> None:
    with hub.store.write(company) as session:
        session.tell(EventKind.REMINDER, "ledger", timecards=1)


def test_a_secret_is_shown_once_and_is_nowhere_else(
    hub: Hub, host: Receiver, process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the database, a log, a list or the trail, whatever the endpoint does."""
    caplog.set_level(logging.DEBUG)
    host.says = "410"
    _, secret = hub.add_webhook(host.url, company="acme")
    tell(hub)
    hub.deliver_due()
    shown = command(process, "webhook", "list", "--json").out + command(process, "webhook", "list").out
    with hub.store.everywhere() as session:  # of PostgreSQL's tables of companies nothing is seen from outside
        rows = [repr(one) for table in (Event, Delivery, Audit) for one in session.exec(select(table)).all()]
    assert len(rows) >= 4
    kept = stored(process.database_url) + "".join((shown, caplog.text, *rows)).encode()
    plain = unseal(hub.store.master, 1, hub_row(hub).secret)
    assert plain == secret
    assert leaks(kept, [secret, secret.removeprefix("whsec_")]) == []
    assert leaks(kept + secret.encode(), [secret]) != []
    assert "webhook switched off" in caplog.text


def hub_row(hub: Hub, number: int = 1) -> Endpoint:
    with hub.store.everywhere() as session:
        return session.get_one(Endpoint, number)


def test_a_secret_opens_in_its_own_place_only(hub: Hub) -> None:
    """Copied to another endpoint, or under another key, it does not; and the error tells nothing."""
    sealed = seal(hub.store.master, 1, "whsec_canary-of-the-endpoint")
    other = MasterKey.from_text(new_hub_key())
    for master, number in ((hub.store.master, 2), (other, 1)):
        with pytest.raises(SettingsError) as error:
            unseal(master, number, sealed)
        assert leaks(told(error.value).encode(), ["canary-of-the-endpoint"]) == []


def test_messages_are_signed_with_the_same_secret_after_the_hubs_key_changed(
    hub: Hub, host: Receiver, process: Process
) -> None:
    """The host notices nothing; and it can be repeated after a crash."""
    _, secret = hub.add_webhook(host.url)
    before = hub_row(hub).secret
    changed = replace(process, secret_key=new_hub_key(), old_secret_key=process.secret_key)
    store = Store.open(changed)
    for _ in range(2):
        rotate(store, changed)
    fresh = Hub(store, replace(changed, old_secret_key=""), clock=hub.clock)
    tell(fresh)
    assert fresh.deliver_due().arrived == 1
    assert len(host.verified(secret)) == 1
    assert hub_row(fresh).secret != before
    store.close()


def test_one_whose_secret_does_not_open_is_reported(hub: Hub, host: Receiver) -> None:
    """Nothing is sent unsigned; what to do is told."""
    number, _ = hub.add_webhook(host.url)
    with hub.store.everywhere() as session:
        row = session.get_one(Endpoint, number)
        row.secret = seal(hub.store.master, 99, "whsec_YWJj")
    tell(hub)
    assert hub.deliver_due().failed == 1
    assert "secret key is not the one" in hub.failed_deliveries(number)[0].last
    assert host.requests == []


def test_what_a_company_does_with_its_endpoints_is_in_its_trail(hub: Hub, host: Receiver) -> None:
    """Who did what, without the address."""
    number, _ = hub.add_webhook(host.url, company="acme", actor="Robin")
    hub.switch_webhook(number, False, "acme", actor="Robin")
    hub.switch_webhook(number, True, "acme", actor="Robin")
    hub.replay_webhook(number, Since(event=1), "acme", actor="Robin")
    hub.remove_webhook(number, "acme", actor="Robin")
    with hub.store.read("acme") as session:
        trail = [one for one in session.all(Audit) if one.subject == f"webhook {number}"]
    done = ["added", "switched off", "switched on", "replayed", "removed"]
    assert [(one.actor, one.action) for one in trail] == [("Robin", f"webhook {one}") for one in done]
    assert hub.webhooks() == ()


@pytest.mark.parametrize(
    "refused",
    [
        lambda hub: hub.add_webhook("https://planning.example.org/", ["no.such"]),
        lambda hub: hub.add_webhook("https://planning.example.org/", company="nobody"),
        lambda hub: hub.switch_webhook(7, True),
        lambda hub: hub.replay_webhook(1, Since()),
        lambda hub: hub.replay_webhook(1, Since(event=1, at=datetime.now(UTC))),
    ],
)
def test_what_cannot_be_is_refused(refused: Callable[[Hub], Any], hub: Hub) -> None:
    """A kind, company or webhook that there is not; a replay from nowhere, or from two places."""
    with pytest.raises(InputError):
        refused(hub)


def test_the_pages_tell_of_every_kind_and_key(hub: Hub, host: Receiver) -> None:
    """Each kind is in the table of docs/webhooks.md, and each key of --json in docs/commands.md."""
    rows = [line for line in (DOCS / "webhooks.md").read_text().splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([a-z_]+\.?[a-z_]*)`", row.split("|")[1])}
    assert told == {str(kind) for kind in EventKind}
    keys = documented(DOCS / "commands.md")
    hub.add_webhook(host.url)
    assert keys["hub webhook list"] == set(EndpointView.model_fields)
    assert keys["hub webhook failed"] == set(FailedDelivery.model_fields)
    assert keys["hub notifications"] == {*Notification.model_fields, "read"}
    assert keys["hub tell"] == set(Told.model_fields)


def test_by_command(hub: Hub, host: Receiver, process: Process) -> None:
    """Add, deliver, fail, list, switch, replay and remove; exit code 3 as long as one is off by itself."""
    made = command(process, "webhook", "add", host.url, "--company", "acme", "--kind", "reminder", "--json").data
    assert (made["id"], made["secret"][:6]) == (1, "whsec_")
    tell(hub)
    assert command(process, "webhook", "deliver", "--json").data == {"arrived": 1, "failed": 0, "off": []}
    host.says = "500"
    tell(hub)
    assert command(process, "webhook", "deliver", "--json").data == {"arrived": 0, "failed": 1, "off": []}
    (failed,) = command(process, "webhook", "failed", 1, "--json").data
    assert (failed["tries"], failed["last"]) == (1, "answered with HTTP 500")
    assert "answered with HTTP 500" in command(process, "webhook", "failed", 1).out
    host.says = "410"
    assert command(process, "webhook", "replay", 1, "--since", 1, "--json").data == {"messages": 2}
    off = command(process, "webhook", "deliver")
    assert (off.code, off.err) == (3, "Switched off because nothing arrived: 1. See hub webhook list.\n")
    listed = command(process, "webhook", "list", "--json")
    assert (listed.code, listed.data[0]["off"]) == (3, "it is gone: answered with HTTP 410")
    host.says = "204"
    assert command(process, "webhook", "on", 1).code == 0
    assert command(process, "webhook", "list").code == 0
    assert command(process, "webhook", "replay", 1, "--since-time", "2026-01-01T00:00+01:00", "--json").code == 0
    assert command(process, "webhook", "deliver", "--json").data["arrived"] == 2
    assert command(process, "webhook", "replay", 1, "--since-time", "yesterday").code == 2
    assert command(process, "webhook", "off", 1).code == 0
    assert command(process, "webhook", "remove", 1).code == 0
    assert command(process, "webhook", "on", 1).code == 1
    assert command(process, "webhook", "list", "--json").data == []


@pytest.fixture
def call(hub: Hub) -> Iterator[Callable[..., httpx.Response]]:
    """Yield what calls over HTTP, as the platform or with the key of a company."""
    every = ("read", "settings")
    with serving(hub) as address:
        keys = {one: new_key(hub.store, one or "platform", every, one) for one in ("", "acme", "zuid")}

        def called(method: str, path: str, who: str = "", **more: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {keys[who]}"}
            return httpx.request(method, f"{address}/v1{path}", headers=headers, **more)

        yield called


def test_over_http(hub: Hub, host: Receiver, call: Callable[..., httpx.Response]) -> None:
    """The platform's endpoints and a company's; the secret comes once, and a key of another company sees nothing."""
    mine = call("POST", "/companies/acme/webhooks", "acme", json={"url": host.url, "kinds": ["reminder"]})
    assert mine.status_code == 201
    made = call("POST", "/webhooks", json={"url": host.url})
    assert made.json()["secret"].startswith("whsec_")
    assert [one["id"] for one in call("GET", "/webhooks").json()] == [1, 2]
    shown = call("GET", "/companies/acme/webhooks", "acme").json()
    assert ([one["id"] for one in shown], "secret" in shown[0]) == ([1], False)
    assert call("GET", "/companies/zuid/webhooks", "zuid").json() == []
    assert call("GET", "/companies/acme/webhooks", "zuid").status_code == 404
    assert call("GET", "/webhooks", "acme").status_code in (403, 404)
    assert call("PUT", "/companies/zuid/webhooks/1", "zuid", json={"active": False}).status_code == 422
    assert call("DELETE", "/companies/acme/webhooks/2", "acme").status_code == 422
    host.says = "500"
    tell(hub)
    hub.deliver_due()
    failed = call("GET", "/companies/acme/webhooks/1/failed", "acme").json()["items"]
    assert [(one["tries"], one["last"]) for one in failed] == [(1, "answered with HTTP 500")]
    host.says = "204"
    sent = call("POST", "/companies/acme/webhooks/1/replay", "acme", json={"event": 1})
    assert sent.json() == {"messages": 1}
    assert call("POST", "/webhooks/1/replay", json={}).status_code == 422
    assert call("PUT", "/webhooks/2", json={"active": False}).json() == {"active": False}
    assert call("DELETE", "/companies/acme/webhooks/1", "acme").status_code == 204
    assert call("GET", f"/webhooks/{2**63}/failed").status_code == 422
    refused = call("POST", "/webhooks", json={"url": "https://10.0.0.1/canary"})
    assert (refused.status_code, "canary" in refused.text) == (422, False)
