"""PostgreSQL itself keeps companies apart: by raw SQL, beneath the session, for the owner of the tables too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ProgrammingError
from sqlmodel import SQLModel

from hub.hub import Hub
from hub.process import Process
from hub.store import rows_apart
from hub.store.columns import CompanyRow
from hub.store.database import Store
from hub.store.people import TeamMember
from hub.store.prepared import Prepared, here
from hub.store.rows_apart import POLICY, of_all, tables
from hub.store.session import CompanySession

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

OURS, THEIRS = "acme", "zenith"
MEMBERS = TeamMember.__table__  # type: ignore[attr-defined]
NAMES = Prepared(sa.select(MEMBERS.c.name).where(MEMBERS.c.company_id == here()))
WAYS = ("read", "write", "journal", "look")


@pytest.fixture
def two(store: Store, process: Process) -> Store:
    """Return a store with two companies that have one member each, with the same id; the name says whose."""
    for company in (OURS, THEIRS):
        Hub(store, process).add_company(company, company)
        with store.write(company) as session:
            session.insert(TeamMember, [{"id": "1", "name": company}])
    return store


def names(connection: Connection) -> list[str]:
    """Return the names of all members that can be seen, without asking for a company."""
    return list(connection.execute(sa.text("SELECT name FROM team_member ORDER BY name")).scalars())


@contextmanager
def beneath(store: Store, way: str, company: str = OURS) -> Iterator[Connection]:
    """Open the database for a company as the store does, and yield the connection beneath, which narrows nothing."""
    with getattr(store, way)(company) as bound:
        yield bound.connection() if isinstance(bound, CompanySession) else bound._connection


def change(store: Store, *statements: str) -> None:
    """Change the tables as their owner."""
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


# -- nobody's rows ----------------------------------------------------------------------------------------------------


def filled(engine: Engine) -> set[str]:
    """Return the tables of companies in which rows can be seen."""
    with engine.connect() as connection:
        return {one for one in tables() if connection.scalar(sa.text(f'SELECT count(*) FROM "{one}"'))}  # noqa: S608


def test_whoever_names_no_company_sees_no_row_of_any_table(two: Store) -> None:
    """Though there are rows, as the second line shows."""
    assert filled(two.engine) == set()
    assert filled(of_all(two.engine)) == {"company", "data_key", "audit", "team_member"}


def test_whoever_names_no_company_writes_no_row(two: Store) -> None:
    """Neither a new one nor one that is there."""
    with two.engine.begin() as connection:
        assert connection.execute(sa.text("UPDATE team_member SET name = 'x'")).rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(sa.text(INSERT))


def test_without_the_policy_rows_of_all_are_seen(two: Store) -> None:
    """Show that the tests above would catch a table that is not protected."""
    change(two, "ALTER TABLE team_member DISABLE ROW LEVEL SECURITY")
    assert filled(two.engine) == {"team_member"}


def test_the_owner_of_the_tables_is_bound_too(two: Store) -> None:
    """That the hub's role owns them is what FORCE is for."""
    with two.engine.connect() as connection:
        owner = "SELECT tableowner = current_user FROM pg_tables WHERE tablename = 'team_member'"
        assert connection.scalar(sa.text(owner)) is True
        assert names(connection) == []


def test_without_force_the_owner_would_see_all(two: Store) -> None:
    """Show that the test above would catch a policy that binds others only."""
    change(two, "ALTER TABLE team_member NO FORCE ROW LEVEL SECURITY")
    with two.engine.connect() as connection:
        assert names(connection) == [OURS, THEIRS]


# -- one company's rows -----------------------------------------------------------------------------------------------

INSERT = "INSERT INTO team_member (company_id, id, name, email, venue, source) VALUES ('zenith', '2', '', '', '', '')"
REACHES = {
    "a change": "UPDATE team_member SET name = 'x' WHERE company_id = 'zenith'",
    "a change of everything": "UPDATE team_member SET name = 'x' WHERE name <> 'acme'",
    "a deletion": "DELETE FROM team_member WHERE company_id = 'zenith'",
    "a change of the company": "UPDATE company SET name = 'x' WHERE id = 'zenith'",
    "a lock": "SELECT id FROM company WHERE id = 'zenith' FOR UPDATE",
}
REFUSED = {
    "a new row": INSERT,
    "a row given away": "UPDATE team_member SET company_id = 'zenith', id = '2' WHERE name = 'acme'",
    "a new company": "INSERT INTO company SELECT 'third', name, new_day, created_at, keeping, told FROM company",
}


@pytest.mark.parametrize("way", WAYS)
def test_raw_sql_sees_the_rows_of_its_company_only(two: Store, way: str) -> None:
    """Whichever way the store opens the database."""
    with beneath(two, way) as connection:
        assert names(connection) == [OURS]
        assert connection.execute(sa.text("SELECT id FROM company")).scalars().all() == [OURS]


@pytest.mark.parametrize("way", ["write", "journal"])
@pytest.mark.parametrize("statement", REACHES)
def test_raw_sql_reaches_no_row_of_another_company(two: Store, way: str, statement: str) -> None:
    """It changes nothing and says so."""
    with beneath(two, way) as connection:
        assert connection.execute(sa.text(REACHES[statement])).rowcount == 0
    with two.everywhere() as session:
        assert names(session.connection()) == [OURS, THEIRS]


@pytest.mark.parametrize("way", ["write", "journal"])
@pytest.mark.parametrize("statement", REFUSED)
def test_raw_sql_writes_no_row_for_another_company(two: Store, way: str, statement: str) -> None:
    """PostgreSQL refuses it."""
    with pytest.raises(ProgrammingError, match="row-level security"), beneath(two, way) as connection:
        connection.execute(sa.text(REFUSED[statement]))


