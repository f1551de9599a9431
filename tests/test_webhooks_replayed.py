"""Telling again what was not told yet: it stops nobody's webhooks, and a worker says what it was that failed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlmodel import Session, col, select

from hub.events.endpoints import Since
from hub.events.kinds import EventKind
from hub.events.spreading import spread
from hub.hub import Hub
from hub.process import Process
from hub.store.events import Delivery, Endpoint, Event
from hub.testing.clock import FakeClock
from hub.testing.receiver import Receiver, receiver
from hub.working import rounds

CANARY = "Kanarie van der Vogel"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def hub(process: Process, clock: FakeClock) -> Iterator[Hub]:
    """Yield a hub with two companies."""
    with Hub.open(process, clock=clock) as opened:
        opened.add_company("acme", "Acme")
        opened.add_company("zuid", "Zuid")
        yield opened


@pytest.fixture
def host() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def tell(hub: Hub, company: str = "acme") -> int:
    """Let something happen at a company; return the number of the event."""
    with hub.store.write(company) as session:
        session.tell(EventKind.SYNC_APPLIED, "ledger")
    with hub.store.everywhere() as session:
        return session.exec(select(sa.func.max(Event.id))).one() or 0


def deliveries(hub: Hub) -> list[tuple[int, int]]:
    with hub.store.everywhere() as session:
        return sorted(session.exec(select(Delivery.endpoint, Delivery.event)).all())


def arrived(host: Receiver, secret: str) -> list[tuple[str, str]]:
    return [(one["type"], one["data"]["company"]) for one in host.verified(secret)]


# -- one replay -------------------------------------------------------------------------------------------------------


def test_what_was_not_spread_yet_is_not_replayed_and_comes_once_by_itself(hub: Hub, host: Receiver) -> None:
    """Only what was spread is told again; the rest arrives at the next pass, like all that happens later."""
    number, secret = hub.add_webhook(host.url)
    before = tell(hub)
    assert hub.deliver_due().arrived == 1
    after = tell(hub)
    assert hub.replay_webhook(number, Since(event=before)) == 1
    assert deliveries(hub) == [(number, before)]
    tell(hub, "zuid")
    assert hub.deliver_due().arrived == 3
    assert sorted(arrived(host, secret)) == [("sync.applied", "acme")] * 3 + [("sync.applied", "zuid")]
    assert deliveries(hub) == [(number, before), (number, after), (number, after + 1)]


def test_a_delivery_that_was_made_too_early_stops_nobody(hub: Hub, host: Receiver) -> None:
    """As an older hub left it: it is kept as it is, the other endpoint and the other company get theirs."""
    number, secret = hub.add_webhook(host.url)
    with receiver() as other:
        second, of_second = hub.add_webhook(other.url)
        event = tell(hub)
        with hub.store.everywhere() as session:
            session.add(Delivery(company_id="acme", endpoint=number, event=event, due_at=None, last="mine"))
        tell(hub, "zuid")
        assert spread(hub.store, hub.clock.moment().at) == 2
        assert deliveries(hub) == [(number, event), (number, event + 1), (second, event), (second, event + 1)]
        with hub.store.everywhere() as session:
            assert session.exec(select(Delivery.last).where(Delivery.last != "")).all() == ["mine"]
            assert session.exec(select(Event.id).where(col(Event.spread_at).is_(None))).all() == []
        assert hub.deliver_due().arrived == 3
        assert arrived(host, secret) == [("sync.applied", "zuid")]
        assert len(arrived(other, of_second)) == 2


def test_without_leaving_them_out_everybody_would_wait(hub: Hub) -> None:
    """Show that the test above would see it."""
    number, _ = hub.add_webhook("http://127.0.0.1:9/x")
    event = tell(hub)
    with hub.store.everywhere() as session:
        session.add(Delivery(company_id="acme", endpoint=number, event=event))
    nothing: Callable[[Session, object], set[tuple[int, int]]] = lambda session, events: set()  # noqa: E731
    with patch("hub.events.spreading._there", nothing), pytest.raises(IntegrityError):
        spread(hub.store, hub.clock.moment().at)


# -- a worker that says what it is ------------------------------------------------------------------------------------


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    return [json.loads(one.getMessage()) for one in caplog.records if one.name == "hub.working.rounds"]


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_said_to_be_away(kind: type[DBAPIError], caplog: pytest.LogCaptureFixture) -> None:
    """And nothing but that."""
    with patch.object(rounds, "deliver", side_effect=kind(CANARY, {}, Exception(CANARY))):
        rounds.once("test", lambda: rounds.deliver(None))  # type: ignore[arg-type]  # it is not looked at
    assert logged(caplog) == [{"event": "database away", "level": "warning", "task": "test"}]


def test_what_a_database_refuses_is_logged_for_what_it_is(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    """The class of the error and of its cause, and no value of a row."""

    def refused() -> None:
        with hub.store.everywhere() as session:
            session.add_all(Endpoint(id=7, url=CANARY, secret=b"s") for _ in range(2))

    rounds.once("test", refused)
    cause = "IntegrityError" if hub.store.engine.dialect.name == "sqlite" else "UniqueViolation"
    line = {"event": "database refused", "level": "error", "task": "test", "error": "IntegrityError", "cause": cause}
    assert logged(caplog) == [line]
    assert CANARY not in caplog.text


def test_a_round_that_fails_stops_no_other(hub: Hub) -> None:
    """Schedules are asked for although the runs that a crash left cannot be."""
    asked = threading.Event()
    refused = IntegrityError("", {}, Exception())
    with (
        patch.object(rounds, "ask_for_unfinished", side_effect=refused),
        patch.object(rounds, "ask_for_due", lambda store, now: asked.set()),
    ):
        rounds.make_round(hub)
    assert asked.is_set()
