"""A database that is away for a while: when it is back, a worker goes on, also beside a job that takes long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from hub.hub import Hub
from hub.jobs.asking import ask
from hub.jobs.kinds import JobKind, JobState
from hub.process import Process
from hub.testing.company import Company, ledger_company
from hub.testing.databases import fresh_database
from hub.testing.fixtures import SECRET_KEY
from hub.testing.many_runs import until
from hub.working import doing, shared
from hub.working.queue import arguments
from hub.working.shared import Shared

SECONDS = 40
PATIENCE = 1.0
"""How long, in seconds, the queue waits for a connection: 30 outside tests."""


@pytest.fixture
def company(postgres_url: str) -> Iterator[Company]:
    with (
        fresh_database(postgres_url) as url,
        ledger_company(Process(database_url=url, secret_key=SECRET_KEY, allow_loopback=True)) as made,
    ):
        made.hub.add_company("other", "Other")
        yield made


@contextmanager
def away(postgres_url: str, hub: Hub) -> Iterator[None]:
    """Let nobody into the database of a hub, and end the connections that there are."""
    name = hub.store.engine.url.database or ""
    plain = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    allow = "ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL(allow).format(sql.Identifier(name), sql.SQL("false")))
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(ended, [name])
        try:
            yield
        finally:
            connection.execute(sql.SQL(allow).format(sql.Identifier(name), sql.SQL("true")))


def asked(company: Company, name: str, kind: JobKind) -> int:
    """Ask for a job of a company and return its number."""
    with company.hub.store.write(name) as session:
        return ask(session, kind, "ledger", actor="host", now=company.hub.clock.moment().at).id or 0


def done(company: Company, name: str, job: int) -> bool:
    return company.hub.job(name, job).state == JobState.DONE


def test_a_worker_goes_on_after_an_outage_beside_a_long_job(
    company: Company, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ends only when that job has ended."""
    began, goes_on, stopped = threading.Event(), threading.Event(), threading.Event()
    take_from = shared._take_from

    def long(*_: object) -> dict[str, object]:
        began.set()
        return {"went on": goes_on.wait(4 * SECONDS)}

    async def watched(app: Any, queue: str, places: int) -> None:
        try:
            await take_from(app, queue, places)
        finally:
            stopped.set()

    monkeypatch.setattr(doing, "TASKS", {JobKind.SYNC: long, JobKind.PLAN: lambda *_: {}})
    monkeypatch.setattr(shared, "_take_from", watched)
    monkeypatch.setattr(shared, "arguments", lambda engine: {**arguments(engine), "timeout": PATIENCE})
    ends = threading.Event()
    thread = threading.Thread(target=Shared(company.hub, 2, ends).run)
    thread.start()
    try:
        kept = asked(company, "acme", JobKind.SYNC)
        assert began.wait(SECONDS)
        with away(postgres_url, company.hub):
            assert stopped.wait(SECONDS)
        other = asked(company, "other", JobKind.PLAN)
        until(lambda: done(company, "other", other), SECONDS)
        assert company.hub.job("acme", kept).state == JobState.RUNNING
        ends.set()
        thread.join(3.0)
        assert thread.is_alive()
    finally:
        ends.set()
        goes_on.set()
        thread.join(SECONDS)
    assert (thread.is_alive(), company.hub.job("acme", kept).result) == (False, {"went on": True})
