"""Every wire fault, over http and https: which error it becomes, what that says, and how often the request arrived."""

from __future__ import annotations

import pathlib
import re
import socket
import ssl
import time
import traceback
import tracemalloc
from collections.abc import Iterator

import pytest
import trustme

from hub.errors import UnknownOutcome
from hub.testing.faults import WIRE_FAULTS, FaultServer, answer
from hub.transport import Http

BSN = "111222333"
SECRET = "correct-horse-battery"
GOOD = answer(f"<employees><bsn>{BSN}</bsn></employees>".encode())
BODY = GOOD.partition(b"\r\n\r\n")[2]

CUT = "sent an answer that is cut off"
REFUSED = "no usable answer"
EXPECTED: dict[str, tuple[str, int | None]] = {
    "hang": ("did not answer in time", None),
    "reset": (f"broke the connection|{CUT}", None),  # OpenSSL takes a reset for an end
    "close": (CUT, None),
    "cut-headers": (CUT, None),
    "cut-body": (CUT, 200),
    "cut-chunked": (CUT, 200),
    "cut-body-no-length": ("did not say where its answer ends", 200),
    "html-200": ("another kind of content", 200),
    "html-502": (REFUSED, 502),
    "html-503": (REFUSED, 503),
    "redirect-302": (REFUSED, 302),
    "redirect-307": (REFUSED, 307),
    "empty": ("sent an empty answer", 200),
    "wrong-type": ("another kind of content", 200),
    "slow-drip": ("did not answer in time", 200),
    "drip-headers": ("did not answer in time", None),
    "gzip-bomb": ("sent more than the 8388608 bytes", 200),
    "throttle-429": (REFUSED, 429),
    "throttle-503": (REFUSED, 503),
}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module", params=["http", "https"])
def tls(request: pytest.FixtureRequest, authority: trustme.CA) -> ssl.SSLContext | None:
    if request.param == "http":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def http(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Http]:
    ca_file: pathlib.Path = tmp_path_factory.mktemp("ca") / "house.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    client = Http((), operation_seconds=0.4, allow_loopback=True, ca_file=str(ca_file))
    yield client
    client.close()


def ask(http: Http, server: FaultServer) -> bytes:
    answered = http.request(
        "POST",
        f"{server.url}/service?token={SECRET}",
        body=f"<password>{SECRET}</password>".encode(),
        headers={"Authorization": f"Bearer {SECRET}"},
        accept=("text/xml",),
    )
    return answered.read()


def test_every_fault_has_an_expected_end() -> None:
    assert set(EXPECTED) == set(WIRE_FAULTS) - {"gzip-good"}


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_leaves_the_outcome_unknown_and_is_sent_once(
    http: Http, tls: ssl.SSLContext | None, fault: str
) -> None:
    words, status = EXPECTED[fault]
    with FaultServer(GOOD, fault=fault, tls=tls) as server, pytest.raises(UnknownOutcome) as caught:
        ask(http, server)
    assert re.search(words, caught.value.text)
    assert caught.value.status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", EXPECTED)
def test_the_error_of_a_fault_names_the_host_and_quotes_nothing(http: Http, fault: str) -> None:
    with FaultServer(GOOD, fault=fault) as server, pytest.raises(UnknownOutcome) as caught:
        ask(http, server)
    told = "".join(traceback.format_exception(caught.value)) + caught.value.detail + repr(vars(caught.value))
    assert caught.value.text.startswith("127.0.0.1 ")
    assert SECRET not in told
    assert BSN not in told
    assert caught.value.__context__ is None


@pytest.mark.parametrize("fault", ["throttle-429", "throttle-503"])
def test_a_throttled_call_tells_how_long_to_wait(http: Http, fault: str) -> None:
    with FaultServer(GOOD, fault=fault) as server, pytest.raises(UnknownOutcome) as caught:
        ask(http, server)
    assert caught.value.retry_after == 7


def test_a_packed_good_answer_simply_works(http: Http, tls: ssl.SSLContext | None) -> None:
    with FaultServer(GOOD, fault="gzip-good", tls=tls) as server:
        assert ask(http, server) == BODY


def test_a_good_answer_works_and_the_request_arrives_as_it_was_given(http: Http, tls: ssl.SSLContext | None) -> None:
    with FaultServer(GOOD, tls=tls) as server:
        assert ask(http, server) == BODY
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /service?token={SECRET} HTTP/1.1\r\n".encode())
    assert f"Authorization: Bearer {SECRET}".encode() in head
    assert body == f"<password>{SECRET}</password>".encode()


def test_a_gzip_bomb_does_not_fill_the_memory(http: Http) -> None:
    with FaultServer(GOOD, fault="gzip-bomb") as server:
        with pytest.raises(UnknownOutcome):  # makes the bomb, which is kept, before memory is measured
            ask(http, server)
        tracemalloc.start()
        with pytest.raises(UnknownOutcome):
            ask(http, server)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 20 << 20


def test_a_good_answer_may_be_made_from_the_request(http: Http) -> None:
    with FaultServer(lambda request: answer(request.partition(b"\r\n\r\n")[2])) as server:
        assert ask(http, server) == f"<password>{SECRET}</password>".encode()


def test_an_answer_that_is_no_http_is_not_quoted(http: Http) -> None:
    with FaultServer(f"BSN {BSN}\r\n\r\n".encode()) as server, pytest.raises(UnknownOutcome) as caught:
        ask(http, server)
    assert BSN not in "".join(traceback.format_exception(caught.value)) + caught.value.detail
    assert caught.value.__context__ is None


def test_a_fault_may_change_between_requests(http: Http) -> None:
    with FaultServer(GOOD, fault="close") as server:
        with pytest.raises(UnknownOutcome):
            ask(http, server)
        server.fault = None
        assert ask(http, server) == BODY
    assert len(server.requests) == 2


def test_the_server_ends_although_a_client_stays() -> None:
    """Leaving the server wakes what hangs in it."""
    with FaultServer(GOOD, fault="hang") as server:
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while not server.requests:
            time.sleep(0.01)
    with client:
        assert client.recv(1) == b""


def test_half_a_request_is_not_counted() -> None:
    with FaultServer(GOOD) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert server.requests == []
