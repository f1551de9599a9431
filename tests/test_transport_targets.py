"""Which machines may be reached: the list of hosts first, then the check of the very address."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any, NoReturn

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.errors import NotSent
from hub.network import Deadline, check_target, is_listed, is_public
from hub.testing.faults import FaultServer, answer
from hub.transport import Http

GOOD = answer(b"<ok/>")
HOST = "api.nmbrs.nl"

PRIVATE = [
    "2130706433",  # 127.0.0.1 as a whole number
    "0x7f000001",  # in hexadecimal
    "0177.0.0.1",  # in octal
    "127.1",  # shortened
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 (an address to refuse, not to listen on)
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the metadata of a cloud machine
    "100.64.0.1",  # shared by the customers of a carrier
    "224.0.0.1",  # many machines at once
    "255.255.255.255",
    "localhost",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",  # IPv4-compatible
    "[::ffff:127.0.0.1]",  # IPv4-mapped
    "[64:ff9b::7f00:1]",  # NAT64 of 127.0.0.1
    "[64:ff9b:1::7f00:1]",  # NAT64 of a house
    "[2002:7f00:1::]",  # 6to4 of 127.0.0.1
    "[2001:0:7f00:1::]",  # Teredo
    "[fd00:ec2::254]",  # the metadata of a cloud machine
    "[fe80::1]",
    "[ff02::1]",
]

NOT_LISTED = [
    f"https://{HOST}.evil.test/",
    f"https://evil{HOST}/",
    f"https://evil.test/{HOST}",
    f"https://evil.test#{HOST}",
    f"https://evil.test?{HOST}",
    f"https://evil.test\\@{HOST}/",
    f"https://{HOST}./",
    f"https://{HOST}%2e/",
    f"https://{HOST}%00.evil.test/",
    f"https://sub.{HOST}/",
    "https://nmbrs.nl/",
    "https://аpi.nmbrs.nl/",  # its first letter is Cyrillic
    "https://localhost/",
    "http://127.0.0.1/",
    "https://[::1]/",
    "https:///",
    f"//{HOST}/",
    HOST,
    "",
]


def never(*_: object, **__: object) -> NoReturn:
    pytest.fail("a connection was tried")


def ask(url: str, hosts: Sequence[str] = (HOST,), *, allow_loopback: bool = False) -> None:
    http = Http(hosts, connect_seconds=0.2, operation_seconds=0.4, allow_loopback=allow_loopback)
    with contextlib.closing(http):
        http.request("POST", url, accept=("text/xml",))


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str, port: int = 443) -> list[str]:
    """Have every name stand for these addresses; return the list of the names that are asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        found = zip(families, addresses, strict=True)
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


# -- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", NOT_LISTED)
def test_a_host_that_is_not_listed_is_not_even_looked_up(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    asked = resolve_to(monkeypatch, "8.8.8.8")
    with pytest.raises(NotSent):
        ask(url)
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/",
        f"https://{HOST}:8443/",
        f"https://{HOST}:80/",
        f"ftp://{HOST}/",
        f"file://{HOST}/etc/passwd",
        f"https://user@{HOST}/",
        f"https://user:password@{HOST}/",
        f"https://:@{HOST}/",
    ],
)
def test_only_https_on_its_own_port_without_user_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    asked = resolve_to(monkeypatch, "8.8.8.8")
    with pytest.raises(NotSent) as caught:
        ask(url)
    assert asked == []
    assert "password@" not in caught.value.text


