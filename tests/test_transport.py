"""The HTTP client: what it sends, what it keeps to itself, how long it waits, and that it never sends twice."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.errors import NotSent, UnknownOutcome
from hub.testing.faults import FaultServer, answer, read_request, redirect
from hub.transport import CONNECTIONS, Answer, Http

GOOD = answer(b"<ok/>")
KEPT = answer(b"<ok/>", headers={"Connection": "keep-alive"})
XML = ("text/xml",)


@pytest.fixture
def http() -> Iterator[Http]:
    with contextlib.closing(Http((), connect_seconds=0.2, operation_seconds=0.4, allow_loopback=True)) as client:
        yield client


@contextlib.contextmanager
def silent_listener(backlog: int = 8) -> Iterator[str]:
    """Give the address of a port that takes connections, but where nobody ever reads."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def in_time(seconds: float = 1) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


# -- what is sent and what comes back ---------------------------------------------------------------------------------


def test_an_answer_tells_status_headers_media_type_and_body(http: Http) -> None:
    good = answer(b'{"id":1}', "Application/JSON; charset=utf-8", 201, {"X-Trace": "7"})
    with FaultServer(good) as server:
        answered = http.request("POST", server.url, body=b"{}", accept=("application/json",), statuses=(200, 201))
    assert (answered.status, answered.content_type, answered.headers["x-trace"]) == (201, "application/json", "7")
    assert (answered.read(), answered.read()) == (b'{"id":1}', b'{"id":1}')


def test_it_asks_for_gzip_and_for_the_agreed_types_only(http: Http) -> None:
    with FaultServer(GOOD) as server:
        http.request("GET", server.url, accept=("text/xml", ""), headers={"accept-encoding": "br"})
    head = server.requests[0].lower()
    assert b"\r\naccept: text/xml\r\n" in head
    assert head.count(b"\r\naccept-encoding: gzip\r\n") == head.count(b"accept-encoding") == 1


def test_an_answer_without_content_is_taken_where_it_was_agreed(http: Http) -> None:
    empty = answer(b"", "", 202)
    with FaultServer(empty) as server:
        assert http.request("POST", server.url, accept=("",), statuses=(202,)).read() == b""


def test_no_content_is_taken_where_its_status_was_agreed(http: Http) -> None:
    with FaultServer(answer(b"", "", 204, {"Content-Length": ""})) as server:
        assert http.request("DELETE", server.url, accept=XML, statuses=(204,)).read() == b""


def test_a_fault_with_an_agreed_status_is_an_answer(http: Http) -> None:
    with FaultServer(answer(b"<fault/>", status=500)) as server:
        assert http.request("POST", server.url, accept=XML, statuses=(200, 500)).status == 500


def test_a_stream_gives_the_body_while_it_comes(http: Http) -> None:
    more = threading.Event()

    def in_two(peer: socket.socket, _: bytes) -> None:
        whole = answer(b"first" + b"second")
        peer.sendall(whole[: -len(b"second")])
        more.wait(5)
        peer.sendall(b"second")

    with FaultServer(b"", fault=in_two) as server, http.stream("GET", server.url, accept=XML) as answered:
        assert next(answered.chunks) == b"first"
        more.set()
        assert answered.read() == b"second"


def test_a_stream_that_is_cut_off_raises_while_it_is_read(http: Http) -> None:
    with FaultServer(GOOD, fault="cut-body") as server, http.stream("GET", server.url, accept=XML) as answered:
        assert next(answered.chunks) == b"<o"
        with pytest.raises(UnknownOutcome, match="cut off"):
            next(answered.chunks)


def test_an_own_error_while_reading_a_stream_stays_that_error(http: Http) -> None:
    with FaultServer(GOOD) as server, pytest.raises(KeyError), http.stream("GET", server.url, accept=XML):
        raise KeyError


def test_an_answer_over_the_size_limit_is_refused(http: Http) -> None:
    with FaultServer(answer(b"x" * 11)) as server, pytest.raises(UnknownOutcome, match="more than the 10 bytes"):
        http.request("GET", server.url, accept=XML, max_bytes=10)


def test_an_answer_of_just_the_size_limit_is_taken(http: Http) -> None:
    with FaultServer(answer(b"x" * 10)) as server:
        assert len(http.request("GET", server.url, accept=XML, max_bytes=10).read()) == 10


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(http: Http, status: int) -> None:
    with (
        FaultServer(GOOD) as target,
        FaultServer(GOOD, fault=redirect(status, target.url)) as server,
        pytest.raises(UnknownOutcome) as caught,
    ):
        http.request("POST", server.url, body=b"secret", accept=XML, statuses=(200, status))
    assert caught.value.status == status
    assert len(server.requests) == 1
    assert target.requests == []


