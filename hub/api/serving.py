"""Serving the application on a socket of this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from hub.api.app import make_app
from hub.hub import Hub

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


def _listening(host: str, port: int) -> tuple[socket.socket, str]:
    listener = socket.create_server((host, port), backlog=128)
    return listener, f"http://{host}:{listener.getsockname()[1]}"


def serve_until_stopped(hub: Hub, host: str, port: int, told: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `told` hears of the address."""
    listener, address = _listening(host, port)
    told(address)
    with listener:
        _server(hub).run(sockets=[listener])


@contextmanager
def serving(hub: Hub) -> Iterator[str]:
    """Serve in a thread on a free port of this machine, for tests and examples; yields the address."""
    listener, address = _listening("127.0.0.1", 0)
    server = _server(hub)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # the process's own stay
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(GRACE_SECONDS)
        listener.close()
