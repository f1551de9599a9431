"""The migrations build what the tables in the code say, back and forth, and whoever opens a new database first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine
from sqlmodel import SQLModel

from hub.process import Process
from hub.store import database, rows_apart
from hub.store.companies import Company
from hub.store.database import HEAD, Store, migrate, migrations
from hub.store.engine import make_engine
from hub.store.exports import Attempt, Contribution, Entry
from hub.store.mark import Mark
from hub.store.rows_apart import of_all
from hub.testing.fixtures import SECRET_KEY
from hub.vault import MasterKey


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    made = make_engine(empty_database_url)
    yield made
    made.dispose()


def differences(engine: Engine) -> list[Any]:
    """Return what alembic would still change to make the database what the code says."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def tables(engine: Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def writing(engine: Engine) -> Any:
    return engine.execution_options(hub_writes=True).begin()


def test_migrating_from_nothing_gives_what_the_code_says(engine: Engine) -> None:
    migrate(engine)
    assert differences(engine) == []


def test_a_column_too_many_is_noticed(engine: Engine) -> None:
    """Show that the test above would catch a migration that differs."""
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(sa.text("ALTER TABLE team_member ADD COLUMN nickname VARCHAR"))
    assert [step[0] for step in differences(engine)] == ["remove_column"]


def test_migrating_back_leaves_nothing_and_forth_again_works(engine: Engine) -> None:
    migrate(engine)
    with writing(engine) as connection:
        command.downgrade(migrations(connection), "base")
    assert tables(engine) == {"alembic_version"}
    migrate(engine)
    assert differences(engine) == []


SLOT = {"provider": "p", "administration": "1", "year": 2026, "number": 10, "employee": "e1", "kind": "hours"}
PERIOD = {"start": date(2026, 10, 1), "end": date(2026, 10, 31)}
THEN = datetime(2026, 10, 20, tzinfo=UTC)


def fill(connection: Connection) -> None:
    """Journal two entries of one slot as the first revision did: one confirmed after two attempts, one in doubt."""
    metadata = sa.MetaData()
    metadata.reflect(connection)

    def insert(table: str, **row: Any) -> None:
        connection.execute(metadata.tables[table].insert().values(company_id="acme", **row))

    connection.execute(
        metadata.tables["company"].insert().values(id="acme", name="Acme", new_day="06:00", created_at=THEN)
    )
    given = {"provider": "p", "administration": "1", "year": 2026, "number": 10}
    insert("plan", id=1, **given, hash="x", body={}, made_at=THEN, released_by="Robin", released_at=THEN)
    insert("run", id=1, plan=1, started_at=THEN, ended_at=None, paused="")
    entry = {"run": 1, **SLOT, **PERIOD, "code": "100", "before": 0, "sets": False, "unprotected": False}
    entry |= {"comment": "", "reason": "", "action": ""}
    insert("entry", id=1, **entry, amount=800, state="confirmed", posted_id="7")
    insert("entry", id=2, **entry, amount=100, state="in doubt", posted_id=None)
    for number, entry_of, outcome in ((1, 1, "not sent"), (2, 1, "accepted"), (3, 2, "unknown")):
        fields = {"key": f"k{number}", "before": [], "detail": "", "started_at": THEN, "ended_at": THEN}
        insert("attempt", id=number, entry=entry_of, outcome=outcome, **fields)
    insert("contribution", entry=1, timecard="a", component="worked", revision=1, unit="minutes", amount=480)


def test_what_was_journalled_before_stays(engine: Engine) -> None:
    """Each attempt is of its entry's slot, each entry knows its last one, and new rows are numbered on."""
    with writing(engine) as connection:
        command.upgrade(migrations(connection), "0001")
        fill(connection)
    migrate(engine)
    store = Store(engine, MasterKey.from_text(SECRET_KEY), Mark(None))
    with store.write("acme") as session:
        entries = session.all(Entry)
        assert [(one.attempt, one.for_year, one.for_number, one.evidence) for one in entries] == [
            (2, 2026, 10, "answer"),
            (3, 2026, 10, ""),
        ]
        attempts = session.all(Attempt)
        assert [(one.run, one.entries, one.outcome) for one in attempts] == [
            (1, [1], "not sent"),
            (1, [1], "accepted"),
            (1, [2], "unknown"),
        ]
        assert {(one.employee, one.kind, one.year, one.number) for one in attempts} == {("e1", "hours", 2026, 10)}
        assert [one.goes for one in session.all(Contribution)] == [True]
        fields = {"run": 1, **SLOT, "entries": [1], "key": "k4", "before": [], "outcome": "accepted"}
        assert session.insert_numbered(Attempt, [fields]) == [4]


