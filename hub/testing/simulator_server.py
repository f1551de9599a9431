"""The HTTP/1.1 server under every simulator: threads, keep-alive, one send per answer, quiet.

The standard library's own way of answering sends headers and body apart, which costs 43 ms a call where the other side
delays its acknowledgement; so the answer goes out as one piece, and without Nagle's algorithm.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from hub.testing.faults import answer

MOST_BYTES = 32 * 1024 * 1024
"""The largest body of a request that is read."""

STOP_SECONDS = 2.0


@dataclass(frozen=True)
class Request:
    """An HTTP request: the names of its headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


Serve = Callable[[Request, socket.socket], bool]
"""Answers a request on its socket and returns whether the connection stays open."""


class Server(socketserver.ThreadingTCPServer):
    """A server on 127.0.0.1 that hands every request to `serve`; `port` 0 takes a free one."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, serve: Serve) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.serve = serve
        self.port: int = self.server_address[1]
        self._peers: set[socket.socket] = set()
        self._changed = threading.Condition()

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Stop listening, end every connection and wait until they are gone."""
        self.shutdown()
        self.server_close()
        with self._changed:
            for peer in self._peers:
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._peers, STOP_SECONDS)

    def joined(self, peer: socket.socket) -> None:
        """Know a connection while it lasts."""
        with self._changed:
            self._peers.add(peer)

    def left(self, peer: socket.socket) -> None:
        """Forget a connection that ended."""
        with self._changed:
            self._peers.discard(peer)
            self._changed.notify_all()

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Stay quiet about a caller that went away; tell of anything else."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Refused(Exception):
    """The request cannot be read; the status says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.joined(self.connection)

    def finish(self) -> None:
        super().finish()
        self.server.left(self.connection)

    def serve(self) -> None:
        try:
            request = self._request()
        except _Refused as refused:
            self.close_connection = True
            self.connection.sendall(answer(b"", "text/plain", refused.status))
            return
        stays_open = self.server.serve(request, self.connection)
        self.close_connection = self.close_connection or not stays_open

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - the names are the standard library's

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: requests hold credentials."""

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, self._body(headers))

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks()
        return self._exactly(_number(headers.get("content-length", "0"), 10))

    def _chunks(self) -> bytes:
        body = b""
        while size := _number(self.rfile.readline(100).split(b";")[0].decode("latin-1").strip(), 16):
            body += self._exactly(size, already=len(body))
            self.rfile.readline(100)
        while self.rfile.readline(1000).strip():
            pass  # the trailers, which nobody needs
        return body

    def _exactly(self, size: int, already: int = 0) -> bytes:
        if already + size > MOST_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionResetError("the request was cut short")
        return body


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError:
        raise _Refused(HTTPStatus.BAD_REQUEST) from None
    if number < 0:
        raise _Refused(HTTPStatus.BAD_REQUEST)
    return number