def test_a_redirect_to_nonsense_is_just_a_redirect(http: Http) -> None:
    with FaultServer(GOOD, fault=redirect(302, "https://[")) as server, pytest.raises(UnknownOutcome) as caught:
        http.request("POST", server.url, accept=XML)
    assert caught.value.status == 302


# -- sent at most once ------------------------------------------------------------------------------------------------


def test_a_refused_connection_is_not_sent(http: Http) -> None:
    with silent_listener() as address:
        pass
    with pytest.raises(NotSent, match=r"^127.0.0.1 took no connection"):
        http.request("POST", f"http://{address}/", accept=XML)


def test_a_connection_that_does_not_come_about_in_time_is_not_sent(http: Http) -> None:
    with silent_listener(backlog=0) as address, contextlib.ExitStack() as waiting:
        for _ in range(3):  # more than fit in the backlog
            filler = waiting.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", int(address.rpartition(":")[2])))
        with in_time(), pytest.raises(NotSent, match="took no connection"):
            http.request("POST", f"http://{address}/", accept=XML)


def test_a_tls_handshake_that_hangs_is_not_sent(http: Http) -> None:
    with silent_listener() as address, in_time(), pytest.raises(NotSent, match="made no secure connection"):
        http.request("POST", f"https://{address}/", accept=XML)


def test_a_full_pool_is_not_sent(http: Http) -> None:
    with FaultServer(GOOD) as server, contextlib.ExitStack() as busy:
        for _ in range(CONNECTIONS):
            busy.enter_context(http.stream("GET", server.url, accept=XML))
        with pytest.raises(NotSent, match="in use"):
            http.request("POST", server.url, accept=XML)
    assert len(server.requests) == CONNECTIONS


def test_refused_answers_leave_the_pool_as_it_was(http: Http) -> None:
    with FaultServer(GOOD, fault="html-502") as server:
        for _ in range(CONNECTIONS + 1):
            with pytest.raises(UnknownOutcome, match="HTTP 502"):
                http.request("POST", server.url, accept=XML)
    assert len(server.requests) == CONNECTIONS + 1


def test_streams_that_nobody_read_leave_the_pool_as_it_was(http: Http) -> None:
    with FaultServer(GOOD) as server:
        for _ in range(CONNECTIONS + 1):
            with http.stream("GET", server.url, accept=XML):
                pass
    assert len(server.requests) == CONNECTIONS + 1


def test_a_connection_is_used_again(http: Http) -> None:
    later: list[bytes] = []

    def twice(peer: socket.socket, good: bytes) -> None:
        peer.sendall(good)
        later.append(read_request(peer))
        peer.sendall(good)

    with FaultServer(KEPT, fault=twice) as server:
        for _ in range(2):
            http.request("GET", server.url, accept=XML)
    assert (len(server.requests), len(later)) == (1, 1)


def test_a_reused_connection_gets_the_deadline_of_the_new_call(http: Http) -> None:
    def twice(peer: socket.socket, good: bytes) -> None:
        peer.sendall(good)
        read_request(peer)
        peer.sendall(good)

    with FaultServer(KEPT, fault=twice) as server:
        http.request("GET", server.url, accept=XML)
        time.sleep(0.45)  # longer than the first call may take
        assert http.request("GET", server.url, accept=XML).read() == b"<ok/>"


def test_a_connection_that_was_closed_between_two_calls_is_replaced_before_anything_is_sent(http: Http) -> None:
    """The second call works, on a new connection; it is no retry, because the old one is seen to be closed first."""
    with FaultServer(KEPT) as server:
        http.request("POST", server.url, accept=XML)
        time.sleep(0.05)  # for the end of the first connection to arrive
        http.request("POST", server.url, accept=XML)
    assert len(server.requests) == 2


def test_a_reused_connection_that_breaks_leaves_the_outcome_unknown_and_is_not_retried(http: Http) -> None:
    later: list[bytes] = []

    def then_close(peer: socket.socket, good: bytes) -> None:
        peer.sendall(good)
        later.append(read_request(peer))

    with FaultServer(KEPT, fault=then_close) as server:
        http.request("POST", server.url, accept=XML)
        with pytest.raises(UnknownOutcome):
            http.request("POST", server.url, accept=XML)
    assert (len(server.requests), len(later)) == (1, 1)


