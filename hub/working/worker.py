"""The worker that fits the database: threads here for SQLite, a queue over all machines for PostgreSQL."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from hub.errors import Unsupported
from hub.hub import Hub
from hub.working.alone import Alone

JOBS_AT_A_TIME = 4
"""How many jobs of one provider a worker does at a time, where nothing else is said."""


def work(hub: Hub, concurrency: int = JOBS_AT_A_TIME, told: Callable[[], None] = lambda: None) -> None:
    """Do jobs until SIGTERM or SIGINT; then what is under way ends in good order. `told` hears when it has begun."""
    ends = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ends.set())
    if _is_postgresql(hub):
        worker = _shared("shared").Shared(hub, concurrency, ends)
        told()
        worker.run()
        return
    alone = Alone(hub, concurrency)
    alone.start()
    told()
    ends.wait()
    alone.stop()


@contextmanager
def working_beside(hub: Hub, concurrency: int = JOBS_AT_A_TIME) -> Iterator[None]:
    """Do the jobs of a process that serves: in threads of its own with SQLite, by its workers with PostgreSQL."""
    beside = _shared("queue").Sender(hub) if _is_postgresql(hub) else Alone(hub, concurrency)
    beside.start()
    try:
        yield
    finally:
        beside.stop()


def _is_postgresql(hub: Hub) -> bool:
    return hub.store.engine.dialect.name == "postgresql"


def _shared(name: str) -> Any:  # noqa: ANN401 - a module, loaded only where it is needed
    try:
        return import_module(f"hub.working.{name}")
    except ModuleNotFoundError as error:
        if error.name not in ("procrastinate", "psycopg", "psycopg_pool"):
            raise
        raise Unsupported("Jobs on PostgreSQL need procrastinate: install payroll-hub[postgres].") from None
