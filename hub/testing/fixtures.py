"""Fixtures for pytest: each test that asks for a database runs on SQLite and on PostgreSQL.

A `conftest.py` takes them over: `from hub.testing.fixtures import database_url, ...`, naming all that is in `__all__`.
HUB_TEST_DATABASES=sqlite (or postgresql) limits a run to one of the two.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.process import Process

if TYPE_CHECKING:
    from hub.store.database import Store

__all__ = ["database_url", "empty_database_url", "postgres_url", "process", "sqlite_template", "store"]

SECRET_KEY = "cGF5cm9sbC1odWIga2V5IGZvciB0ZXN0cyBvbmx5ISE="  # noqa: S105 - a key for tests only
"""The hub's key in tests: 32 bytes in base64."""

VARIABLE = "HUB_TEST_DATABASES"
"""The environment variable that names the databases to test on, comma separated."""

EVERY_DATABASE = ("sqlite", "postgresql")


def databases(named: str) -> tuple[str, ...]:
    """Return the databases that are named, all where none is. Raises `UsageError` of pytest for one that is unknown."""
    chosen = tuple(one.strip() for one in named.split(",") if one.strip()) or EVERY_DATABASE
    if not set(chosen) <= set(EVERY_DATABASE):
        raise pytest.UsageError(f"{VARIABLE} may name {' and '.join(EVERY_DATABASE)}, not {named}")
    return chosen


DATABASES = databases(os.environ.get(VARIABLE, ""))

_SERVER = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """Return the URL of a PostgreSQL server: started when first needed, one for all of the run, stopped at its end.

    A test that asks for it is skipped where the run is limited to another database.
    """
    if "postgresql" not in DATABASES:
        pytest.skip(f"{VARIABLE} leaves PostgreSQL out")
    if _SERVER not in pytestconfig.stash:
        from hub.testing.databases import postgres

        stack = ExitStack()
        pytestconfig.stash[_SERVER] = stack.enter_context(postgres())
        pytestconfig.add_cleanup(stack.close)
    return pytestconfig.stash[_SERVER]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with the hub's tables, to copy: quicker than migrating for each test."""
    from hub.store.database import migrate
    from hub.store.engine import make_engine

    file = tmp_path_factory.mktemp("template") / "hub.db"
    engine = make_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a database of this test's own, with the hub's tables and no rows."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "hub.db")
        yield f"sqlite:///{tmp_path / 'hub.db'}"
        return
    from hub.testing.databases import fresh_database

    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a database in which there is nothing at all yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    from hub.testing.databases import fresh_database

    with fresh_database(request.getfixturevalue("postgres_url"), tables=False) as url:
        yield url


@pytest.fixture
def process(database_url: str) -> Process:
    """Return the settings of a hub process on this test's database; simulators on this machine may be reached."""
    return Process(database_url=database_url, secret_key=SECRET_KEY, allow_loopback=True)


@pytest.fixture
def store(process: Process) -> Iterator[Store]:
    """Yield the open store on this test's database."""
    from hub.store.database import Store

    opened = Store.open(process)
    yield opened
    opened.close()
