"""The queue on PostgreSQL that brings jobs to workers: procrastinate's, with tables of its own apart from ours."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from procrastinate import App, SyncPsycopgConnector, __version__
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import Engine

from hub.hub import Hub
from hub.registry import installed

SCHEMA = "payroll_hub_queue_" + "_".join(__version__.split(".")[:2])
"""Where the tables of the queue are: anew for a version that may have other ones."""

OTHERS = "other jobs"
"""The queue of jobs that belong to no provider, or to one that is not installed."""

TASK = "do"

_LOCK = 7061797


def arguments(engine: Engine) -> dict[str, Any]:
    """Return what a connection to the queue takes."""
    return {"conninfo": _address(engine), "kwargs": {"options": f"-c search_path={SCHEMA}"}}


def _address(engine: Engine) -> str:
    """Return the address as the driver takes it; as a URL a password with a space would be refused, and quoted."""
    url: dict[str, Any] = engine.url.translate_connect_args(username="user", database="dbname")
    return make_conninfo("", **{**url, **engine.url.query})


def make_queue(engine: Engine) -> None:
    """Make the tables of the queue where they are missing; many processes may do so at once."""
    with psycopg.connect(_address(engine)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA]).fetchone():
            return
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(SCHEMA)))
        connection.execute(App(connector=SyncPsycopgConnector()).schema_manager.get_schema())


def queues(hub: Hub) -> tuple[str, ...]:
    """Return the queues of jobs: one for each provider, so that one that hangs keeps up its own only."""
    return (OTHERS, *sorted({one.name for one in installed(hub.process.providers)}))


class Sender:
    """Brings jobs that this process's hub is asked for to the workers at once; they would find them by themselves."""

    def __init__(self, hub: Hub) -> None:
        make_queue(hub.store.engine)
        self._app = App(connector=SyncPsycopgConnector(**arguments(hub.store.engine), min_size=1, max_size=2))
        self._queues = queues(hub)
        self._hub = hub

    def start(self) -> None:
        """Begin to hear of jobs."""
        self._app.open()
        self._hub.asked = self._asked

    def stop(self) -> None:
        """Close the connections to the queue."""
        self._app.close()

    def _asked(self, company: str, job: int, provider: str) -> None:
        with suppress(ConnectorException):  # the queue is away: a worker finds the job by itself
            self.send(company, job, provider)

    def send(self, company: str, job: int, provider: str) -> None:
        """Put a job into the queue, unless it waits there already."""
        queue = provider if provider in self._queues else OTHERS
        lock, waiting = f"{company}/{provider or job}", f"{company}/{job}"
        with suppress(AlreadyEnqueued):
            task = self._app.configure_task(TASK, queue=queue, lock=lock, queueing_lock=waiting)
            task.defer(company=company, job=job, provider=provider)