def policies(engine: Engine) -> int:
    """Return how many tables have a policy of row-level security, and are bound by it with their owner."""
    bound = "SELECT count(*) FROM pg_policies JOIN pg_class ON relname = tablename AND relforcerowsecurity"
    with engine.connect() as connection:
        return connection.scalar(sa.text(bound)) or 0


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_row_level_security_comes_and_goes_with_its_revision(engine: Engine) -> None:
    """Back and forth again, with rows in the tables."""
    migrate(engine)
    with of_all(engine).begin() as connection:
        connection.execute(sa.text("INSERT INTO company VALUES ('acme', 'Acme', '05:00', now(), '{}', '{}')"))
    assert policies(engine) == len(rows_apart.tables())
    with writing(engine) as connection:
        command.downgrade(migrations(connection), "0005")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM company")) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_policies")) == 0
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_class WHERE relforcerowsecurity")) == 0
    migrate(engine)
    assert policies(engine) == len(rows_apart.tables())


def test_a_migration_sees_the_rows_of_every_company(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row-level security would else let it change none of them, without a word."""
    migrate(engine)
    with of_all(engine).execution_options(hub_writes=True).begin() as connection:
        for company in ("acme", "zenith"):
            new = sa.insert(Company).values(id=company, name=company, new_day="05:00", keeping={}, told={})
            connection.execute(new)
    seen: list[object] = []

    def revision(connection: Connection) -> str:
        seen.append(connection.scalar(sa.text("SELECT count(*) FROM company")))
        return HEAD

    monkeypatch.setattr(database, "_revision", revision)
    migrate(engine)
    assert seen == [2]


def test_a_database_that_is_up_to_date_opens_without_alembic(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(engine)
    monkeypatch.setattr(database, "migrations", lambda connection: pytest.fail("alembic was loaded"))
    migrate(engine)


def test_a_migration_that_fails_half_way_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def fails(metadata: object, connection: Connection, **_: object) -> None:
        made.append(metadata)
        if len(made) == 5:
            raise ZeroDivisionError

    sa.event.listen(sa.Table, "after_create", fails)
    try:
        with pytest.raises(ZeroDivisionError):
            migrate(engine)
    finally:
        sa.event.remove(sa.Table, "after_create", fails)
    assert tables(engine) == set()
    migrate(engine)
    assert differences(engine) == []


def test_the_newest_revision_is_the_one_that_the_store_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(migrations(connection)).get_heads() == [HEAD]


def test_the_revisions_are_one_line_that_is_numbered_without_a_gap(engine: Engine) -> None:
    with engine.connect() as connection:
        line = [one.revision for one in ScriptDirectory.from_config(migrations(connection)).walk_revisions()]
    assert line[::-1] == [f"{number:04}" for number in range(1, len(line) + 1)]


OPEN = """
import sys
from hub.process import Process
from hub.store.database import Store
sys.stdin.readline()
Store.open(Process(database_url=sys.argv[1], secret_key=sys.argv[2])).close()
"""


def test_two_processes_that_open_a_new_database_at_once_both_succeed(empty_database_url: str) -> None:
    start = [sys.executable, "-W", "error", "-c", OPEN, empty_database_url, SECRET_KEY]
    both = [
        subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for one in both:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [one.communicate(timeout=60)[1] for one in both] == ["", ""]
    assert [one.returncode for one in both] == [0, 0]
    store = Store.open(Process(database_url=empty_database_url, secret_key=SECRET_KEY))
    assert differences(store.engine) == []
    store.close()
