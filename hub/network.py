"""Which machines may be talked to, and how a connection to one is made, before a byte of a request is sent.

Because nothing was sent yet, every failure here is `NotSent`. Two nets, in this order: the list of hosts a provider
may reach, and a check of the very address that is connected to (a name on the list may still point into the house).
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from hub.errors import NotSent

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""The only spellings of this machine that are taken, and only where loopback is allowed."""

_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")  # RFC 4291: all that is given out for the public internet
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; Python 3.11 calls its private targets global
_HTTPS_PORT = 443

_Address = tuple[int, tuple[Any, ...]]
"""An address family and what `socket.connect` takes in it; the IP address comes first."""


class Deadline:
    """The moment by which a call must be over: `seconds` from now on the clock `now`."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._now = now
        self._end = now() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Return the seconds that are left, at most so many; always more than 0. Raises `TimeoutError`."""
        left = self._end - self._now()
        if left <= 0:
            raise TimeoutError
        return left if at_most is None else min(left, at_most)


# -- the target -------------------------------------------------------------------------------------------------------


def is_loopback_target(scheme: str, host: str) -> bool:
    """Say whether this is http or https to this machine itself, spelt in one of the usual ways."""
    return scheme in ("http", "https") and host in LOOPBACK_HOSTS


def is_listed(host: str, hosts: Sequence[str]) -> bool:
    """Say whether `host` is in `hosts`; an entry that starts with a dot stands for every sub-domain of it."""
    return any(host.endswith(entry) and host != entry if entry.startswith(".") else host == entry for entry in hosts)


def check_target(scheme: str, host: str, port: int | None, *, hosts: Sequence[str], allow_loopback: bool) -> None:
    """Refuse, with `NotSent`, all but https on its own port to a listed host. `port` None is the scheme's own."""
    if allow_loopback and is_loopback_target(scheme, host):
        return
    if not is_listed(host, hosts):
        raise NotSent(f"{host} is not a host that this provider may reach, so nothing was sent: correct the address.")
    if scheme != "https" or port not in (None, _HTTPS_PORT):
        raise NotSent(f"{host} may be reached over https on port 443 only, so nothing was sent: correct the address.")


# -- the address ------------------------------------------------------------------------------------------------------


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet, also where it wraps an IPv4 address in an IPv6 one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    inner = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
    if inner is not None:
        return is_public(str(inner))
    return ip in _GLOBAL_IPV6 and ip.is_global


def _is_own(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def _look_up(host: str, port: int, seconds: float) -> list[_Address]:
    """Return the addresses of a name; none where it has none or the name server takes longer than `seconds`."""
    answers: queue.SimpleQueue[list[_Address]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, address) for family, *_, address in found])
        except (OSError, UnicodeError):
            answers.put([])

    # The C library's look-up knows no time limit: what takes too long is left behind.
    threading.Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return []


_SEND_BY: ContextVar[Deadline | None] = ContextVar("send_by", default=None)


@contextmanager
def send_within(seconds: float, now: Callable[[], float]) -> Iterator[None]:
    """Let nothing more be written to the wire after so many seconds: who asks may not be the one to send it then."""
    token = _SEND_BY.set(Deadline(seconds, now))
    try:
        yield
    finally:
        _SEND_BY.reset(token)


def check_in_time() -> None:
    """Raise `TimeoutError` where it is too late to write; see `send_within`."""
    deadline = _SEND_BY.get()
    if deadline:
        deadline.left()


_TURN: ContextVar[Callable[[], None] | None] = ContextVar("turn", default=None)


@contextmanager
def in_turn(wait: Callable[[], None] | None) -> Iterator[None]:
    """Let each request of this thread wait for its turn first; None lets it go at once, because it has waited."""
    token = _TURN.set(wait)
    try:
        yield
    finally:
        _TURN.reset(token)


def wait_for_turn() -> None:
    """Wait until the next request may be made; see `in_turn`."""
    wait = _TURN.get()
    if wait:
        wait()


def _checked_addresses(host: str, port: int, seconds: float, *, allow_loopback: bool) -> list[_Address]:
    found = _look_up(host, port, seconds)
    if not found:
        raise NotSent(f"The name {host} could not be found, so nothing was sent: have the operator check the network.")
    allowed = _is_own if allow_loopback and host in LOOPBACK_HOSTS else is_public
    if not all(allowed(str(address[0])) for _, address in found):
        raise NotSent(f"{host} leads to a private address, so nothing was sent: have the operator check the name.")
    return found


# -- the connection ---------------------------------------------------------------------------------------------------


def connect(
    host: str, port: int, deadline: Deadline, seconds: float | None = None, *, allow_loopback: bool = False
) -> socket.socket:
    """Look a name up once, check all its addresses and connect to the first that answers within `seconds`."""
    try:
        found = _checked_addresses(host, port, deadline.left(seconds), allow_loopback=allow_loopback)
        return _open_first(found, deadline, seconds)
    except OSError as error:
        reason = type(error).__name__
    text = f"{host} took no connection, so nothing was sent: try again later, or have the operator check the network."
    raise NotSent(text, detail=reason)


def _open_first(addresses: Sequence[_Address], deadline: Deadline, seconds: float | None) -> socket.socket:
    failure = OSError()
    for family, address in addresses:
        try:
            return _open(family, address, deadline.left(seconds))
        except OSError as error:
            failure = error
    raise failure


def _open(family: int, address: tuple[Any, ...], seconds: float) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.connect(address)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        opened.close()
        raise
    return opened


_CERTIFICATE_FAULTS = {
    9: "is not valid yet, so nothing was sent: check the clock of this machine, or have its owner replace it.",
    10: "has expired, so nothing was sent: its owner must renew it.",
    62: "is made out to another host, so nothing was sent: check the address, or have its owner replace it.",
    64: "is made out to another host, so nothing was sent: check the address, or have its owner replace it.",
}
"""By OpenSSL's X509_V_ERR number."""

_NOT_TRUSTED = (
    "is signed by nobody that this machine trusts, so nothing was sent: if it is your own authority's, "
    "the operator must give the hub the file of that authority."
)


def secure(
    plain: socket.socket, context: ssl.SSLContext, host: str, deadline: Deadline, seconds: float | None = None
) -> ssl.SSLSocket:
    """Put TLS over a connection. Closes it and raises `NotSent` where that fails or takes longer than `seconds`."""
    try:
        plain.settimeout(deadline.left(seconds))
        return context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        text = f"The certificate of {host} {_CERTIFICATE_FAULTS.get(error.verify_code, _NOT_TRUSTED)}"
        detail = f"{type(error).__name__} {error.verify_code}"
    except OSError as error:
        text = f"{host} made no secure connection, so nothing was sent: try again later, or have the operator check it."
        detail = type(error).__name__
    plain.close()
    raise NotSent(text, detail=detail)
