"""The PostgreSQL that tests run on: a database for each, and nothing left of it afterwards, not even after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.errors import SettingsError
from hub.process import Process
from hub.store import database
from hub.store.database import Store
from hub.store.engine import make_engine
from hub.store.people import TeamMember
from hub.testing import databases
from hub.testing.fixtures import SECRET_KEY

UP = """
from hub.testing.databases import postgres
with postgres() as url:
    print(url, flush=True)
    input()
"""


def folder_of(url: str) -> Path:
    """Return the folder that a server keeps its data in."""
    return Path(str(sa.make_url(url).query["host"]))


def pid_of(url: str) -> int:
    return int((folder_of(url) / "postmaster.pid").read_text().split()[0])


def runs(pid: int) -> bool:
    """Tell whether a process is there and no zombie, which a container without an init process leaves."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc").exists()


@pytest.fixture
def other() -> subprocess.Popen[str]:
    """Return a process that started a server and waits."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", UP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_a_server_that_a_killed_process_left_behind_is_stopped_by_the_next_run(other: subprocess.Popen[str]) -> None:
    url = url_of(other)
    pid = pid_of(url)
    databases.stop_leftovers()
    assert runs(pid), "a server in use was stopped"
    other.kill()
    other.communicate()
    assert runs(pid)
    databases.stop_leftovers()
    assert not runs(pid)
    assert not folder_of(url).parent.exists()


def test_a_server_is_gone_when_its_process_ends_well(other: subprocess.Popen[str]) -> None:
    url = url_of(other)
    pid = pid_of(url)
    other.communicate("\n")
    assert other.returncode == 0
    assert not runs(pid)
    assert not folder_of(url).parent.exists()


def test_a_server_is_gone_when_its_process_is_interrupted(other: subprocess.Popen[str]) -> None:
    url = url_of(other)
    pid = pid_of(url)
    other.send_signal(signal.SIGINT)
    other.communicate()
    assert not runs(pid)
    assert not folder_of(url).parent.exists()


def test_a_folder_of_which_the_pid_belongs_to_another_process_by_now_is_removed_without_a_kill(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(databases, "_BASE", tmp_path)
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a process was sent a signal"))
    data = tmp_path / "hub-pg-left" / "data"
    data.mkdir(parents=True)
    (data.parent / "owner").touch()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    databases.stop_leftovers()
    assert not data.parent.exists()


def test_a_server_that_does_not_start_says_so_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = Path(tempfile.mkdtemp(dir=databases._BASE))
    base.chmod(0o711)
    monkeypatch.setattr(databases, "_BASE", base)
    monkeypatch.setattr(databases, "_THROWN_AWAY", "-c no_such_setting=1")
    with pytest.raises(SettingsError, match=r"did not start(.|\n)*no_such_setting"), databases.postgres():
        pytest.fail("it started")
    base.rmdir()  # empty again


def test_databases_are_apart_and_dropped_at_the_end(postgres_url: str) -> None:
    with databases.fresh_database(postgres_url) as first, databases.fresh_database(postgres_url) as second:
        assert first != second
        engine = make_engine(first)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE mine (id integer)"))
        assert "mine" not in _tables(second)
    engine.dispose()
    with pytest.raises(SettingsError, match="cannot be opened"):
        Store.open(Process(database_url=first, secret_key=SECRET_KEY))


def test_a_database_has_the_tables_of_the_hub_unless_it_is_to_be_empty(postgres_url: str) -> None:
    with databases.fresh_database(postgres_url) as url:
        assert "team_member" in _tables(url)
    with databases.fresh_database(postgres_url, tables=False) as url:
        assert _tables(url) == []


def test_only_the_first_database_is_migrated_and_the_others_are_copied(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.fresh_database(postgres_url):
        pass
    monkeypatch.setattr(database, "migrate", lambda _: pytest.fail("it was migrated"))
    with databases.fresh_database(postgres_url) as url:
        assert "team_member" in _tables(url)


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg"])
def test_the_url_of_the_server_may_name_a_driver(postgres_url: str, driver: str) -> None:
    named = sa.make_url(postgres_url).set(drivername=driver).render_as_string(hide_password=False)
    with databases.fresh_database(named) as url:
        assert "team_member" in _tables(url)


def test_each_test_gets_a_database_without_rows(store: Store) -> None:
    with store.everywhere() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(TeamMember)).scalar() == 0


def _tables(url: str) -> list[str]:
    engine = make_engine(url)
    try:
        return sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()
