"""Serving the application on a socket of this machine."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from hub.api.app import make_app
from hub.hub import Hub
from hub.working.worker import working_beside

GRACE_SECONDS = 30
"""How long requests that are under way may take to end once the process is asked to stop."""


def _server(hub: Hub) -> uvicorn.Server:
    config = uvicorn.Config(
        make_app(hub),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )
    return uvicorn.Server(config)


def listening(host: str, port: int) -> tuple[socket.socket, str]:
    """Return a socket that listens, and its address; port 0 takes a free one.

    What it accepts inherits TCP_NODELAY, which asyncio switches on for sockets of its own only: without it each answer
    that is written in two parts waits 40 ms for the caller's acknowledgement.
    """
    listener = socket.create_server((host, port), backlog=128)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener, f"http://{host}:{listener.getsockname()[1]}"


def serve_until_stopped(hub: Hub, host: str, port: int, told: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `told` hears of the address."""
    listener, address = listening(host, port)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn takes them while it serves, and sends itself the signal once more afterwards: the worker must end too.
        signal.signal(number, lambda *_: None)
    told(address)
    with listener, working_beside(hub):
        _server(hub).run(sockets=[listener])


@contextmanager
def serving(hub: Hub) -> Iterator[str]:
    """Serve in a thread on a free port of this machine, for tests and examples; yields the address."""
    listener, address = listening("127.0.0.1", 0)
    server = _server(hub)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        with working_beside(hub):
            yield address
    finally:
        server.should_exit = True
        thread.join(GRACE_SECONDS)
        listener.close()
