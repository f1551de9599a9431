"""The base of every provider's simulator: a provider on this machine that keeps what it is told and fails on request.

A subclass says which operation a request asks for and carries it out; serving, counting, faults, latency and the state
are here. Every simulator answers `GET /_sim/state` with what it holds and `POST /_sim/reset-counters`.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hub.testing.faults import answer
from hub.testing.simulator_faults import Faults, Injected
from hub.testing.simulator_server import Request, Server

__all__ = ["Handler", "Reply", "Request", "Simulator"]

CONTROL = "/_sim/"
PLACEHOLDER = b"<nothing-was-done>" + b" " * 200 + b"</nothing-was-done>"
"""What a wire fault spoils where nothing was carried out: long enough to be cut in half."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, sent `delay` seconds later than it was ready."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    delay: float = 0.0

    def to_http(self) -> bytes:
        """Return the whole answer, which leaves the connection open."""
        return answer(self.body, self.content_type, self.status, {"Connection": ""})


Handler = Callable[[str], Reply]
"""Carries an operation out. It is given the name of one of the provider's own faults, or an empty string."""


class Simulator(ABC):
    """A provider on 127.0.0.1: `port` 0 takes a free one; `employees` made-up people, the same for the same `seed`.

    Each answer waits `latency_ms` after its effect. `faults` are written `NAME@OPERATION+SKIP*COUNT`, see
    `hub.testing.simulator_faults`; an unknown one raises `InputError`. Use it as a context manager, or `start` and
    `stop`. It serves many threads at once.
    """

    own_faults: ClassVar[frozenset[str]] = frozenset()
    """Faults that the provider's handlers know how to make, on top of those of the wire."""

    operations: ClassVar[frozenset[str]] = frozenset()
    """The operations that `route` can name, where they are known; a fault of any other is then refused."""

    def __init__(
        self, *, port: int = 0, employees: int = 40, seed: int = 1, latency_ms: float = 0, faults: Sequence[str] = ()
    ) -> None:
        self.port = port
        self.employees = employees
        self.seed = seed
        self._latency = latency_ms / 1000
        self._faults = Faults(faults, self.own_faults, self.operations)
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._departures: dict[str, None] = {}
        self._errors: list[str] = []
        self._seconds = 0.0
        self._counted = threading.local()
        self._server: Server | None = None

    # -- what a provider says -----------------------------------------------------------------------------------------

    @abstractmethod
    def route(self, request: Request) -> tuple[str, Handler]:
        """Return the name of the operation that is asked for, and what carries it out. Changes nothing yet."""

    @abstractmethod
    def connect_settings(self) -> dict[str, str]:
        """Return what a company types to activate a connection to this simulator, secrets included."""

    def details(self) -> dict[str, Any]:
        """Return what the provider holds, as JSON, to be added to the state."""
        return {}

    def depart(self, text: str) -> None:
        """Note that a request departs from what the provider publishes, in words without values; each text once."""
        with self._lock:
            self._departures[text] = None

    # -- serving ------------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The address without a path; known once the simulator is started."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Listen, and serve in the background. Raises `OSError` where the port is taken."""
        self._server = Server(self.port, self._serve)
        self.port = self._server.port
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening and end every connection; what it holds stays, and it can be started again."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def wait(self) -> None:
        """Serve until interrupted from the keyboard."""
        threading.Event().wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- faults and state ---------------------------------------------------------------------------------------------

    def inject(self, *faults: str) -> None:
        """Add faults while running; they are written as in the constructor."""
        self._faults.add(faults)

    def be_slow(self, latency_ms: float) -> None:
        """Let each answer from now on wait so long after its effect."""
        self._latency = latency_ms / 1000

    def heal(self) -> None:
        """Take all faults away."""
        self._faults.clear()

    def state(self) -> dict[str, Any]:
        """Return what was called and what is held, as JSON.

        `calls` per operation; `seconds` of processor time spent on them, waiting not counted; `departures` from the
        published form; `errors` of the simulator itself; and what the provider adds.
        """
        details = self.details()
        with self._lock:
            return {
                "calls": dict(self._calls),
                "seconds": self._seconds,
                "departures": list(self._departures),
                "errors": list(self._errors),
                **details,
            }

    def reset_counters(self) -> None:
        """Forget the calls, the seconds and the departures; keep what the provider holds."""
        with self._lock:
            self._calls.clear()
            self._departures.clear()
            self._seconds = 0.0

    # -- one request --------------------------------------------------------------------------------------------------

    def _serve(self, request: Request, peer: socket.socket) -> bool:
        """Answer one request; return whether the connection stays open."""
        if request.path.startswith(CONTROL):
            peer.sendall(self._control(request).to_http())
            self._spent()
            return True
        operation, handler = self._route(request)
        with self._lock:
            self._calls[operation] += 1
        fault = self._faults.take(operation)
        reply = self._carry_out(handler, fault)
        answered = reply.to_http()
        with self._lock:
            self._seconds += self._spent()
        time.sleep(self._latency + reply.delay)
        return _send(peer, answered, fault)

    def _spent(self) -> float:
        """Return the processor seconds since the last call on this connection, which has a thread of its own."""
        now = time.thread_time()
        before: float = getattr(self._counted, "seconds", 0.0)
        self._counted.seconds = now
        return now - before

    def _route(self, request: Request) -> tuple[str, Handler]:
        try:
            return self.route(request)
        except Exception as error:  # noqa: BLE001 - a bug of the simulator must not look like a fault of the wire
            broken = self._broken(error)
            return "broken", lambda _: broken

    def _carry_out(self, handler: Handler, fault: Injected) -> Reply:
        if fault.before:
            return Reply(PLACEHOLDER, "text/xml; charset=utf-8")
        try:
            return handler(fault.own)
        except Exception as error:  # noqa: BLE001 - as above
            return self._broken(error)

    def _broken(self, error: Exception) -> Reply:
        text = f"the simulator itself failed: {type(error).__name__}"
        with self._lock:
            self._errors.append(f"{type(error).__name__}: {error}")
        return Reply(text.encode(), "text/plain; charset=utf-8", 500)

    def _control(self, request: Request) -> Reply:
        asked = (request.method, request.path.removeprefix(CONTROL))
        if asked == ("POST", "reset-counters"):
            self.reset_counters()
        elif asked != ("GET", "state"):
            return Reply(b'{"error": "only GET /_sim/state and POST /_sim/reset-counters are known"}', status=404)
        return Reply(json.dumps(self.state()).encode())


def _send(peer: socket.socket, answered: bytes, fault: Injected) -> bool:
    if fault.wire is None:
        peer.sendall(answered)
        return True
    fault.wire(peer, answered)
    return False
