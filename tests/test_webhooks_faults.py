"""Endpoints that hang, fail, redirect, reset or lie about their address: reported, tried again, nobody's loss."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from hub.errors import InputError
from hub.events import delivering, sending
from hub.events.delivering import BACK_OFF, SILENT, Delivered
from hub.events.endpoints import Since
from hub.events.kinds import EventKind
from hub.events.sending import Sender
from hub.hub import Hub
from hub.process import Process
from hub.store.events import Event
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.testing.receiver import Receiver, receiver

PUBLIC, PRIVATE = "93.184.215.14", "127.0.0.1"
LIAR = "https://planning.example.org/hook"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def acme(process: Process, clock: FakeClock) -> Iterator[Company]:
    """Yield a company whose messages must be through within half a second."""
    with (
        ledger_company(process, clock) as made,
        patch.object(delivering, "Sender", partial(Sender, seconds=0.5)),
    ):
        yield made


@pytest.fixture
def host() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def tell(acme: Company, *kinds: EventKind) -> None:
    """Let something happen."""
    with acme.hub.store.write("acme") as session:
        for kind in kinds or (EventKind.REMINDER,):
            session.tell(kind, "ledger", timecards=1)


FAULTS = {
    "hang": "did not answer in time",
    "reset": "broke the connection",
    "silence": "sent an answer that is cut off or is no HTTP",
    "301": "answered with HTTP 301",
    "400": "answered with HTTP 400",
    "404": "answered with HTTP 404",
    "429": "answered with HTTP 429",
    "500": "answered with HTTP 500",
}


@pytest.mark.parametrize("says", FAULTS)
def test_what_is_not_taken_is_told_and_sent_again(says: str, acme: Company, host: Receiver, clock: FakeClock) -> None:
    """Anything but 2xx: the same message, under the same id, once the endpoint works."""
    host.says = says
    number, _ = acme.hub.add_webhook(host.url)
    tell(acme)
    assert acme.hub.deliver_due() == Delivered(failed=1)
    (failed,) = acme.hub.failed_deliveries(number)
    assert (failed.tries, FAULTS[says] in failed.last) == (1, True)
    assert acme.hub.webhooks()[0].failing_since == clock.moment().at
    host.free.set()
    host.says = "204"
    clock.forward(BACK_OFF[0].total_seconds())
    assert acme.hub.deliver_due() == Delivered(arrived=1)
    assert (len(host.ids), len(set(host.ids))) == (2, 1)
    assert (acme.hub.failed_deliveries(number), acme.hub.webhooks()[0].failing_since) == ((), None)


@pytest.mark.parametrize("says", ["200", "202", "299", "page", "endless"])
def test_any_2xx_is_an_arrival_whatever_its_body_is(says: str, acme: Company, host: Receiver) -> None:
    """A page, or a body without an end, is left where it is."""
    host.says = says
    acme.hub.add_webhook(host.url)
    tell(acme)
    assert acme.hub.deliver_due() == Delivered(arrived=1)


def test_a_redirect_is_not_followed(acme: Company, host: Receiver) -> None:
    """Not even to an address that would be allowed: the message stays, and the endpoint is told to be failing."""
    with receiver() as elsewhere:
        host.says = f"redirect {elsewhere.url}"
        number, _ = acme.hub.add_webhook(host.url)
        tell(acme)
        assert acme.hub.deliver_due() == Delivered(failed=1)
        assert acme.hub.failed_deliveries(number)[0].last == "answered with HTTP 307"
        assert (len(host.requests), elsewhere.requests) == (1, [])


def test_a_redirect_that_is_followed_would_be_noticed(acme: Company, host: Receiver) -> None:
    """The mutant: a client that follows brings the message elsewhere."""
    import httpx

    def follows(self: Sender, message: Any) -> sending.Outcome:
        answer = httpx.post(self._url, content=message.body, headers=message.headers, follow_redirects=True)
        return sending.Outcome(answer.is_success, "")

    with receiver() as elsewhere:
        host.says = f"redirect {elsewhere.url}"
        acme.hub.add_webhook(host.url)
        tell(acme)
        with patch.object(Sender, "send", follows):
            assert acme.hub.deliver_due() == Delivered(arrived=1)
        assert len(elsewhere.requests) == 1


def test_nobody_listens(acme: Company) -> None:
    """A refused connection is a failure like any other."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    number, _ = acme.hub.add_webhook(f"http://127.0.0.1:{port}/")
    tell(acme)
    assert acme.hub.deliver_due() == Delivered(failed=1)
    assert "took no connection" in acme.hub.failed_deliveries(number)[0].last


