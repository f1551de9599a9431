"""Two companies with the same ids in one database never see, count or change each other's rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, func, select

import hub
from hub.errors import InputError
from hub.hub import Hub
from hub.process import Process
from hub.store.access import Answered, ApiKey
from hub.store.columns import CompanyRow
from hub.store.companies import Company, Connection
from hub.store.database import Store
from hub.store.events import Endpoint
from hub.store.exports import Plan
from hub.store.jobs import Turn
from hub.store.kept import ReceiptKept
from hub.store.people import Employee, TeamMember
from hub.store.session import CompanySession

OURS, THEIRS = "acme", "zenith"
CANARY = f"canary-{THEIRS}"
OTHER = aliased(TeamMember)


@pytest.fixture
def two(store: Store, process: Process) -> Store:
    """Return a store with two companies whose rows have the same ids; a name says whose each is."""
    facade = Hub(store, process)
    for company in (OURS, THEIRS):
        facade.add_company(company, f"canary-{company}")
        with store.write(company) as session:
            session.insert(TeamMember, [{"id": "1", "name": f"canary-{company}", "email": "a@example.nl"}])
            session.insert(Connection, [{"provider": "p"}])
            session.insert(
                Employee,
                [{"provider": "p", "id": "1", "administration": company, "member": "1"}],
            )
    with store.write(THEIRS) as session:
        session.insert(TeamMember, [{"id": "theirs alone", "name": CANARY}])
    return store


@pytest.fixture
def ours(two: Store) -> Iterator[CompanySession]:
    with two.write(OURS) as session:
        yield session


def theirs(store: Store, table: type[CompanyRow] = TeamMember) -> list[Any]:
    """Return the other company's rows as they are in the database."""
    with store.everywhere() as session:
        return [
            dict(row._mapping)
            for row in session.execute(sa.select(sa.inspect(table).local_table))
            if row.company_id == THEIRS
        ]


STATEMENTS: dict[str, Any] = {
    "rows": select(TeamMember),
    "a column": select(TeamMember.name),
    "named company": select(TeamMember.name).where(TeamMember.company_id == THEIRS),
    "companies": select(Company.name),
    "an alias": select(OTHER.name),
    "a join": select(TeamMember.name, Employee.administration).join(Employee, col(Employee.member) == TeamMember.id),
    "a join with itself": select(TeamMember.name, OTHER.name).join(OTHER, col(OTHER.id) == TeamMember.id),
    "an outer join": select(Company.name, TeamMember.name).outerjoin(
        TeamMember, col(TeamMember.company_id) == Company.id
    ),
    "a subquery": select(select(TeamMember).subquery().c.name),
    "a common table expression": select(select(TeamMember.name).cte().c.name),
    "a scalar subquery": select(select(func.max(TeamMember.name)).scalar_subquery()),
    "a union": sa.union_all(select(TeamMember.name), select(Employee.administration)),
    "exists": select(sa.exists(select(TeamMember.id).where(TeamMember.name == CANARY))),
    "count": select(func.count()).select_from(TeamMember),
    "count of a subquery": select(func.count()).select_from(select(TeamMember.id).subquery()),
}
SEEN = {"exists": "[(True,)]", "count": "[(3,)]", "count of a subquery": "[(3,)]"}
"""What shows that a row of the other company was seen, where its name does not come back."""


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_question_is_answered_with_rows_of_another_company(ours: CompanySession, statement: str) -> None:
    rows = ours.execute(STATEMENTS[statement]).all()
    assert SEEN.get(statement, THEIRS) not in repr([tuple(row) for row in rows])


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_same_question_without_the_boundary_sees_the_canary(two: Store, statement: str) -> None:
    """Show that the test above would catch a boundary that is not there."""
    with two.everywhere() as session:
        rows = session.execute(STATEMENTS[statement]).all()
    assert SEEN.get(statement, THEIRS) in repr([tuple(row) for row in rows])


def test_get_finds_no_row_of_another_company(ours: CompanySession) -> None:
    assert ours.get(TeamMember, (THEIRS, "1")) is None
    assert ours.get(Company, THEIRS) is None


def test_find_and_need_look_in_the_own_company_only(ours: CompanySession) -> None:
    assert ours.find(TeamMember, "theirs alone") is None
    with pytest.raises(InputError, match=f"Member 2 is not known in company {OURS}"):
        ours.need(TeamMember, "Member 2", "theirs alone")


UNSEEN: dict[str, Any] = {
    "text": sa.text("SELECT name FROM team_member"),
    "a table in place of its class": select(TeamMember.__table__),  # type: ignore[attr-defined]
    "text as rows": select(TeamMember).from_statement(sa.text("SELECT * FROM team_member")),
    "an insert": sa.insert(TeamMember).values(company_id=THEIRS, id="2", name="x"),
    "an update by table": sa.update(TeamMember.__table__).values(name="x"),  # type: ignore[attr-defined]
    "a delete by text": sa.text("DELETE FROM team_member"),
    "giving rows away": sa.update(TeamMember).values(company_id=THEIRS, id="2"),
}


@pytest.mark.parametrize("statement", UNSEEN)
def test_a_statement_that_the_boundary_cannot_reach_is_refused(ours: CompanySession, statement: str) -> None:
    with pytest.raises(RuntimeError, match="may not execute this statement"):
        ours.execute(UNSEEN[statement])


@pytest.mark.parametrize("rows", [{"company_id": THEIRS, "id": "2", "name": "x"}, {"id": "2", "name": "x"}])
def test_many_rows_go_in_by_insert_and_change_only(ours: CompanySession, rows: dict[str, Any]) -> None:
    for statement in (sa.insert(TeamMember), sa.update(TeamMember)):
        with pytest.raises(RuntimeError, match="may not execute this statement"):
            ours.execute(statement, [rows])


