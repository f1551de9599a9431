"""What was committed outlives a server that is killed, also where the server is set up not to wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
import sqlalchemy as sa

from hub.diagnosis import examine
from hub.process import Process
from hub.store import engine as engine_module
from hub.store.engine import make_engine
from hub.testing.databases import fresh_database, postgres, start_again
from hub.testing.fixtures import DATABASES, SECRET_KEY

pytestmark = pytest.mark.skipif("postgresql" not in DATABASES, reason="HUB_TEST_DATABASES leaves PostgreSQL out")
COMMITS = 50


@pytest.fixture
def server() -> Iterator[str]:
    """Yield a server of this test's own, that answers a commit before it is written."""
    with postgres() as url:
        yield url


@pytest.fixture
def url(server: str) -> Iterator[str]:
    with suppress(psycopg.OperationalError), fresh_database(server, tables=False) as found:  # the server is killed
        yield found


def kept(url: str, server: str) -> int:
    """Commit rows one by one, kill the server just after the last, and return how many it knows afterwards."""
    with disposed(make_engine(url)) as engine:
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE attempt_made (number integer)"))
        for number in range(COMMITS):
            with engine.begin() as connection:
                connection.execute(sa.text("INSERT INTO attempt_made VALUES (:number)"), {"number": number})
        start_again(server)
    with disposed(make_engine(url)) as engine, engine.begin() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM attempt_made")).scalar_one())


@contextmanager
def disposed(engine: sa.Engine) -> Iterator[sa.Engine]:
    """Yield an engine and close its connections afterwards."""
    try:
        yield engine
    finally:
        engine.dispose()


def test_every_commit_is_there_after_the_server_was_killed(url: str, server: str) -> None:
    assert kept(url, server) == COMMITS


def test_without_our_setting_the_last_ones_are_lost(url: str, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above sees what it is there for."""
    monkeypatch.setattr(engine_module, "_commits_at_once", lambda connection, record: None)
    with pytest.raises(AssertionError):
        try:
            assert kept(url, server) == COMMITS
        except sa.exc.ProgrammingError:  # not even the table is there
            raise AssertionError from None


def test_a_server_that_never_waits_for_its_disk_is_told_of(url: str) -> None:
    """That no setting of a session can mend: the doctor says who must."""
    (found,) = (one for one in examine(Process(database_url=url, secret_key=SECRET_KEY)) if one.check == "commits")
    assert not found.ok
    assert found.text.startswith("PostgreSQL runs with fsync and full_page_writes off: a loss of power would lose")