def resolves_to(*answers: str) -> Any:
    """Let every name lead to these addresses, one after the other at each look-up; the last one stays."""
    left = list(answers)

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return patch("socket.getaddrinfo", look_up)


@pytest.mark.parametrize("address", [PRIVATE, "10.1.2.3", "169.254.169.254", "192.168.1.1"])
def test_a_name_that_leads_into_the_house_is_refused(address: str, acme: Company) -> None:
    """The name looks public and is taken; where it leads is seen at each sending. No connection is made."""
    number, _ = acme.hub.add_webhook(LIAR)
    tell(acme)
    with resolves_to(address), patch("hub.network._open") as opened:
        assert acme.hub.deliver_due() == Delivered(failed=1)
    assert "leads to a private address" in acme.hub.failed_deliveries(number)[0].last
    opened.assert_not_called()


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(acme: Company) -> None:
    """A name that leads elsewhere the moment it was looked at: it is looked up once for each try."""
    acme.hub.add_webhook(LIAR)
    tell(acme)
    reached: list[Any] = []

    def refuses(family: int, address: tuple[Any, ...], seconds: float) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    with resolves_to(PUBLIC, PRIVATE), patch("hub.network._open", refuses):
        acme.hub.deliver_due()
    assert reached == [PUBLIC]


@pytest.mark.parametrize(
    "url",
    [
        "http://planning.example.org/hook",
        "https://planning.example.org:8443/hook",
        "https://user:password@planning.example.org/hook",
        "https://10.0.0.1/hook",
        "https://[fd00::1]/hook",
        "https://127.0.0.1.localhost/",
        "https://intranet/hook",
        "https://169.254.169.254/latest",
        "https://2130706433/",
        "https://plänning.example.org/",
        "https://planning.example.org/a b",
        "https://planning.example.org/\x00",
        "https://planning.example.org/#here",
        "ftp://planning.example.org/",
        "mailto:somebody@example.org",
        "https://",
        "https://planning.example.org:99999/",
        "nothing",
        "https://planning.example.org/" + "x" * 2000,
    ],
)
def test_only_https_to_a_public_host_may_be_an_endpoint(url: str, acme: Company) -> None:
    """And what is refused is not quoted."""
    with pytest.raises(InputError, match="A webhook goes to https") as error:
        acme.hub.add_webhook(url)
    assert "example.org" not in error.value.text
    assert acme.hub.webhooks() == ()


def test_loopback_is_for_tests_only(acme: Company, host: Receiver, process: Process) -> None:
    """Without HUB_ALLOW_LOOPBACK it can neither be added, nor is one sent to that was added before."""
    acme.hub.add_webhook(host.url)
    tell(acme)
    with Hub.open(replace(process, allow_loopback=False), clock=acme.hub.clock) as strict:
        with pytest.raises(InputError):
            strict.add_webhook(host.url)
        assert strict.deliver_due() == Delivered(failed=1)
    assert host.requests == []


def test_a_failing_message_holds_nothing_up(acme: Company, host: Receiver) -> None:
    """One that the endpoint cannot take, among others that it can."""
    host.faults = {"sync.planned": "500"}
    acme.hub.add_webhook(host.url)
    tell(acme, EventKind.SYNC_APPLIED, EventKind.SYNC_PLANNED, *[EventKind.REMINDER] * 6)
    assert acme.hub.deliver_due() == Delivered(arrived=7, failed=1)
    assert host.kinds == ["sync.applied", "sync.planned", *["reminder"] * 6]


def test_an_endpoint_that_hangs_is_left_alone_for_a_while(acme: Company, host: Receiver, clock: FakeClock) -> None:
    """It costs one message's deadline, not each one's; others get theirs in the same pass."""
    with receiver("hang") as slow:
        number, _ = acme.hub.add_webhook(slow.url)
        acme.hub.add_webhook(host.url)
        tell(acme, *[EventKind.REMINDER] * 12)
        assert acme.hub.deliver_due() == Delivered(arrived=12, failed=1)
        assert acme.hub.deliver_due() == Delivered()
        assert len(slow.requests) == 1
        slow.free.set()
        slow.says = "204"
        clock.forward(SILENT.total_seconds())
        assert acme.hub.deliver_due() == Delivered(arrived=12)
        assert slow.ids[1:] == host.ids
        assert acme.hub.failed_deliveries(number) == ()