WAYS_ROUND = ("__table__", "local_table", "bulk_save", "bulk_insert", "bulk_update", "session.connection(")


def test_no_module_goes_round_the_boundary() -> None:
    """A table beside classes in one question would escape it, as would SQLAlchemy's older ways to write many rows.

    The journal's statements are about tables; each is checked when it is made (see test_prepared), and a decision runs
    them in its session's transaction.
    """
    folder = Path(hub.__file__).parent
    texts = {file.relative_to(folder).as_posix(): file.read_text() for file in folder.rglob("*.py")}
    found = {name for name, text in texts.items() if any(way in text for way in WAYS_ROUND)}
    assert found == {"store/session.py", "export/posting/statements.py", "export/deciding/decisions.py"}


def test_an_update_of_all_rows_changes_only_those_of_the_company(two: Store) -> None:
    before = theirs(two)
    with two.write(OURS) as session:
        session.execute(sa.update(TeamMember).values(name="changed"))
    assert theirs(two) == before
    with two.read(OURS) as session:
        assert [one.name for one in session.all(TeamMember)] == ["changed"]


def test_a_delete_of_all_rows_deletes_only_those_of_the_company(two: Store) -> None:
    before = theirs(two, Employee)
    with two.write(OURS) as session:
        session.execute(sa.delete(Employee))
    assert theirs(two, Employee) == before
    with two.read(OURS) as session:
        assert session.all(Employee) == []


def test_the_same_update_without_the_boundary_changes_the_canary(two: Store) -> None:
    before = theirs(two)
    with two.everywhere() as session:
        session.execute(sa.update(TeamMember).values(name="changed"))
    assert theirs(two) != before


def test_insert_gives_every_row_to_the_company_whatever_it_says(two: Store) -> None:
    before = theirs(two)
    with two.write(OURS) as session:
        session.insert(TeamMember, [{"id": "2", "name": "x", "company_id": THEIRS}])
    assert theirs(two) == before
    with two.read(OURS) as session:
        assert [one.id for one in session.all(TeamMember)] == ["1", "2"]


def test_change_reaches_rows_of_the_company_only_whatever_it_says(two: Store) -> None:
    before = theirs(two)
    with two.write(OURS) as session:
        session.change(TeamMember, [{"id": "1", "name": "changed", "company_id": THEIRS}])
    assert theirs(two) == before
    with two.read(OURS) as session:
        assert [one.name for one in session.all(TeamMember)] == ["changed"]


def test_change_is_refused_where_the_key_does_not_name_the_company(ours: CompanySession) -> None:
    """The number of a plan alone finds the plan of any company."""
    with pytest.raises(RuntimeError, match="does not name the company"):
        ours.change(Plan, [{"id": 1, "hash": "x"}])


def test_a_new_row_of_another_company_is_refused(two: Store) -> None:
    before = theirs(two)
    with pytest.raises(RuntimeError, match="may not write this TeamMember"), two.write(OURS) as session:
        session.add(TeamMember(company_id=THEIRS, id="2", name="x"))
    assert theirs(two) == before


def _their_member(store: Store) -> TeamMember:
    with store.read(THEIRS) as session:
        return session.need(TeamMember, "Their member", "theirs alone")


def _rename(session: Session, row: TeamMember) -> None:
    row.name = "changed"
    session.add(row)


def _take(session: Session, row: TeamMember) -> None:
    row.company_id, row.id = OURS, "taken"
    session.add(row)


def _delete(session: Session, row: TeamMember) -> None:
    session.delete(row)


def _merge(session: Session, row: TeamMember) -> None:
    row.name = "changed"
    session.merge(row)


@pytest.mark.parametrize("write", [_rename, _take, _delete, _merge])
def test_a_row_of_another_company_cannot_be_written(two: Store, write: Any) -> None:
    before, row = theirs(two), _their_member(two)
    with pytest.raises(RuntimeError, match="may not write this TeamMember"), two.write(OURS) as session:
        write(session, row)
    assert theirs(two) == before


@pytest.mark.parametrize("write", [_rename, _take, _merge])
def test_the_same_write_without_the_boundary_goes_through(two: Store, write: Any) -> None:
    before, row = theirs(two), _their_member(two)
    with two.everywhere() as session:
        write(session, row)
    assert theirs(two) != before


def test_a_row_cannot_be_given_to_another_company(two: Store) -> None:
    with pytest.raises(RuntimeError, match="may not write"), two.write(OURS) as session:
        row = session.all(TeamMember)[0]
        row.company_id, row.id = THEIRS, "given"
        session.add(row)
    assert [one["id"] for one in theirs(two)] == ["1", "theirs alone"]


def test_a_company_itself_is_not_written_by_its_session(two: Store) -> None:
    with pytest.raises(RuntimeError, match="may not write this Company"), two.write(OURS) as session:
        session.add(Company(id="third", name="x"))


def test_a_company_that_is_not_there_has_no_session(store: Store) -> None:
    for opening in (store.read, store.write):
        with pytest.raises(InputError, match="There is no company nobody"), opening("nobody"):
            pytest.fail("a session was opened")


def test_every_table_but_that_of_the_companies_is_inside_the_boundary() -> None:
    """And but for what host platforms and workers share, and the receipts that outlive a company."""
    tables = {mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    outside = {Company, ApiKey, Answered, Endpoint, Turn, ReceiptKept}
    assert {table for table in tables if not issubclass(table, CompanyRow)} == outside
    assert {table for table in tables if CompanyRow in table.__bases__} == tables - outside
    assert len(tables) == len(SQLModel.metadata.tables) > 10
