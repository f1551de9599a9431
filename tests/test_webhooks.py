"""What is told of an export: signed, in the transaction of the change, to whom it concerns, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from hub.events import delivering
from hub.events.delivering import LEASE, Delivered
from hub.events.endpoints import Since
from hub.events.kinds import EventKind
from hub.events.signing import Message
from hub.events.spreading import spread
from hub.export.posting import moves, trail
from hub.export.posting.lease import Lease
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.process import Process
from hub.store.events import Event
from hub.testing.at_work import Crash, die, just_before
from hub.testing.canary import leaks
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.testing.receiver import Receiver, receiver

CANARY = "Wilhelmina Kanarie"


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still now: whoever verifies looks at the real one."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def acme(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        yield made


@pytest.fixture
def host() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def numbers(messages: list[dict[str, Any]]) -> list[int]:
    return [one["data"]["sequence"] for one in messages if one["data"]["run"]]


def test_an_export_is_told_signed_and_numbered(acme: Company, host: Receiver) -> None:
    """Each card, and how the run ended, in messages that the specification's library verifies; never a name."""
    _, secret = acme.hub.add_webhook(host.url)
    acme.hub.import_members("acme", Reading(good=[Member(id="m1", name=CANARY)]))
    acme.cards(card("t1"), card("t2", "m2", day=6), card("t3", "m2", day=7, status="written"))
    run = acme.export()
    assert acme.hub.deliver_due().failed == 0
    told = host.verified(secret)
    assert {one["type"] for one in told} == {
        "export.planned",
        "timecard.left",
        "timecard.exported",
        "run.finished",
    }
    exported = sorted(one["data"]["timecard"] for one in told if one["type"] == "timecard.exported")
    left = [one["data"] for one in told if one["type"] == "timecard.left"]
    assert (exported, [(one["timecard"], one["reason"]) for one in left]) == (["t1", "t2"], [("t3", "not_approved")])
    end = told[-1]
    assert (end["type"], end["data"]["state"], end["data"]["run"]) == ("run.finished", "done", run.id)
    assert {(one["data"]["company"], one["data"]["provider"]) for one in told} == {("acme", "ledger")}
    assert numbers(told) == [1, 2, 3, 4]
    assert leaks(b"".join(one.body for one in host.requests), [CANARY]) == []


def test_a_message_that_was_changed_or_signed_with_another_secret_is_refused(acme: Company, host: Receiver) -> None:
    """The signature covers the id, the time and the body; each endpoint has a secret of its own."""
    _, secret = acme.hub.add_webhook(host.url)
    _, other = acme.hub.add_webhook(host.url, company="acme")
    acme.cards(card("t1"))
    acme.plan()
    acme.hub.deliver_due()
    assert len(host.requests) == 2
    for one in (secret, other):
        with pytest.raises(WebhookVerificationError):
            host.verified(one)


def test_an_unsigned_message_would_be_noticed(acme: Company, host: Receiver) -> None:
    """The mutant: without a signature the receiver refuses."""
    _, secret = acme.hub.add_webhook(host.url)
    acme.cards(card("t1"))
    acme.plan()
    unsigned = lambda event, secret, now: Message({"webhook-id": "evt_1"}, b'{"type": "x"}')  # noqa: E731
    with patch.object(delivering, "signed", unsigned):
        acme.hub.deliver_due()
    with pytest.raises(WebhookVerificationError):
        host.verified(secret)


def test_an_endpoint_of_a_company_never_hears_of_another(acme: Company, host: Receiver) -> None:
    """Whoever is asked: sending, listing, switching and replaying. One of the platform hears of both."""
    acme.hub.add_company("zuid", "Zuid")
    with receiver() as zuid, receiver() as all_of_them:
        mine, _ = acme.hub.add_webhook(host.url, company="acme")
        theirs, _ = acme.hub.add_webhook(zuid.url, company="zuid")
        acme.hub.add_webhook(all_of_them.url)
        for company in ("acme", "zuid"):
            with acme.hub.store.write(company) as session:
                session.tell(EventKind.REMINDER, "ledger", timecards=3)
        acme.hub.deliver_due()
        heard = [[one["data"]["company"] for one in each.messages] for each in (host, zuid, all_of_them)]
        assert heard == [["acme"], ["zuid"], ["acme", "zuid"]]
        assert [one.id for one in acme.hub.webhooks("acme")] == [mine]
        for refused in (
            lambda: acme.hub.switch_webhook(theirs, False, "acme"),
            lambda: acme.hub.remove_webhook(theirs, "acme"),
            lambda: acme.hub.failed_deliveries(theirs, "acme"),
        ):
            with pytest.raises(Exception, match=f"There is no webhook {theirs}"):
                refused()


