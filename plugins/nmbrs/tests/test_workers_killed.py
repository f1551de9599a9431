"""Fifty runs at once, and their worker is killed in the middle: another one finishes them, each entry once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from hub import Process
from hub.testing.databases import fresh_database, postgres, start_again
from hub.testing.fixtures import SECRET_KEY
from hub.testing.many_runs import Killable, ManyRuns, many_runs, until

COMPANIES, PEOPLE = 50, 1
LATENCY_MS, SETTLE_SECONDS = 40, 4
WITHIN_SECONDS = 60
"""How long the other worker may take from the kill to the end of all runs."""

pytestmark = pytest.mark.timeout(400)


@contextmanager
def runs(process: Process) -> Iterator[ManyRuns]:
    shorter = replace(process, operation_seconds=2.0)
    with many_runs(shorter, COMPANIES, PEOPLE, latency_ms=LATENCY_MS, settle_seconds=SETTLE_SECONDS) as made:
        made.ask()
        yield made


def half_way(made: ManyRuns) -> None:
    """Wait until a part of the entries is in payroll, and none of it is all."""
    until(lambda: made.posted > made.entries // 3, WITHIN_SECONDS)
    assert made.done < COMPANIES


def each_once(made: ManyRuns) -> None:
    """Every entry is in payroll once, the hub knows it, and every timecard is white."""
    assert [(one.double, one.lost) for one in made.account()] == [(0, 0)] * 3
    assert made.states() == {"verified": made.entries}
    assert made.white == COMPANIES * PEOPLE


@pytest.fixture
def server() -> Iterator[str]:
    """Yield a PostgreSQL of this test's own, because it is killed too."""
    with postgres() as url:
        yield url


@pytest.fixture
def shared(server: str) -> Iterator[Process]:
    with suppress(psycopg.OperationalError), fresh_database(server) as url:  # where the server was killed meanwhile
        yield Process(database_url=url, secret_key=SECRET_KEY, allow_loopback=True)


WORKER = ("worker", "--concurrency", "8")


@pytest.mark.parametrize("database_too", [False, True], ids=["worker", "worker and database"])
def test_another_worker_finishes_what_a_killed_one_left(
    shared: Process, server: str, tmp_path: Path, database_too: bool
) -> None:
    """Two machines share PostgreSQL; one of them dies with runs half done."""
    with (tmp_path / "said").open("w") as said, runs(shared) as made:
        with Killable(made.hub.process, WORKER, said) as one, Killable(made.hub.process, WORKER, said):
            half_way(made)
            one.kill()
            if database_too:
                start_again(server)
            took = until(lambda: made.done == COMPANIES, 2 * WITHIN_SECONDS)
        each_once(made)
    assert took < WITHIN_SECONDS


def test_a_server_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """With SQLite the worker is in the process that serves: it is killed and started again."""
    process = Process(database_url=f"sqlite:///{tmp_path / 'hub.db'}", secret_key=SECRET_KEY, allow_loopback=True)
    serve = ("serve", "--port", str(_free_port()))
    with (tmp_path / "said").open("w") as said, runs(process) as made:
        with Killable(made.hub.process, serve, said):
            half_way(made)
        with Killable(made.hub.process, serve, said) as again:
            took = until(lambda: made.done == COMPANIES, 2 * WITHIN_SECONDS)
            assert again.end() == 0
        each_once(made)
    assert took < WITHIN_SECONDS


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
