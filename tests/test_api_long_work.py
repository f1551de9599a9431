"""What a host's user is told where long work is refused, how such lists go on, and secrets that are shown once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from sqlmodel import select

from hub.access import new_key
from hub.activation import SwitchedOff
from hub.api.serving import serving
from hub.errors import InputError
from hub.events.kinds import EventKind
from hub.process import Process
from hub.store.access import Answered
from hub.store.events import Delivery
from hub.store.jobs import Job
from hub.testing.command import hub as command
from hub.testing.company import Company, card, ledger_company
from hub.testing.host import ALL_SCOPES, Host

OCTOBER = {"provider": "ledger", "administration": "1", "year": 2026, "number": 10}
SYNC = "/companies/acme/connections/ledger/sync"


@pytest.fixture
def acme(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


@pytest.fixture
def host(acme: Company) -> Iterator[Host]:
    with serving(acme.hub) as address:
        yield Host(address, new_key(acme.hub.store, "platform", ALL_SCOPES))


def all_of(host: Host, path: str, limit: int = 2) -> list[Any]:
    """Return the items of every page."""
    found, cursor = [], ""
    while True:
        page = host("GET", f"{path}?limit={limit}&cursor={cursor}")
        found.append(page["items"])
        cursor = page["next"]
        if not cursor:
            return list(chain(*found))


# -- refused at once --------------------------------------------------------------------------------------------------


def test_no_job_is_made_where_the_connection_is_switched_off(acme: Company, host: Host) -> None:
    """The company's admin must switch it on, and is told so at once; a released plan is not carried out either."""
    acme.cards(card("t1"))
    plan = acme.plan().id
    acme.hub.release("acme", plan, "Robin")
    acme.hub.switch("acme", "ledger", active=False)
    for path, body in (("/companies/acme/plans", OCTOBER), (SYNC, None), (f"/companies/acme/plans/{plan}/run", None)):
        said = host("POST", path, 409, json_body=body)
        assert (said["who"], said["detail"]) == ("company admin", "acme has switched ledger off: switch it on.")
    assert acme.rows(Job) == []


def test_a_job_that_finds_it_switched_off_says_the_same(acme: Company) -> None:
    """It was asked for before."""
    job = acme.hub.ask_sync("acme", "ledger")
    acme.hub.switch("acme", "ledger", active=False)
    with pytest.raises(SwitchedOff) as refused:
        acme.hub.plan_sync("acme", job.provider)
    assert refused.value.who == "company admin"


def test_only_the_command_line_names_commands(acme: Company, host: Host, process: Process) -> None:
    """A user of a host has none."""
    host("POST", "/companies", 201, json_body={"id": "new", "name": "New"})
    said = host("POST", "/companies/new/connections/ledger/sync", 404)
    assert said["detail"] == "new is not connected with ledger: connect it."
    told = "new is not connected with ledger: connect it with `hub connect new ledger`.\n"
    assert command(process, "sync", "new", "ledger").err == told
    with pytest.raises(InputError) as refused:
        acme.hub.settle("acme", 1, "left out", "")  # type: ignore[arg-type]
    assert (refused.value.text, str(refused.value)) == (
        "A decision is made by a person: give a name.",
        "A decision is made by a person: give a name with --by.",
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/connections/{'a' * 300}/schedule"),
        ("PATCH", f"/connections/{'a' * 300}/schedule"),
        ("POST", f"/connections/{'a' * 300}/sync"),
        ("GET", f"/jobs/{2**63}"),
        ("GET", "/jobs/0"),
        ("POST", f"/plans/{2**63}/run"),
    ],
)
def test_an_address_that_nothing_can_have_is_refused_without_an_echo(host: Host, method: str, path: str) -> None:
    """Before anything is asked of a database."""
    said = host(method, f"/companies/acme{path}", 422, json_body={} if method == "PATCH" else None)
    assert said["detail"] == "The request does not fit: see the fields."
    assert "aaa" not in str(said)


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ({"groups": ("nope",)}, "groups: choose the components that go out from "),
        ({"days": "x"}, "days: Input should be 'ask', 'keep' or 'overwrite'."),
        ({"contract_types": ("x",)}, "contract_types.0: Input should be "),
        ({"dates": ("x", "y")}, "dates.0: Input should be a valid date"),
        ({"dates": (1.5,)}, "dates.0: "),
        ({"year": "x"}, "year: Input should be a valid integer"),
    ],
)
def test_a_scope_that_cannot_be_is_an_input_error(acme: Company, named: dict[str, Any], text: str) -> None:
    """As every other wrong value of a host, and in words."""
    with pytest.raises(InputError) as refused:
        acme.hub.scope("acme", "ledger", "1", **{"year": 2026, "number": 10, **named})
    assert refused.value.text.startswith(text)


# -- lists ------------------------------------------------------------------------------------------------------------


def test_jobs_go_on_from_their_cursor(acme: Company, host: Host) -> None:
    """Newest first; one that comes meanwhile shifts nothing."""
    asked = [acme.hub.ask_sync("acme", "ledger").id for _ in range(5)]
    first = host("GET", "/companies/acme/jobs?limit=2")
    acme.hub.ask_sync("acme", "ledger")
    rest = host("GET", f"/companies/acme/jobs?cursor={first['next']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == asked[::-1]
    assert [one.id for one in acme.hub.jobs("acme", before=asked[3], at_most=2)] == [asked[2], asked[1]]


def test_notifications_go_on_from_their_cursor(acme: Company, host: Host) -> None:
    """Unread ones first, then the newest: by page they are what they are at once."""
    with acme.hub.store.write("acme") as session:
        for _ in range(5):
            session.tell(EventKind.EXPORT_DRIFTED, "ledger", entries=1, slots=0)
    numbers = sorted(one.id for one in acme.hub.notifications("acme"))[-5:]
    acme.hub.mark_read("acme", [numbers[4], numbers[1]], "Robin")
    shown = [one["id"] for one in all_of(host, "/companies/acme/notifications")]
    assert shown == [one.id for one in acme.hub.notifications("acme")]
    assert [one for one in shown if one in numbers] == [numbers[one] for one in (3, 2, 0, 4, 1)]


def test_failed_deliveries_go_on_from_their_cursor(acme: Company, host: Host) -> None:
    """Oldest first."""
    number, _ = acme.hub.add_webhook("https://host.example.org/hook")
    with acme.hub.store.write("acme") as session:
        for _ in range(5):
            session.tell(EventKind.SYNC_APPLIED, "ledger")
    acme.hub._spread()
    with acme.hub.store.write("acme") as session:
        for one in session.all(Delivery):
            one.tries = 1
            session.add(one)
    shown = [one["event"] for one in all_of(host, f"/webhooks/{number}/failed")]
    assert shown == [one.event for one in acme.hub.failed_deliveries(number)]
    assert len(shown) == 5


# -- shown once -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/webhooks", "/companies/acme/webhooks"])
def test_the_secret_of_a_webhook_is_not_kept_under_its_idempotency_key(acme: Company, host: Host, path: str) -> None:
    """Only that it was given: asked again, the same request is refused and makes no second webhook."""
    asked = {"json_body": {"url": "https://host.example.org/hook"}, "headers": {"Idempotency-Key": "one"}}
    made = host("POST", path, 201, **asked)
    assert made["secret"].startswith("whsec_")
    assert host("POST", path, 409, **asked)["who"] == "sender"
    assert len(acme.hub.webhooks()) == 1
    with acme.hub.store.everywhere() as session:
        assert [one.body for one in session.exec(select(Answered))] == [b""]
