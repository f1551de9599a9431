"""A raw HTTP server that spoils its answers: what the network and the machines between do to a payroll system.

Every fault comes after the whole request was read, so the provider has, or may have, done what was asked:

    good = answer(b"<ok/>")
    with FaultServer(good, fault="cut-body") as server:
        ...  # talk to server.url, then look at server.requests

A mock cannot cut a connection, therefore these are real sockets. Source of the list: what was measured to go wrong.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import itertools
import re
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Self

Fault = Callable[[socket.socket, bytes], None]
"""Spoils an answer: takes the accepted socket, whose request was read, and the whole good HTTP answer."""

DRIP_SECONDS = 0.05
BOMB_MEGABYTES = 256
RETRY_AFTER_SECONDS = 7
NOWHERE = "http://127.0.0.2:9/"


def answer(
    body: bytes,
    content_type: str = "text/xml; charset=utf-8",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return a whole HTTP/1.1 answer. `headers` come on top; one with the value "" leaves that header out."""
    lines = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **(headers or {}),
    }
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    head = "\r\n".join([first, *(f"{name}: {value}" for name, value in lines.items() if value)])
    return head.encode("latin-1") + b"\r\n\r\n" + body


def redirect(status: int, location: str) -> Fault:
    """Return the fault that sends the caller on to `location`."""
    return lambda peer, _: peer.sendall(answer(b"moved", "text/plain", status, {"Location": location}))


def page(status: int, title: str, headers: Mapping[str, str] | None = None) -> Fault:
    """Return the fault that answers with a web page, as gateways, captive portals and log-in pages do."""
    text = f"<html><head><title>{title}</title></head><body><form action='/login'>{title}</form></body></html>"
    return lambda peer, _: peer.sendall(answer(text.encode(), "text/html; charset=utf-8", status, headers))


def rewritten(change: Callable[[bytes], bytes], status: int = 200) -> Fault:
    """Return the fault that changes the body of a good answer, in an answer that is otherwise whole."""

    def spoil(peer: socket.socket, good: bytes) -> None:
        content_type, body = _parts(good)
        peer.sendall(answer(change(body), content_type, status))

    return spoil


def relay(port: int) -> Callable[[bytes], bytes]:
    """Return what passes a request on to a server on this machine and gives its answer: for a server in between."""

    def ask(request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answered = b"".join(iter(lambda: server.recv(65536), b""))
        return answered.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)

    return ask


# -- faults -----------------------------------------------------------------------------------------------------------


def _parts(good: bytes) -> tuple[str, bytes]:
    """Return the content type and the body of a good answer."""
    head, _, body = good.partition(b"\r\n\r\n")
    found = re.search(rb"(?im)^content-type:[ \t]*([^\r\n]*)", head)
    return (found[1].decode("latin-1") if found else ""), body


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _hang(peer: socket.socket, _: bytes) -> None:
    while peer.recv(4096):
        pass


def _reset(peer: socket.socket, _: bytes) -> None:
    # Lingering for zero seconds makes closing send RST instead of FIN.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def _close(peer: socket.socket, _: bytes) -> None:
    peer.close()


def _cut_headers(peer: socket.socket, good: bytes) -> None:
    peer.sendall(_half(good.partition(b"\r\n\r\n")[0]))


def _cut_body(peer: socket.socket, good: bytes) -> None:
    content_type, body = _parts(good)
    peer.sendall(answer(_half(body), content_type, headers={"Content-Length": str(len(body))}))


def _cut_chunked(peer: socket.socket, good: bytes) -> None:
    content_type, body = _parts(good)
    piece = b"%x\r\n%b" % (len(body), _half(body))
    peer.sendall(answer(piece, content_type, headers={"Content-Length": "", "Transfer-Encoding": "chunked"}))


def _cut_body_no_length(peer: socket.socket, good: bytes) -> None:
    content_type, body = _parts(good)
    peer.sendall(answer(_half(body), content_type, headers={"Content-Length": ""}))


def _empty(peer: socket.socket, good: bytes) -> None:
    peer.sendall(answer(b"", _parts(good)[0]))


def _wrong_type(peer: socket.socket, good: bytes) -> None:
    peer.sendall(answer(_parts(good)[1], "text/plain; charset=utf-8"))


def _drip(peer: socket.socket, data: bytes) -> None:
    for byte in data:
        peer.sendall(bytes([byte]))
        time.sleep(DRIP_SECONDS)


def _slow_drip(peer: socket.socket, good: bytes) -> None:
    head, end, body = good.partition(b"\r\n\r\n")
    peer.sendall(head + end)
    _drip(peer, body)


