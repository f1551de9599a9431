"""Prepared statements stay within one company: those that do not are refused when made, the others reach no further."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Executable, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.sql.dml import UpdateBase

from hub.export.deciding import decisions
from hub.export.posting import statements
from hub.store.companies import Company
from hub.store.database import Store
from hub.store.people import TeamMember
from hub.store.prepared import Prepared, here

OURS, THEIRS = "ours", "theirs"
MEMBERS, RUNS = TeamMember.__table__, statements.RUNS  # type: ignore[attr-defined]
ONE, TWO = MEMBERS.alias("one"), MEMBERS.alias("two")

REFUSED: dict[str, tuple[Executable, str]] = {
    "a select": (select(MEMBERS.c.name), "team_member"),
    "a count": (select(func.count()).select_from(MEMBERS), "team_member"),
    "another company by name": (select(MEMBERS.c.name).where(MEMBERS.c.company_id == THEIRS), "team_member"),
    "another parameter": (select(MEMBERS.c.name).where(MEMBERS.c.company_id == bindparam("it")), "team_member"),
    "another column": (select(MEMBERS.c.name).where(MEMBERS.c.name == here()), "team_member"),
    "every other company": (select(MEMBERS.c.name).where(MEMBERS.c.company_id != here()), "team_member"),
    "a join": (select(MEMBERS.c.name, RUNS.c.id).where(MEMBERS.c.company_id == here()), "run"),
    "a join by company": (
        select(MEMBERS.c.name)
        .join(RUNS, RUNS.c.company_id == MEMBERS.c.company_id)
        .where(MEMBERS.c.company_id == here()),
        "run",
    ),
    "a table that exists": (
        select(MEMBERS.c.name).where(MEMBERS.c.company_id == here(), select(RUNS.c.id).exists()),
        "run",
    ),
    "a subquery": (select(select(RUNS.c.id).subquery().c.id), "run"),
    "a union": (select(MEMBERS.c.id).where(MEMBERS.c.company_id == here()).union(select(RUNS.c.holder)), "run"),
    "an alias": (select(ONE.c.name), ""),
    "an alias beside its table": (select(ONE.c.name, MEMBERS.c.id).where(MEMBERS.c.company_id == here()), ""),
    "one of two aliases": (select(ONE.c.name, TWO.c.name).where(ONE.c.company_id == here()), ""),
    "an update": (update(MEMBERS).where(MEMBERS.c.id == "1").values(name="x"), "team_member"),
    "a delete": (delete(MEMBERS), "team_member"),
    "an insert": (insert(MEMBERS).values(id="2", name="x"), "team_member"),
    "an insert for another company": (insert(MEMBERS).values(company_id=THEIRS, id="2", name="x"), "team_member"),
    "an insert of what is selected": (
        insert(MEMBERS).from_select(["company_id", "id"], select(RUNS.c.company_id, RUNS.c.holder)),
        "run, team_member",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_statement_that_names_no_company_is_refused(name: str) -> None:
    """For any of its tables and aliases; it is said for which table."""
    statement, missing = REFUSED[name]
    with pytest.raises(RuntimeError, match=f"names no company for {missing}"):
        Prepared(statement)


@pytest.mark.parametrize("module", [statements, decisions])
def test_every_statement_about_tables_is_prepared(module: ModuleType) -> None:
    """In the two modules that make such statements."""
    made = vars(module).values()
    assert any(isinstance(one, Prepared) for one in made)
    assert not [one for one in made if isinstance(one, (Select, UpdateBase))]


# -- two companies in one store ---------------------------------------------------------------------------------------

NAMES = Prepared(select(MEMBERS.c.name).where(MEMBERS.c.company_id == here()).order_by(MEMBERS.c.id))
PAIRS = Prepared(
    select(ONE.c.name, TWO.c.name).where(ONE.c.company_id == here(), TWO.c.company_id == here(), ONE.c.id == TWO.c.id)
)
RENAME = Prepared(update(MEMBERS).where(MEMBERS.c.company_id == here()).values(name=bindparam("to")))
RENAME_ONE = Prepared(
    update(MEMBERS).where(MEMBERS.c.company_id == here(), MEMBERS.c.id == bindparam("who")).values(name=bindparam("to"))
)
DELETE = Prepared(delete(MEMBERS).where(MEMBERS.c.company_id == here()))
ADD = Prepared(insert(MEMBERS).values(company_id=here(), id=bindparam("who"), name=bindparam("to")))


@pytest.fixture
def two(store: Store) -> Iterator[Store]:
    """A store with two companies that have a member of the same id, and one has another besides."""
    with store.everywhere() as session:
        session.add_all([Company(id=OURS, name="Ours"), Company(id=THEIRS, name="Theirs")])
    for company, ids in ((OURS, ("1",)), (THEIRS, ("1", "2"))):
        with store.write(company) as session:
            session.insert(TeamMember, [{"id": one, "name": f"{company} {one}"} for one in ids])
    yield store


def names(store: Store, company: str) -> list[str]:
    with store.read(company) as session:
        return [one.name for one in session.all(TeamMember)]


def test_a_connection_reads_its_own_rows_only(two: Store) -> None:
    """Also where a table is joined with itself, and where one and the same statement is run for both companies."""
    for company, expected in ((OURS, ["ours 1"]), (THEIRS, ["theirs 1", "theirs 2"])):
        with two.journal(company) as connection:
            assert [name for (name,) in connection.run(NAMES)] == expected
            assert sorted(connection.run(PAIRS).all()) == [(name, name) for name in expected]


@pytest.mark.parametrize(
    ("statement", "values", "left"),
    [
        (RENAME, {"to": "x"}, ["x"]),
        (RENAME_ONE, {"to": "x", "who": "1"}, ["x"]),
        (RENAME_ONE, {"to": "x", "who": "2"}, ["ours 1"]),
        (DELETE, {}, []),
        (ADD, {"to": "x", "who": "2"}, ["ours 1", "x"]),
    ],
    ids=["all", "one", "one that is theirs alone", "delete", "add"],
)
def test_a_connection_changes_its_own_rows_only(
    two: Store, statement: Prepared, values: dict[str, Any], left: list[str]
) -> None:
    """Whatever ids it names."""
    with two.journal(OURS) as connection:
        connection.run(statement, **values)
    assert (names(two, OURS), names(two, THEIRS)) == (left, ["theirs 1", "theirs 2"])


def test_many_rows_at_once_go_to_the_own_company(two: Store) -> None:
    """Each of them."""
    with two.journal(OURS) as connection:
        connection.run_many(ADD, [{"who": "2", "to": "x"}, {"who": "3", "to": "y"}])
        connection.run_many(ADD, [])
    assert (names(two, OURS), names(two, THEIRS)) == (["ours 1", "x", "y"], ["theirs 1", "theirs 2"])


def test_a_journal_that_fails_changes_nothing(two: Store) -> None:
    """Its transaction is rolled back as a whole."""
    with pytest.raises(ZeroDivisionError), two.journal(OURS) as connection:
        connection.run(RENAME, to="x")
        raise ZeroDivisionError
    assert names(two, OURS) == ["ours 1"]


def test_the_same_update_with_no_company_reaches_both(two: Store) -> None:
    """The control: what is refused above would have gone through."""
    with two.everywhere() as session:
        session.execute(update(TeamMember).values(name="x"))
    assert names(two, THEIRS) == ["x", "x"]
