"""The fault server with faults of one's own, with another certificate, and between a client and a real server."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trustme

from hub.errors import NotSent, UnknownOutcome
from hub.testing.faults import WIRE_FAULTS, FaultServer, answer, page, relay, rewritten
from hub.transport import Http

GOOD = answer(b"<id>7</id>")


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def http(authority: trustme.CA, tmp_path: Path) -> Iterator[Http]:
    authority.cert_pem.write_to_path(str(tmp_path / "house.pem"))
    with closing(Http((), operation_seconds=2, allow_loopback=True, ca_file=str(tmp_path / "house.pem"))) as client:
        yield client


def ask(http: Http, server: FaultServer) -> bytes:
    return http.request("POST", server.url, body=b"<ask/>", accept=("text/xml",), statuses=(200, 500)).read()


def certified(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_an_answer_may_be_rewritten_and_is_whole_again(http: Http) -> None:
    """Its length fits what is in it."""
    with FaultServer(GOOD, fault=rewritten(lambda body: body.replace(b"7", b"-12"), 500)) as server:
        assert ask(http, server) == b"<id>-12</id>"


@pytest.mark.parametrize("status", [200, 401, 504])
def test_a_page_is_no_answer(http: Http, status: int) -> None:
    """Whatever its status is."""
    with FaultServer(GOOD, fault=page(status, "Log in")) as server, pytest.raises(UnknownOutcome) as caught:
        ask(http, server)
    assert caught.value.status == status


def test_it_may_stand_between_a_client_and_a_server(http: Http) -> None:
    """The request arrives behind it as it was sent, and may arrive there although the answer is lost."""
    with FaultServer(GOOD) as behind, FaultServer(relay(behind.port)) as front:
        assert ask(http, front) == b"<id>7</id>"
        front.fault = "close"
        with pytest.raises(UnknownOutcome):
            ask(http, front)
    assert [one.partition(b"\r\n\r\n")[2] for one in behind.requests] == [b"<ask/>", b"<ask/>"]


def test_a_connection_may_be_reset_before_anything_is_read(http: Http) -> None:
    """How soon the client sees it is a matter of luck: what it must not do is to send again."""
    with FaultServer(GOOD) as server:
        server.early = WIRE_FAULTS["reset"]
        with pytest.raises((NotSent, UnknownOutcome)):
            ask(http, server)
        server.early = None
        assert ask(http, server) == b"<id>7</id>"
    assert len(server.requests) == 1


def test_a_certificate_may_be_put_in_the_place_of_another(http: Http, authority: trustme.CA) -> None:
    """From the next connection on."""
    with FaultServer(GOOD, tls=certified(authority.issue_cert("127.0.0.1"))) as server:
        assert ask(http, server) == b"<id>7</id>"
        server.tls = certified(authority.issue_cert("payroll.test"))
        with pytest.raises(NotSent, match="made out to another host"):
            ask(http, server)


def test_a_handshake_may_hang(http: Http, authority: trustme.CA) -> None:
    """Nothing is read, so nothing was sent."""
    with FaultServer(GOOD, tls=certified(authority.issue_cert("127.0.0.1"))) as server:
        server.early = WIRE_FAULTS["hang"]
        with pytest.raises(NotSent, match="made no secure connection"):
            ask(http, server)
    assert server.requests == []
