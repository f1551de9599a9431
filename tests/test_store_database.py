"""Transactions, rules and errors of the database, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.errors import SettingsError
from hub.hub import Hub
from hub.process import Process
from hub.store.companies import Connection, Mapping, Secret
from hub.store.database import Store
from hub.store.engine import BUSY_MILLISECONDS, make_engine
from hub.store.exports import Plan
from hub.store.people import Employee, TeamMember
from hub.store.rows_apart import say_company

COMPANY = "acme"
BSN, EMAIL = "123456782", "fenna.tolsma@example.nl"


@pytest.fixture
def acme(store: Store, process: Process) -> Store:
    """Return a store with one company."""
    Hub(store, process).add_company(COMPANY, "Acme")
    return store


def names(store: Store) -> list[str]:
    with store.read(COMPANY) as session:
        return [one.name for one in session.all(TeamMember)]


# -- transactions -----------------------------------------------------------------------------------------------------


def test_a_write_that_fails_leaves_nothing(acme: Store) -> None:
    with pytest.raises(ZeroDivisionError), acme.write(COMPANY) as session:
        session.insert(TeamMember, [{"id": "1", "name": "x"}])
        session.add(TeamMember(company_id=COMPANY, id="2", name="y"))
        session.flush()
        raise ZeroDivisionError
    assert names(acme) == []


def test_a_write_that_ends_well_is_kept(acme: Store) -> None:
    with acme.write(COMPANY) as session:
        session.insert(TeamMember, [{"id": "1", "name": "x"}])
    assert names(acme) == ["x"]


def test_what_a_reading_session_changes_is_not_kept(acme: Store) -> None:
    with acme.read(COMPANY) as session:
        session.add(TeamMember(company_id=COMPANY, id="1", name="x"))
        session.flush()
    assert names(acme) == []


def _count_up(store: Store, times: int) -> None:
    """Read a number and write the next one, each time in a transaction of its own."""
    for _ in range(times):
        with store.write(COMPANY) as session:
            session.hold_keys(alone=True)  # on PostgreSQL a row is locked by whoever wants to change what it read
            row = session.need(TeamMember, "The counter", "counter")
            row.name = str(int(row.name) + 1)
            session.add(row)


def test_four_threads_that_read_and_then_write_lose_nothing(acme: Store) -> None:
    """With SQLite's own DEFERRED transactions most of these fail at once, because another wrote after the read."""
    with acme.write(COMPANY) as session:
        session.insert(TeamMember, [{"id": "counter", "name": "0"}])
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(_count_up, acme, 50) for _ in range(4)]:
            done.result()
    assert names(acme) == ["200"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_begin_immediate_a_read_and_then_a_write_would_fail(acme: Store) -> None:
    """Show that the test above would catch a store that begins its writes as it begins its reads."""
    with acme.write(COMPANY) as session:
        session.insert(TeamMember, [{"id": "counter", "name": "0"}])
    acme._writing = acme.engine.execution_options(hub_writes=False)
    with pytest.raises(sa.exc.OperationalError, match="locked"), acme.write(COMPANY) as session:
        session.need(TeamMember, "The counter", "counter")
        _count_up(acme, 1)
        session.insert(TeamMember, [{"id": "late", "name": "x"}])


# -- rules ------------------------------------------------------------------------------------------------------------


def test_sqlite_keeps_its_rules_on_every_pooled_connection(tmp_path: Path) -> None:
    store = Store.open(Process(database_url=f"sqlite:///{tmp_path / 'hub.db'}"))
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": BUSY_MILLISECONDS}
    with ExitStack() as stack:
        connections = [stack.enter_context(store.engine.connect()) for _ in range(7)]
        found = [{rule: one.execute(sa.text(f"PRAGMA {rule}")).scalar() for rule in expected} for one in connections]
    store.close()
    assert found == [expected] * 7


def _employee(**changes: Any) -> dict[str, Any]:
    return {"provider": "p", "id": "1", "administration": "1", **changes}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (Employee, _employee(provider="nobody")),
        (Employee, _employee(member="nobody")),
        (Secret, {"provider": "nobody", "name": "token", "sealed": b"x"}),
        (Mapping, {"provider": "nobody", "component": "worked", "kind": "hours", "code": "1"}),
    ],
)
def test_a_row_that_belongs_to_nothing_is_refused(acme: Store, table: Any, row: dict[str, Any]) -> None:
    with acme.write(COMPANY) as session:
        session.insert(Connection, [{"provider": "p"}])
    with pytest.raises(IntegrityError), acme.write(COMPANY) as session:
        session.insert(table, [row])


def test_a_row_of_one_company_cannot_belong_to_a_row_of_another(acme: Store, process: Process) -> None:
    Hub(acme, process).add_company("zenith", "Zenith")
    with acme.write("zenith") as session:
        session.insert(TeamMember, [{"id": "theirs", "name": "x"}])
    with acme.write(COMPANY) as session:
        session.insert(Connection, [{"provider": "p"}])
    with pytest.raises(IntegrityError), acme.write(COMPANY) as session:
        session.insert(Employee, [_employee(member="theirs")])


def test_the_database_numbers_plans_and_counts_on(acme: Store) -> None:
    with acme.write(COMPANY) as session:
        first = Plan(company_id=COMPANY, provider="p", administration="1", year=2026, number=1, hash="x")
        session.add(first)
        session.flush()
        second = Plan(company_id=COMPANY, provider="p", administration="1", year=2026, number=2, hash="x")
        session.add(second)
        session.flush()
        assert (second.id or 0) > (first.id or 0) >= 1