def test_an_endpoint_hears_of_the_kinds_that_it_wants_from_when_it_is_there(acme: Company, host: Receiver) -> None:
    """What happened before is not told, unless it is replayed."""
    acme.cards(card("t1"))
    acme.export()
    acme.hub.deliver_due()
    acme.hub.add_webhook(host.url, ["run.finished"])
    acme.cards(card("t2", "m2"))
    acme.export()
    acme.hub.deliver_due()
    assert [(one["type"], one["data"]["run"]) for one in host.messages] == [("run.finished", 2)]


def of_kind(acme: Company, kind: EventKind) -> list[Event]:
    return [one for one in acme.rows(Event) if one.kind == kind]


@contextmanager
def dying_when_white() -> Iterator[None]:
    """Let the process die in the transaction that turns a card white, after the event was written."""
    real = moves.turn_white

    def dies(*arguments: Any) -> None:
        real(*arguments)
        die()

    with patch.object(moves, "turn_white", dies), patch.object(Lease, "keep"), pytest.raises(Crash):
        yield


def test_what_was_rolled_back_is_not_told_and_what_was_done_is_told_once(acme: Company, clock: FakeClock) -> None:
    """An event is written in the transaction of what it tells of."""
    acme.cards(card("t1"))
    plan = acme.plan()
    acme.hub.release("acme", plan.id, "Robin")
    with dying_when_white():
        acme.hub.run("acme", plan.id)
    assert (acme.white(), of_kind(acme, EventKind.TIMECARD_EXPORTED)) == (set(), [])
    clock.forward(1000)
    acme.hub.run("acme", plan.id)
    assert [one.detail["timecard"] for one in of_kind(acme, EventKind.TIMECARD_EXPORTED)] == ["t1"]


def test_telling_outside_the_transaction_would_be_noticed(acme: Company) -> None:
    """The mutant: it tells of a card that is not white. SQLite cannot even: it has one writer."""
    if acme.hub.store.engine.dialect.name == "sqlite":
        pytest.skip("a second writer waits for the first, so this mutant never ends there")

    def outside(connection: Any, clock: Any, kind: EventKind, run: int, detail: dict[str, Any]) -> None:
        with acme.hub.store.write("acme") as session:
            session.tell(kind, "ledger", run, **detail)

    acme.cards(card("t1"))
    plan = acme.plan()
    acme.hub.release("acme", plan.id, "Robin")
    with patch.object(trail, "tell", outside), dying_when_white():
        acme.hub.run("acme", plan.id)
    assert (acme.white(), len(of_kind(acme, EventKind.TIMECARD_EXPORTED))) == (set(), 1)


def test_two_workers_send_each_message_once(acme: Company, host: Receiver) -> None:
    """They claim what they send; numbers of a run are given once, too."""
    acme.hub.add_webhook(host.url)
    for run in (1, 2):
        with acme.hub.store.write("acme") as session:
            for number in range(20):
                session.tell(EventKind.TIMECARD_EXPORTED, "ledger", run, timecard=f"t{number}")
    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(lambda _: acme.hub.deliver_due(), range(4)), Delivered())
    assert (done.arrived, len(set(host.ids)), len(host.ids)) == (40, 40, 40)
    found = sorted((one.run, one.sequence) for one in of_kind(acme, EventKind.TIMECARD_EXPORTED))
    assert found == [(run, number) for run in (1, 2) for number in range(1, 21)]


def test_what_a_dead_worker_had_claimed_is_sent_again_under_the_same_id(
    acme: Company, host: Receiver, clock: FakeClock
) -> None:
    """It died after sending and before writing that down: at least once, and the host can tell by the id."""
    acme.hub.add_webhook(host.url)
    acme.cards(card("t1"))
    acme.plan()
    spread(acme.hub.store, clock.moment().at)
    with just_before(delivering._Delivering, "_record", die), pytest.raises(Crash):
        acme.hub.deliver_due()
    assert acme.hub.deliver_due() == Delivered()
    clock.forward(LEASE.total_seconds())
    assert acme.hub.deliver_due().arrived == 1
    assert (len(host.ids), len(set(host.ids))) == (2, 1)


def test_a_message_that_arrived_is_not_sent_again_unless_it_is_replayed(
    acme: Company, host: Receiver, clock: FakeClock
) -> None:
    """Replay sends from an event or a moment on, under the same ids."""
    number, secret = acme.hub.add_webhook(host.url)
    acme.cards(card("t1"))
    acme.plan()
    acme.plan()
    acme.hub.deliver_due()
    clock.forward(120)
    assert acme.hub.deliver_due() == Delivered()
    first, second = host.ids
    assert acme.hub.replay_webhook(number, Since(event=int(second.split("_")[1]))) == 1
    assert acme.hub.replay_webhook(number, Since(at=clock.moment().at)) == 0
    assert acme.hub.deliver_due().arrived == 1
    assert host.ids == [first, second, second]
    assert len(host.verified(secret)) == 3