@pytest.mark.parametrize("statement", [*REACHES, "a new row", "a row given away"])
def test_the_same_raw_sql_without_a_boundary_does_its_harm(two: Store, statement: str) -> None:
    """Show that the tests above would catch a boundary that is not there."""
    with of_all(two.engine).connect() as connection:
        assert connection.execute(sa.text((REACHES | REFUSED)[statement])).rowcount == 1


@pytest.mark.parametrize("name", ["on", "everywhere", "hub.everywhere", "%", "' OR true --", '"', "\\"])
def test_no_name_of_a_company_opens_the_others(two: Store, process: Process, name: str) -> None:
    """What a company is called is a value, never a word of the policy."""
    Hub(two, process).add_company(name, name)
    for way in WAYS:
        with beneath(two, way, name) as connection:
            assert connection.execute(sa.text("SELECT id FROM company")).scalars().all() == [name]


# -- for one transaction ----------------------------------------------------------------------------------------------


def seen_by_the_next(store: Store) -> list[str]:
    """Return what is seen by whoever gets the connection of a company's transaction next and says nothing."""
    with store.journal(OURS) as bound:
        first = bound._connection.connection.driver_connection
    with store.engine.connect() as connection:
        assert connection.connection.driver_connection is first
        return names(connection)


def test_whoever_gets_the_connection_next_inherits_nothing(two: Store) -> None:
    """The company holds until the transaction ends."""
    assert seen_by_the_next(two) == []


def test_a_company_that_is_said_for_the_whole_connection_would_be_inherited(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Show that the test above would catch it."""
    monkeypatch.setattr(rows_apart, "_SAY", rows_apart._SAY.replace("true", "false"))
    assert seen_by_the_next(two) == [OURS]


def test_nothing_is_inherited_from_the_operators_work_or_from_a_failure(two: Store) -> None:
    """Neither the view of all nor a company."""
    with two.everywhere() as session:
        assert names(session.connection()) == [OURS, THEIRS]
    with pytest.raises(ZeroDivisionError), two.journal(THEIRS):
        raise ZeroDivisionError
    with two.engine.connect() as connection:
        assert names(connection) == []


@pytest.mark.parametrize("way", ["read", "look"])
@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_each_transaction_of_one_connection_says_its_company(two: Store, way: str, ends: str) -> None:
    """Also one that SQLAlchemy begins by itself, after another has ended."""
    with getattr(two, way)(OURS) as bound:
        for _ in range(3):
            connection = bound.connection() if isinstance(bound, CompanySession) else bound._connection
            assert names(connection) == [OURS]
            getattr(bound if isinstance(bound, CompanySession) else connection, ends)()


def test_what_is_read_of_one_moment_is_of_the_company(two: Store) -> None:
    """Its transaction is begun by hand."""
    with two.look(OURS) as bound:
        bound.one_moment()
        assert names(bound._connection) == [OURS]


def test_threads_that_share_a_pool_each_see_their_own_company(two: Store) -> None:
    """Two hundred transactions of two companies, on few connections."""

    def seen(company: str) -> bool:
        with two.journal(company) as bound:
            return names(bound._connection) == [one.name for one in bound.run(NAMES)] == [company]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(seen, [OURS, THEIRS] * 100))


# -- every table ------------------------------------------------------------------------------------------------------

RULE = (
    "((({0})::text = ( SELECT current_setting('hub.company'::text, true) AS current_setting))"
    " OR (( SELECT current_setting('hub.everywhere'::text, true) AS current_setting) = 'on'::text))"
)


def unprotected(engine: Engine) -> list[str]:
    """Return the tables of companies that have not exactly the one policy, in force for everybody."""
    policies = "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies"
    forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(policies))]
        in_force = set(connection.execute(sa.text(forced)).scalars())
    expected = {
        table: (table, POLICY, "PERMISSIVE", "{public}", "ALL", RULE.format(column), RULE.format(column))
        for table, column in tables().items()
    }
    return [
        table
        for table, row in expected.items()
        if table not in in_force or [one for one in found if one[0] == table] != [row]
    ]


def test_every_table_of_companies_has_the_policy(store: Store) -> None:
    """A new table needs it too: its migration executes `rows_apart.policy`."""
    assert {str(one.__tablename__) for one in CompanyRow.__subclasses__() if hasattr(one, "__table__")} <= set(tables())
    assert unprotected(store.engine) == []


def test_a_new_table_without_the_policy_is_named(store: Store) -> None:
    """Show that the test above would catch it."""
    new = sa.Table("new_table", SQLModel.metadata, sa.Column("company_id", sa.String(100), primary_key=True))
    try:
        assert unprotected(store.engine) == ["new_table"]
    finally:
        SQLModel.metadata.remove(new)


@pytest.mark.parametrize(
    "statement",
    [
        f"DROP POLICY {POLICY} ON job",
        f"ALTER POLICY {POLICY} ON job USING (true)",
        f"ALTER POLICY {POLICY} ON job WITH CHECK (true)",
        f"ALTER POLICY {POLICY} ON job TO current_user",
        "CREATE POLICY another ON job USING (true)",
        "ALTER TABLE job NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE job DISABLE ROW LEVEL SECURITY",
    ],
)
def test_a_table_that_is_protected_otherwise_is_named(store: Store, statement: str) -> None:
    """Show that the test of all tables would catch it."""
    change(store, statement)
    assert unprotected(store.engine) == ["job"]