# -- errors -----------------------------------------------------------------------------------------------------------

BAD_ROWS: dict[str, dict[str, Any]] = {
    "a key that is held already": {"id": EMAIL, "name": BSN, "email": EMAIL},
    "a value that is missing": {"id": BSN, "name": None, "email": EMAIL},
}


def chain(error: BaseException) -> list[BaseException]:
    """Return an error and everything that it came from."""
    found: list[BaseException] = []
    while error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__ or error
    return found


def told(error: BaseException) -> str:
    """Return all that a log or a screen could show of an error."""
    parts = [f"{one} {one!r} {one.args!r} {getattr(one, 'orig', '')!r}" for one in chain(error)]
    return "\n".join([*parts, *traceback.format_exception(error)])


def _failure(store: Store, row: dict[str, Any]) -> IntegrityError:
    with store.write(COMPANY) as session:
        session.insert(TeamMember, [{"id": EMAIL, "name": "x"}])
    with pytest.raises(IntegrityError) as caught, store.write(COMPANY) as session:
        session.insert(TeamMember, [row])
    return caught.value


def _unbind(store: Store) -> None:
    """Take row-level security from a table: under it PostgreSQL itself tells nobody what a row holds."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE team_member DISABLE ROW LEVEL SECURITY"))


@pytest.mark.parametrize("bound", [True, False])
@pytest.mark.parametrize("row", BAD_ROWS)
def test_an_error_of_the_database_never_shows_what_a_row_holds(acme: Store, row: str, bound: bool) -> None:
    """Whether row-level security binds the hub's role or not."""
    if not bound:
        _unbind(acme)
    text = told(_failure(acme, BAD_ROWS[row]))
    assert "team_member" in text
    assert BSN not in text
    assert EMAIL not in text


def test_a_value_that_the_database_cannot_take_is_not_shown(acme: Store) -> None:
    """PostgreSQL quotes it in the message itself."""
    with acme.engine.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(sa.text("SELECT CAST(:value AS integer), abs(-9223372036854775807 - 1)"), {"value": EMAIL})
    assert EMAIL not in told(caught.value)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_rule_postgresql_tells_the_whole_row(acme: Store) -> None:
    """Show that the tests above would catch an engine that only hides the parameters."""
    _unbind(acme)
    bare = sa.create_engine(acme.engine.url, hide_parameters=True)
    sa.event.listen(bare, "begin", say_company)
    store = Store(bare, acme.master, acme.mark)
    text = told(_failure(store, BAD_ROWS["a value that is missing"]))
    store.close()
    assert BSN in text
    assert EMAIL in text


# -- opening ----------------------------------------------------------------------------------------------------------


def _refusal(url: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Store.open(Process(database_url=url))
    assert "s3cret" not in told(caught.value)
    return caught.value.text


def test_a_server_that_is_not_there_gives_one_sentence_without_the_password() -> None:
    text = _refusal("postgresql://hub:s3cret@127.0.0.1:1/hub")
    assert text.startswith("The database cannot be opened: the operator must check HUB_DATABASE_URL")


def test_a_server_that_refuses_gives_one_sentence_without_the_password(postgres_url: str) -> None:
    wrong = sa.make_url(postgres_url).set(database="nothing", password="s3cret")
    assert _refusal(wrong.render_as_string(hide_password=False)).startswith("The database cannot be opened")


def test_a_folder_that_is_not_there_gives_one_sentence(tmp_path: Path) -> None:
    assert _refusal(f"sqlite:///{tmp_path}/nowhere/hub.db").startswith("The database cannot be opened")


def test_a_file_that_is_no_database_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"no database, whatever its name" * 100)
    assert _refusal(f"sqlite:///{tmp_path / 'hub.db'}").startswith("The database cannot be opened")


@pytest.mark.parametrize(
    "url",
    [
        "payroll.db",
        "",
        "mysql://hub:s3cret@db/hub",
        "postgresql://hub:s3cret/part@db/hub",  # what stands where the port belongs would be quoted
    ],
)
def test_what_is_no_url_of_a_database_is_refused_without_quoting_it(url: str) -> None:
    assert "HUB_DATABASE_URL" in _refusal(url)


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert _refusal("postgresql://db/hub").endswith("the integrator must install payroll-hub[postgres].")


def test_a_url_may_name_any_driver_of_postgresql() -> None:
    for scheme in ("postgresql", "postgresql+psycopg", "postgresql+asyncpg"):
        engine = make_engine(f"{scheme}://hub@/hub?host=/run/postgresql")
        assert engine.url.drivername == "postgresql+psycopg"
        assert engine.url.query == {"host": "/run/postgresql"}


def test_the_settings_of_the_process_show_no_key_and_no_password() -> None:
    shown = repr(Process(database_url="postgresql://hub:s3cret@db/hub", secret_key="key-1", old_secret_key="key-2"))
    assert "s3cret" not in shown
    assert "key-" not in shown


def test_two_threads_that_open_a_new_database_both_succeed(empty_database_url: str) -> None:
    process, start = Process(database_url=empty_database_url, secret_key="A" * 43 + "="), threading.Barrier(4)

    def opened() -> list[str]:
        start.wait()
        store = Store.open(process)
        tables = sa.inspect(store.engine).get_table_names()
        store.close()
        return tables

    with ThreadPoolExecutor(4) as pool:
        found = [done.result() for done in [pool.submit(opened) for _ in range(4)]]
    assert all("team_member" in tables for tables in found)
