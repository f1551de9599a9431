"""All HTTP of the hub: one request, sent at most once, answered whole or not at all.

The only module that imports httpx and httpcore. It uses httpx's transport and not its client, because what a client
adds must not happen here: redirects (a lost request then looks well answered, or credentials go to another host),
proxies and passwords from the environment, cookies, and a log line with the whole address.

Two errors leave it. `NotSent` comes only from before the request (`hub.network`, and a full pool), so it is certain;
all else is `UnknownOutcome`, a failed write on a connection that was kept alive included.
"""

from __future__ import annotations

import hashlib
import logging
import selectors
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import httpcore
import httpx

from hub.answers import Answer, Spoilt, check_head, retry_after, whole
from hub.errors import HubError, NotSent, SettingsError, UnknownOutcome
from hub.network import Deadline, check_in_time, check_target, connect, secure, wait_for_turn

# Both log whole addresses, and httpcore every header, as soon as the program around them asks for more.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

__all__ = ["Answer", "Http"]

CONNECTIONS = 16
KEEP_ALIVE_SECONDS = 5
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_CALL_DEADLINE: ContextVar[Deadline] = ContextVar("call_deadline")


# -- the wire ---------------------------------------------------------------------------------------------------------


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline of the call that wrote to it last."""

    def __init__(self, connection: socket.socket, host: str) -> None:
        self._connection = connection
        self._host = host
        self._deadline = _CALL_DEADLINE.get()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._connection.settimeout(self._deadline.left())
            return self._connection.recv(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout from None
        except OSError as error:
            raise httpcore.ReadError(type(error).__name__) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._deadline = _CALL_DEADLINE.get()
        rest = memoryview(buffer)
        try:
            while rest:
                check_in_time()
                self._connection.settimeout(self._deadline.left())
                rest = rest[self._connection.send(rest) :]
        except TimeoutError:
            raise httpcore.WriteTimeout from None
        except OSError as error:
            # httpcore then still looks for an answer: some servers refuse, and close, before they have read all.
            raise httpcore.WriteError(type(error).__name__) from None

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        host = server_hostname or self._host
        return _Stream(secure(self._connection, ssl_context, host, self._deadline, timeout), host)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (httpcore's own signature)
        if info == "is_readable":  # asked of an idle connection: then it can only be the other side closing it
            with selectors.PollSelector() as selector:  # of one connection: the usual one asks the system four times
                selector.register(self._connection, selectors.EVENT_READ)
                return bool(selector.select(0))
        return None


class _Backend(httpcore.NetworkBackend):
    """Makes connections to checked addresses only."""

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        deadline = _CALL_DEADLINE.get()
        return _Stream(connect(host, port, deadline, timeout, allow_loopback=self._allow_loopback), host)


class _Transport(httpx.HTTPTransport):
    """httpx's transport over our own connections.

    HTTPTransport takes no network backend, so its pool is made here; httpx is pinned below 0.29 because of this.
    """

    def __init__(self, backend: httpcore.NetworkBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            retries=0,
            network_backend=backend,
        )


@cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Return the usual trusted authorities, and a house's own; nothing of it comes from the environment."""
    context = httpx.create_ssl_context(trust_env=False)
    context.keylog_filename = None  # type: ignore[assignment] # typeshed forgets None; undoes SSLKEYLOGFILE
    try:
        if ca_file is not None:
            context.load_verify_locations(ca_file)
    except OSError as error:
        text = f"The file {ca_file} holds no certificates that can be read: correct the setting for your own authority."
        raise SettingsError(text, detail=type(error).__name__) from None
    return context


# -- failures in words ------------------------------------------------------------------------------------------------

# Errors are raised outside `except`: what came first may quote the answer, and must not come along as their context.

_FAILURES = (httpx.HTTPError, zlib.error, Spoilt)
_WORDS: Mapping[type[Exception], str] = {
    httpx.TimeoutException: "did not answer in time",
    httpx.NetworkError: "broke the connection",
    httpx.LocalProtocolError: "was given a request that is no HTTP",
    httpx.HTTPError: "sent an answer that is cut off or is no HTTP",
    zlib.error: "sent an answer that cannot be unpacked",
}


def _words(error: Exception) -> str:
    if isinstance(error, Spoilt):
        return error.words
    return next(words for kind, words in _WORDS.items() if isinstance(error, kind))


def _unknown(host: str, error: Exception, response: httpx.Response | None = None, more: str = "") -> UnknownOutcome:
    """Say, without anything of the request or the answer, that nobody knows what the provider did."""
    happened = f"{host} {_words(error)}"
    text = f"{happened}, so what was asked may have been done or not: the operator must look there first."
    detail = [type(error).__name__]
    if response is None:
        return UnknownOutcome(text, happened=happened, detail=detail[0])
    detail += [f"HTTP {response.status_code}", f"{response.num_bytes_downloaded} bytes", *([more] if more else [])]
    pause = retry_after(response.headers)
    status = response.status_code
    return UnknownOutcome(text, status=status, retry_after=pause, happened=happened, detail=", ".join(detail))


