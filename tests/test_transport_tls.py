"""TLS: certificates are always checked; where one fails nothing is sent, and the text says whose it is."""

from __future__ import annotations

import contextlib
import datetime
import pathlib
import socket
import ssl

import pytest
import trustme

from hub import transport
from hub.errors import NotSent, SettingsError
from hub.network import Deadline, secure
from hub.testing.faults import FaultServer, answer
from hub.transport import Http

GOOD = answer(b"<ok/>")
TODAY = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "house.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def served_with(certificate: trustme.LeafCert) -> FaultServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return FaultServer(GOOD, tls=context)


def ask(server: FaultServer, ca_file: str | None, host: str = "127.0.0.1", connect_seconds: float = 5) -> bytes:
    http = Http((), connect_seconds=connect_seconds, allow_loopback=True, ca_file=ca_file)
    with contextlib.closing(http):
        return http.request("POST", f"https://{host}:{server.port}/", accept=("text/xml",)).read()


def test_a_house_may_add_its_own_authority(authority: trustme.CA, ca_file: str) -> None:
    with served_with(authority.issue_cert("127.0.0.1")) as server:
        assert ask(server, ca_file) == b"<ok/>"


def test_a_name_is_checked_as_it_was_given_and_not_as_an_address(authority: trustme.CA, ca_file: str) -> None:
    with served_with(authority.issue_cert("localhost")) as server:
        assert ask(server, ca_file, "localhost") == b"<ok/>"
    assert f"Host: localhost:{server.port}\r\n".encode() in server.requests[0]


def test_an_authority_that_nobody_added_is_not_trusted(authority: trustme.CA) -> None:
    told = "certificate of 127.0.0.1 is signed by nobody .* the operator must"
    with served_with(authority.issue_cert("127.0.0.1")) as server, pytest.raises(NotSent, match=told):
        ask(server, None)
    assert server.requests == []


def test_an_expired_certificate_is_named_as_such(authority: trustme.CA, ca_file: str) -> None:
    told = "certificate of 127.0.0.1 has expired.* its owner must renew it"
    certificate = authority.issue_cert("127.0.0.1", not_after=TODAY - DAY)
    with served_with(certificate) as server, pytest.raises(NotSent, match=told):
        ask(server, ca_file)
    assert server.requests == []


def test_a_certificate_of_tomorrow_points_at_the_clock(authority: trustme.CA, ca_file: str) -> None:
    certificate = authority.issue_cert("127.0.0.1", not_before=TODAY + DAY, not_after=TODAY + 9 * DAY)
    with served_with(certificate) as server, pytest.raises(NotSent, match="check the clock"):
        ask(server, ca_file)
    assert server.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_of_another_host_is_named_as_such(authority: trustme.CA, ca_file: str, host: str) -> None:
    told = f"certificate of {host} is made out to another host"
    with served_with(authority.issue_cert("payroll.test")) as server, pytest.raises(NotSent, match=told):
        ask(server, ca_file, host)
    assert server.requests == []


def test_a_server_without_tls_is_not_sent(ca_file: str) -> None:
    with FaultServer(GOOD) as server, pytest.raises(NotSent, match="made no secure connection"):
        ask(server, ca_file, connect_seconds=0.2)
    assert server.requests == []


def test_a_handshake_for_which_no_time_is_left_closes_the_connection() -> None:
    moments = iter([0.0, 1.0])
    deadline = Deadline(1, lambda: next(moments))
    ours, theirs = socket.socketpair()
    with theirs, pytest.raises(NotSent, match="made no secure connection"):
        secure(ours, ssl.create_default_context(), "payroll.test", deadline)
    assert ours.fileno() == -1


def test_an_old_tls_version_is_refused(authority: trustme.CA, ca_file: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FaultServer(GOOD, tls=context) as server, pytest.raises(NotSent, match="made no secure connection"):
        ask(server, ca_file)


def test_the_environment_cannot_add_an_authority(
    authority: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    with served_with(authority.issue_cert("127.0.0.1")) as server, pytest.raises(NotSent):
        ask(server, None)


def test_the_environment_cannot_have_the_keys_written(
    authority: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    transport._trust.cache_clear()  # what is trusted is worked out once per process; here it must see the variable
    with served_with(authority.issue_cert("127.0.0.1")) as server:
        ask(server, ca_file)
    assert "CLIENT" not in (tmp_path / "keys").read_text()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_file_that_is_none_is_a_wrong_setting(tmp_path: pathlib.Path, content: str | None) -> None:
    path = tmp_path / "house.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsError, match=r"house.pem holds no certificates"):
        Http((), ca_file=str(path))