@functools.cache
def _bomb() -> bytes:
    """Return a whole and valid gzip stream of zeros; a fully flushed block can be repeated as it is."""
    megabyte = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(megabyte) + packer.flush(zlib.Z_FULL_FLUSH)
    check = functools.reduce(lambda crc, data: zlib.crc32(data, crc), itertools.repeat(megabyte, BOMB_MEGABYTES), 0)
    trailer = struct.pack("<II", check, BOMB_MEGABYTES << 20)
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + block * BOMB_MEGABYTES + packer.flush() + trailer


def _gzip_bomb(peer: socket.socket, good: bytes) -> None:
    peer.sendall(answer(_bomb(), _parts(good)[0], headers={"Content-Encoding": "gzip"}))


def _gzip_good(peer: socket.socket, good: bytes) -> None:
    content_type, body = _parts(good)
    peer.sendall(answer(gzip.compress(body), content_type, headers={"Content-Encoding": "gzip"}))


_PAUSE = {"Retry-After": str(RETRY_AFTER_SECONDS)}

WIRE_FAULTS: Mapping[str, Fault] = {
    "hang": _hang,
    "reset": _reset,
    "close": _close,
    "cut-headers": _cut_headers,
    "cut-body": _cut_body,
    "cut-chunked": _cut_chunked,
    "cut-body-no-length": _cut_body_no_length,
    "html-200": page(200, "Log in"),
    "html-502": page(502, "Bad gateway"),
    "html-503": page(503, "Maintenance"),
    "redirect-302": redirect(302, NOWHERE),
    "redirect-307": redirect(307, NOWHERE),
    "empty": _empty,
    "wrong-type": _wrong_type,
    "slow-drip": _slow_drip,
    "drip-headers": _drip,
    "gzip-bomb": _gzip_bomb,
    "gzip-good": _gzip_good,
    "throttle-429": page(429, "Too many requests", _PAUSE),
    "throttle-503": page(503, "Too busy", _PAUSE),
}
"""Every fault by name. All of them leave the outcome unknown, but for "gzip-good", which must simply work."""


# -- server -----------------------------------------------------------------------------------------------------------


def read_request(peer: socket.socket) -> bytes:
    """Read one request, headers and as much body as its Content-Length says; b"" if the peer stops half-way."""
    data, end = b"", -1
    while end < 0 or len(data) < end:
        if not (piece := peer.recv(65536)):
            return b""
        data += piece
        head, blank, _ = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length:[ \t]*(\d+)", head)
        end = len(head) + 4 + (int(length[1]) if length else 0) if blank else -1
    return data


class FaultServer:
    """A server on 127.0.0.1 that reads one request per connection, keeps it and answers well, or with a fault.

    `good` is the whole HTTP answer, or makes it from the request (so a simulator can carry out what is asked and
    have its answer lost). `fault` is a name of `WIRE_FAULTS`, a fault of your own, or None; it may be changed between
    requests, and so may `early`, which is done to a connection before anything is read of it. `requests` holds what
    arrived whole, in order. `tls` makes it an https server; another certificate may be put in its place.
    """

    def __init__(
        self,
        good: bytes | Callable[[bytes], bytes],
        *,
        fault: str | Fault | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.good = good
        self.fault = fault
        self.early: Fault | None = None
        self.tls = tls
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._open = True
        self._peers: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the thread that waits in accept
        self._threads[0].join()
        self._listener.close()
        for peer in self._peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)  # unlike closing, this wakes a thread that waits in recv
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            peer = self._listener.accept()[0]
            if not self._open:
                return peer.close()
            self._threads.append(threading.Thread(target=self._serve, args=(peer,), daemon=True))
            self._threads[-1].start()

    def _serve(self, peer: socket.socket) -> None:
        """Serve one connection; what a peer does that goes away, or distrusts the certificate, is its own affair."""
        early = self.early
        with contextlib.suppress(OSError), peer, peer if early else self._secured(peer) as secured:
            self._peers.append(secured)
            if self._open:  # asked after it was put on the list, so that none is left hanging at the end
                early(secured, b"") if early else self._converse(secured)

    def _secured(self, peer: socket.socket) -> socket.socket:
        if self.tls is None:
            return peer
        return self.tls.wrap_socket(peer, server_side=True, do_handshake_on_connect=False)

    def _converse(self, peer: socket.socket) -> None:
        if isinstance(peer, ssl.SSLSocket):
            peer.do_handshake()
        if request := read_request(peer):
            self.requests.append(request)
            good = self.good if isinstance(self.good, bytes) else self.good(request)
            self._send(peer, good)

    def _send(self, peer: socket.socket, good: bytes) -> None:
        if self.fault is None:
            peer.sendall(good)
        else:
            (WIRE_FAULTS[self.fault] if isinstance(self.fault, str) else self.fault)(peer, good)