@pytest.mark.parametrize("url", [f"https://{HOST}/a?b=c", f"https://{HOST}:443/", f"HTTPS://{HOST.upper()}/"])
def test_a_listed_host_is_looked_up(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    asked = resolve_to(monkeypatch, "10.0.0.1")
    with pytest.raises(NotSent, match=f"^{HOST} leads to a private address"):
        ask(url)
    assert asked == [HOST]


@pytest.mark.parametrize(
    ("host", "listed"),
    [
        ("a.nmbrs.nl", True),
        ("a.b.nmbrs.nl", True),
        ("nmbrs.nl", False),
        (".nmbrs.nl", False),
        ("evilnmbrs.nl", False),
        ("a.nmbrs.nl.evil.test", False),
    ],
)
def test_an_entry_that_starts_with_a_dot_stands_for_its_sub_domains(host: str, listed: bool) -> None:
    assert is_listed(host, (".nmbrs.nl",)) is listed


@given(st.text(max_size=20))
def test_whatever_follows_a_listed_name_makes_it_another_name(more: str) -> None:
    assert is_listed(HOST + more, (HOST,)) is (more == "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_may_be_reached_where_that_is_allowed(host: str, scheme: str) -> None:
    check_target(scheme, host, 8080, hosts=(), allow_loopback=True)


@pytest.mark.parametrize("url", ["http://127.1/", "http://2130706433/", "http://0.0.0.0/", "ftp://localhost/"])
def test_this_machine_is_reached_by_its_plain_names_only(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    asked = resolve_to(monkeypatch, "8.8.8.8")
    with pytest.raises(NotSent):
        ask(url, allow_loopback=True)
    assert asked == []


# -- the address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_although_it_is_listed(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket.socket, "connect", never)
    with pytest.raises(NotSent):
        ask(f"https://{host}/", hosts=(host.strip("[]"),))


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "64:ff9b::7f00:1"]])
def test_one_private_address_among_those_of_a_name_is_enough(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    resolve_to(monkeypatch, *addresses)
    monkeypatch.setattr(socket.socket, "connect", never)
    with pytest.raises(NotSent, match="private address"):
        ask(f"https://{HOST}/")


@pytest.mark.parametrize("allow_loopback", [False, True])
def test_a_listed_name_that_leads_to_this_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, allow_loopback: bool
) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(socket.socket, "connect", never)
    with pytest.raises(NotSent, match="private address"):
        ask(f"https://{HOST}/", allow_loopback=allow_loopback)


def test_localhost_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "8.8.8.8")
    monkeypatch.setattr(socket.socket, "connect", never)
    with pytest.raises(NotSent, match="private address"):
        ask("http://localhost/", allow_loopback=True)


def test_a_public_address_is_connected_to_as_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is looked up once: what it leads to a moment later does not matter."""
    tried: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    asked = resolve_to(monkeypatch, "8.8.8.8", "2606:4700::1111")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(NotSent, match="took no connection"):
        ask(f"https://{HOST}/")
    assert tried == [("8.8.8.8", 443), ("2606:4700::1111", 443)]
    assert asked == [HOST]


def test_the_next_address_is_tried_where_the_first_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(GOOD) as server:
        resolve_to(monkeypatch, "127.0.0.9", "127.0.0.1", port=server.port)
        ask(f"http://localhost:{server.port}/", allow_loopback=True)
    assert len(server.requests) == 1


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_stays_what_it_is_inside_an_ipv6_one(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) | number)
    sixtofour = ipaddress.IPv6Address((0x2002 << 112) | (number << 80))
    assert {is_public(str(wrapped)) for wrapped in (mapped, nat64, sixtofour)} == {is_public(str(inner))}


@given(st.ip_addresses())
@example(ipaddress.ip_address("8.8.8.8"))
def test_a_public_address_is_never_one_of_a_house(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if is_public(str(address)):
        assert not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_an_address_of_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


# -- names and time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["name.invalid", "a" * 64 + ".test"])
def test_a_name_that_does_not_exist_is_not_sent(host: str) -> None:
    with pytest.raises(NotSent, match="could not be found"):
        ask(f"https://{host}/", hosts=(host,))


def test_a_name_server_that_hangs_does_not_stretch_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[Any]:
        over.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    with pytest.raises(NotSent, match="could not be found"):
        ask(f"https://{HOST}/")
    over.set()
    assert time.monotonic() - started < 1


def test_a_deadline_never_gives_more_than_is_left() -> None:
    clock = [100.0]
    deadline = Deadline(60, lambda: clock[0])
    clock[0] = 158.0
    assert (deadline.left(), deadline.left(5), deadline.left(1)) == (2, 2, 1)


def test_a_deadline_that_has_passed_is_a_time_out() -> None:
    clock = [100.0]
    deadline = Deadline(60, lambda: clock[0])
    clock[0] = 160.0
    with pytest.raises(TimeoutError):
        deadline.left(5)