def test_a_slow_endpoint_gets_its_turn_and_no_more(acme: Company, host: Receiver, clock: FakeClock) -> None:
    """Each answer takes four seconds: after a pass the rest waits for the next one, and others are not kept waiting."""
    acme.hub.add_webhook(host.url)
    tell(acme, *[EventKind.REMINDER] * 5)
    real = Sender.send

    def slow(self: Sender, message: Any) -> sending.Outcome:
        clock.forward(4)
        return real(self, message)

    with patch.object(Sender, "send", slow):
        passes = [acme.hub.deliver_due().arrived for _ in range(4)]
    assert passes == [2, 2, 1, 0]
    assert len(host.ids) == len(set(host.ids)) == 5


def test_an_export_is_the_same_whatever_endpoints_do(acme: Company, process: Process) -> None:
    """Without endpoints, and with ones that hang, fail, reset and lie: the same run, and nothing was sent meanwhile."""
    with receiver("hang") as hangs, receiver("500") as fails, receiver("reset") as resets:
        acme.cards(card("t1"))
        alone = acme.export()
        for url in (hangs.url, fails.url, resets.url, LIAR):
            acme.hub.add_webhook(url)
        acme.cards(card("t2", "m2"))
        beside = acme.export()
        assert [one.requests for one in (hangs, fails, resets)] == [[], [], []]
        assert (alone.state, alone.counts, alone.paused) == (beside.state, beside.counts, beside.paused)
        assert acme.white() == {"t1", "t2"}
        with resolves_to_private_beside_loopback():
            acme.hub.deliver_due()
        assert all(one.waiting for one in acme.hub.webhooks())
        assert all(one.failing_since for one in acme.hub.webhooks())
        assert acme.white() == {"t1", "t2"}


def resolves_to_private_beside_loopback() -> Any:
    """Let the liar's name lead into the house, and every other be what it is."""
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        return real("10.0.0.1" if host == "planning.example.org" else host, port, *more, **named)

    return patch("socket.getaddrinfo", look_up)


def times(acme: Company, clock: FakeClock, number: int) -> list[float]:
    """Let an endpoint fail until the hub gives up; return after how many seconds it was tried again."""
    waited = []
    while acme.hub.deliver_due().failed:
        (failed,) = acme.hub.failed_deliveries(number)
        if failed.due_at is None:
            break
        waited.append((failed.due_at - clock.moment().at).total_seconds())
        clock.forward(waited[-1] - 1)
        assert acme.hub.deliver_due() == Delivered()
        clock.forward(1)
    return waited


def test_a_message_is_tried_for_three_days_and_then_the_endpoint_is_off(
    acme: Company, host: Receiver, clock: FakeClock
) -> None:
    """By the back-off of the specification, not a second earlier; then it is reported, and a person can mend it."""
    host.says = "500"
    number, _ = acme.hub.add_webhook(host.url, company="acme")
    tell(acme)
    assert times(acme, clock, number) == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    (endpoint,) = acme.hub.webhooks()
    assert (endpoint.off, endpoint.given_up) == ("nothing arrived for three days: answered with HTTP 500", 1)
    told = [one for one in acme.rows(Event) if one.kind == EventKind.ENDPOINT_OFF]
    assert [one.detail for one in told] == [{"endpoint": number, "reason": "failing"}]
    tell(acme)
    assert (acme.hub.deliver_due(), len(host.requests)) == (Delivered(), 10)
    host.says = "204"
    acme.hub.switch_webhook(number, True)
    assert acme.hub.replay_webhook(number, Since(event=told[0].id - 1)) == 3  # type: ignore[operator]  # it has a number
    assert acme.hub.deliver_due() == Delivered(arrived=3)


def test_one_that_is_gone_is_off_at_once(acme: Company, host: Receiver) -> None:
    """410 is the endpoint's own word that it wants no more."""
    host.says = "410"
    number, _ = acme.hub.add_webhook(host.url)
    tell(acme)
    assert acme.hub.deliver_due() == Delivered(failed=1, off=(number,))
    assert acme.hub.webhooks()[0].off == "it is gone: answered with HTTP 410"
    tell(acme)
    assert (acme.hub.deliver_due(), len(host.requests)) == (Delivered(), 1)
