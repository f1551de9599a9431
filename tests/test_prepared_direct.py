"""Prepared statements on SQLite's own driver give what SQLAlchemy gives: rows, types, lists, defaults and errors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, InvalidRequestError, OperationalError

from hub.export.posting.statements import ATTEMPTS, AUDIT, AUDITS
from hub.store.companies import Company
from hub.store.database import Store
from hub.store.people import TeamMember
from hub.store.prepared import CompanyConnection, Prepared, here

SECRET = "do-not-tell"
MEMBERS = TeamMember.__table__  # type: ignore[attr-defined]
ADD = Prepared(insert(MEMBERS).values(company_id=here(), id=bindparam("who"), name=bindparam("to")))
ALL = Prepared(select(MEMBERS.c.id, MEMBERS.c.name, MEMBERS.c.email).where(MEMBERS.c.company_id == here()))
SOME = Prepared(
    select(MEMBERS.c.id)
    .where(MEMBERS.c.company_id == here(), MEMBERS.c.id.in_(bindparam("ids", expanding=True)))
    .where(MEMBERS.c.name != bindparam("but"), MEMBERS.c.name.not_in(["never", "ever"]))
    .order_by(MEMBERS.c.id)
)
RENAME = Prepared(update(MEMBERS).where(MEMBERS.c.company_id == here()).values(name=bindparam("to")))
TRAIL = Prepared(select(AUDITS.c.at, AUDITS.c.detail).where(AUDITS.c.company_id == here()))
EARLY = Prepared(insert(ATTEMPTS).values(company_id=here(), key=bindparam("key")))


@pytest.fixture
def journal(store: Store) -> Iterator[CompanyConnection]:
    """A connection of a company with three members; on both databases, so that they say the same."""
    with store.everywhere() as session:
        session.add(Company(id="acme", name="Acme"))
    with store.journal("acme") as connection:
        connection.run_many(ADD, [{"who": one, "to": f"name {one}"} for one in "abc"])
        yield connection


def test_a_row_is_read_by_name_and_by_place(journal: CompanyConnection) -> None:
    """A column that was not named in the insert has its default."""
    first, *_ = sorted(journal.run(ALL).all())
    assert (first.id, first.name, first.email) == tuple(first) == ("a", "name a", "")


@pytest.mark.parametrize("ids", [[], ["a"], ["c", "a"], ["a", "b", "c", "x"]])
def test_a_list_may_have_any_length(journal: CompanyConnection, ids: list[str]) -> None:
    """Also none; the other values of the statement stay in their places."""
    assert [one for (one,) in journal.run(SOME, ids=ids, but="name b")] == sorted({*ids} & {"a", "c"})


def test_a_change_tells_how_many_rows_it_changed(journal: CompanyConnection) -> None:
    assert journal.run(RENAME, to="x").rowcount == 3


def test_a_moment_and_json_come_back_as_they_went(journal: CompanyConnection) -> None:
    """As SQLAlchemy's types keep them."""
    at, detail = datetime(2026, 10, 20, 12, 30, 15, 123456, tzinfo=UTC), {"from": None, "to": ["é", 1]}
    journal.run(AUDIT, at=at, actor="hub", action="entry", subject="entry 1", detail=detail)
    found = journal.run(TRAIL).one()
    assert (found.at.replace(tzinfo=UTC), found.detail) == (at, detail)


@pytest.mark.parametrize("ids", [[], ["a", "b"]])
def test_one_row_is_exactly_one(journal: CompanyConnection, ids: list[str]) -> None:
    """Neither none nor more."""
    with pytest.raises(InvalidRequestError):
        journal.run(SOME, ids=ids, but="").one()


def test_a_value_cannot_name_another_company(journal: CompanyConnection) -> None:
    """The connection says whose rows they are, last of all."""
    journal.run(RENAME, to="x", company="other")
    assert {one.name for one in journal.run(ALL)} == {"x"}


def test_an_error_is_sqlalchemys_and_holds_no_value(store: Store) -> None:
    """Of one row and of many."""
    with store.everywhere() as session:
        session.add(Company(id="acme", name="Acme"))
    for rows in ([{"who": SECRET, "to": SECRET}] * 2, [{"who": SECRET, "to": SECRET}]):
        with pytest.raises(IntegrityError) as caught, store.journal("acme") as connection:
            connection.run(ADD, **rows[0])
            connection.run_many(ADD, rows)
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_writer_that_waits_in_vain_is_told_as_sqlalchemy_does(store: Store) -> None:
    """A connection that only reads may not write: the error of SQLite comes out as one that the worker knows."""
    with store.engine.connect() as other:
        other.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(OperationalError, match="readonly"):
            CompanyConnection(other, "acme").run(RENAME, to="x")
        other.exec_driver_sql("PRAGMA query_only=OFF")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_default_that_is_made_anew_must_be_named(store: Store) -> None:
    """It would be the same for every row."""
    with pytest.raises(RuntimeError, match="must name"), store.journal("acme") as connection:
        connection.run(EARLY, key="k")