def _fingerprint(response: httpx.Response) -> str:
    """Return what tells one error page from another in a log, and nothing of what it says."""
    try:
        start = next(response.iter_raw(), b"")
    except httpx.HTTPError:
        return "no body"
    return f"its first {len(start)} bytes have SHA-256 {hashlib.sha256(start).hexdigest()}"


def _check(host: str, response: httpx.Response, accept: Collection[str], statuses: Collection[int]) -> None:
    try:
        return check_head(response.status_code, response.headers, accept, statuses)
    except Spoilt as error:
        failure = _unknown(host, error, response, _fingerprint(response))
    raise failure


def _chunks(host: str, response: httpx.Response, accept: Collection[str], max_bytes: int) -> Iterator[bytes]:
    try:
        yield from whole(response.iter_raw(), response.status_code, response.headers, accept, max_bytes)
        return
    except _FAILURES as error:
        failure = _unknown(host, error, response)
    raise failure


@lru_cache(maxsize=100)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


# -- the client -------------------------------------------------------------------------------------------------------


class Http:
    """The HTTP client of one connection. Safe to use from several threads, and over at most 16 connections.

    It reaches `hosts` (one that starts with a dot stands for its sub-domains) over https on port 443, and with
    `allow_loopback` also this machine itself. A connection must come about within `connect_seconds` (per address and
    for TLS), a whole call within `operation_seconds`. `ca_file` adds a house's own authority to the usual ones. Every
    method that sends raises `NotSent` or `UnknownOutcome`; none of them sends twice.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        connect_seconds: float = 5,
        operation_seconds: float = 60,
        allow_loopback: bool = False,
        ca_file: str | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hosts = tuple(host.lower() for host in hosts)
        self._allow_loopback = allow_loopback
        self._operation_seconds = operation_seconds
        self._waits = {"connect": connect_seconds, "pool": operation_seconds}
        self._now = now
        self._transport = _Transport(_Backend(allow_loopback=allow_loopback), _trust(ca_file))

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = _NO_HEADERS,
        accept: Sequence[str],
        statuses: Collection[int] = (200,),
        max_bytes: int = 8 << 20,
    ) -> Answer:
        """Send one request and return its answer, read and found to be whole.

        `accept` lists the media types that are taken; "" among them stands for an answer without content.
        `statuses` are the ones that are taken; a redirect never is. `max_bytes` limits the unpacked body.
        """
        sent = self.stream(
            method, url, body=body, headers=headers, accept=accept, statuses=statuses, max_bytes=max_bytes
        )
        with sent as answer:
            answer.read()
        return answer

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = _NO_HEADERS,
        accept: Sequence[str],
        statuses: Collection[int] = (200,),
        max_bytes: int = 512 << 20,
    ) -> Iterator[Answer]:
        """Send one request and give its answer while it comes; its `chunks` raise too. Otherwise as `request`."""
        host, request = self._prepare(method, url, body, headers, accept)
        response = self._send(host, request)
        try:
            _check(host, response, accept, statuses)
            yield Answer(response.status_code, dict(response.headers), _chunks(host, response, accept, max_bytes))
        finally:
            response.close()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _prepare(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], accept: Sequence[str]
    ) -> tuple[str, httpx.Request]:
        """Check the target and build the request, or raise `NotSent`."""
        try:
            target, fields = _parsed(url), httpx.Headers(headers)
        except (httpx.InvalidURL, UnicodeError):
            target = None
        if target is None:
            raise NotSent("An address or header cannot be sent as HTTP, so nothing was sent: correct it.")
        host = target.raw_host.decode("ascii")
        if target.userinfo:
            raise NotSent(f"The address of {host} may hold no user name or password, so nothing was sent: correct it.")
        check_target(target.scheme, host, target.port, hosts=self._hosts, allow_loopback=self._allow_loopback)
        fields.update({"Accept": ", ".join(filter(None, accept)) or "*/*", "Accept-Encoding": "gzip"})
        extensions = {"timeout": self._waits}
        return host, httpx.Request(method, target, headers=fields, content=body, extensions=extensions)

    def _send(self, host: str, request: httpx.Request) -> httpx.Response:
        wait_for_turn()
        token = _CALL_DEADLINE.set(Deadline(self._operation_seconds, self._now))
        try:
            return self._transport.handle_request(request)
        except httpx.PoolTimeout:
            failure: HubError = NotSent(f"All connections to {host} are in use, so nothing was sent: try again later.")
        except httpx.HTTPError as error:
            failure = _unknown(host, error)
        finally:
            _CALL_DEADLINE.reset(token)
        raise failure