def test_a_request_that_cannot_be_sent_whole_leaves_the_outcome_unknown(http: Http) -> None:
    with silent_listener() as address, in_time(), pytest.raises(UnknownOutcome, match="did not answer in time"):
        http.request("POST", f"http://{address}/", body=bytes(32 << 20), accept=XML)


@pytest.mark.parametrize("fault", ["drip-headers", "slow-drip"])
def test_a_trickle_does_not_stretch_the_deadline(http: Http, fault: str) -> None:
    late = pytest.raises(UnknownOutcome, match="in time")
    with in_time(), FaultServer(answer(bytes(100)), fault=fault) as server, late:
        http.request("POST", server.url, accept=XML)


def test_the_deadline_is_on_the_clock_that_was_given() -> None:
    clock = iter([0.0, 1.0, 61.0])
    http = Http((), operation_seconds=60, allow_loopback=True, now=lambda: next(clock))
    with contextlib.closing(http), FaultServer(GOOD) as server, pytest.raises(NotSent):
        http.request("POST", server.url, accept=XML)
    assert server.requests == []


def test_each_of_two_open_streams_keeps_its_own_deadline(http: Http) -> None:
    """The first does not get the time of the second, which was opened later."""
    with FaultServer(answer(bytes(100)), fault="slow-drip") as server, contextlib.ExitStack() as both:
        first = both.enter_context(http.stream("GET", server.url, accept=XML))
        time.sleep(0.3)
        both.enter_context(http.stream("GET", server.url, accept=XML))
        with in_time(0.35), pytest.raises(UnknownOutcome, match="in time"):
            first.read()


def test_eight_threads_each_get_their_own_answer(http: Http) -> None:
    def echo(request: bytes) -> bytes:
        return answer(request.partition(b"\r\n\r\n")[2])

    def ask(number: int) -> bytes:
        return http.request("POST", server.url, body=b"%d" % number, accept=XML).read()

    with FaultServer(echo) as server, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(80)))
    assert answers == [b"%d" % number for number in range(80)]


# -- what it keeps to itself ------------------------------------------------------------------------------------------


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(GOOD) as proxy, FaultServer(GOOD) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with contextlib.closing(Http((), allow_loopback=True)) as http:
            http.request("GET", server.url, accept=XML)
    assert proxy.requests == []


def test_passwords_in_netrc_are_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login someone password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with FaultServer(GOOD) as server, contextlib.closing(Http((), allow_loopback=True)) as http:
        http.request("GET", server.url, accept=XML)
    assert b"authorization" not in server.requests[0].lower()


def test_cookies_are_not_kept(http: Http) -> None:
    with FaultServer(answer(b"<ok/>", headers={"Set-Cookie": "session=1"})) as server:
        for _ in range(2):
            http.request("GET", server.url, accept=XML)
    assert b"cookie" not in server.requests[1].lower()


def test_a_debug_log_holds_nothing_of_request_or_answer(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "correct-horse-battery"
    with FaultServer(answer(secret.encode(), headers={"X-Secret": secret})) as server:
        url, headers = f"{server.url}/{secret}?token={secret}", {"Authorization": secret}
        http.request("POST", url, body=secret.encode(), headers=headers, accept=XML)
    assert secret not in caplog.text


@pytest.mark.parametrize(
    "ask",
    [
        lambda http, url: http.request("GET", url, headers={"Authorization": "secrét-€"}, accept=XML),
        lambda http, url: http.request("GET", f"{url}/\x00secret", accept=XML),
    ],
)
def test_what_cannot_be_sent_as_http_is_not_sent_and_not_quoted(http: Http, ask: Callable[[Http, str], Answer]) -> None:
    with FaultServer(GOOD) as server, pytest.raises(NotSent, match="cannot be sent as HTTP") as caught:
        ask(http, server.url)
    assert caught.value.__context__ is None
    assert server.requests == []


def test_a_header_that_would_smuggle_another_is_never_sent_or_quoted(http: Http) -> None:
    with FaultServer(GOOD) as server, pytest.raises(UnknownOutcome) as caught:
        http.request("GET", server.url, headers={"X-Name": "a\r\nX-Secret: b"}, accept=XML)
    assert "X-Secret" not in caught.value.text + caught.value.detail
    assert server.requests == []
