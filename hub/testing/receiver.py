"""A host platform that receives webhooks on this machine: it verifies, or does what endpoints do wrong."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

from hub.testing.faults import answer
from hub.testing.simulator_server import Request, Server

RESET = struct.pack("ii", 1, 0)
"""Of SO_LINGER: close at once, and tell the other side that the connection is broken."""

ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + b"x" * 65_536


@dataclass
class Receiver:
    """What came in, and what is answered: a status, `hang`, `reset`, `silence`, `page`, `endless` or `redirect URL`.

    A kind of event may have a `fault` of its own. What hangs goes on once `free` is set.
    """

    url: str = ""
    says: str = "204"
    faults: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)

    def serve(self, request: Request, peer: socket.socket) -> bool:
        """Take a message and answer as was asked."""
        self.requests.append(request)
        says = self.faults.get(json.loads(request.body)["type"], self.says)
        match says.split():
            case ["hang"]:
                self.free.wait(30)
                peer.sendall(_status(204))
            case ["reset"]:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                peer.close()
                return False
            case ["silence"]:
                return False
            case ["page"]:
                peer.sendall(answer(b"<p>thank you</p>", "text/html"))
            case ["endless"]:
                peer.sendall(ENDLESS)
                self.free.wait(30)
                return False
            case ["redirect", where]:
                peer.sendall(_status(307, f"Location: {where}\r\n"))
            case [status]:
                peer.sendall(_status(int(status)))
        return True

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """Return the messages, oldest first, as the library of the specification verifies them. Raises its errors."""
        return [Webhook(secret).verify(one.body, dict(one.headers)) for one in self.requests]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages, oldest first, not verified."""
        return [json.loads(one.body) for one in self.requests]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the messages, oldest first."""
        return [one["type"] for one in self.messages]

    @property
    def ids(self) -> list[str]:
        """The ids of the messages, oldest first."""
        return [one.headers["webhook-id"] for one in self.requests]


def _status(status: int, more: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{more}Content-Length: 0\r\n\r\n".encode()


@contextmanager
def receiver(says: str = "204") -> Iterator[Receiver]:
    """Receive on a free port of this machine."""
    made = Receiver(says=says)
    server = Server(0, made.serve)
    made.url = f"http://127.0.0.1:{server.port}/hook"
    server.start()
    try:
        yield made
    finally:
        made.free.set()
        server.stop()
