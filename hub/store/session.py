"""A session bound to one company: it adds the company to every question, and refuses to write another's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Engine, event, insert, update
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlmodel import Session, select

from hub.errors import InputError
from hub.store.columns import CompanyRow
from hub.store.companies import Audit

Row = TypeVar("Row", bound=CompanyRow)


class CompanySession(Session):
    """All reads and writes of one company. Made by `Store.read` and `Store.write` only."""

    def __init__(self, engine: Engine, company: str) -> None:
        super().__init__(engine, expire_on_commit=False)
        self.company = company
        self.boundary = tuple(
            with_loader_criteria(table, table.company_id == company, include_aliases=True)  # type: ignore[arg-type]
            for table in _tables()
        )

    def find(self, table: type[Row], *key: object) -> Row | None:
        """Return the row with this key (without the company), or None."""
        return self.get(table, (self.company, *key))

    def need(self, table: type[Row], what: str, *key: object) -> Row:
        """Return the row with this key. Raises `InputError` naming `what` is unknown."""
        row = self.find(table, *key)
        if row is None:
            raise InputError(f"{what} is not known in company {self.company}.")
        return row

    def all(self, table: type[Row], *conditions: Any) -> list[Row]:  # noqa: ANN401 - SQLAlchemy's own expressions
        """Return all rows of this company that meet the conditions, in the order of their keys."""
        return list(self.exec(select(table).where(*conditions).order_by(*table.__table__.primary_key)).all())  # type: ignore[attr-defined]

    def insert(self, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert many rows at once; the company is added to each."""
        filled = [{**row, "company_id": self.company} for row in rows]
        if filled:
            self.execute(insert(table), filled)

    def change(self, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
        """Update many rows at once by their key; each mapping holds the key and what changes."""
        filled = [{**row, "company_id": self.company} for row in rows]
        if filled:
            self.execute(update(table), filled)

    def audit(self, actor: str, action: str, subject: str, **detail: Any) -> None:  # noqa: ANN401 - JSON
        """Write who did what, in this transaction."""
        self.add(Audit(company_id=self.company, actor=actor, action=action, subject=subject, detail=detail))


@cache
def _tables() -> tuple[type[CompanyRow], ...]:
    """Return every table that belongs to a company."""
    return tuple(table for table in CompanyRow.__subclasses__() if hasattr(table, "__table__"))


@event.listens_for(CompanySession, "do_orm_execute")
def _only_this_company(state: ORMExecuteState) -> None:
    session = state.session
    if isinstance(session, CompanySession) and (state.is_select or state.is_update or state.is_delete):
        state.statement = state.statement.options(*session.boundary)


@event.listens_for(CompanySession, "before_flush")
def _no_foreign_rows(session: CompanySession, _context: UOWTransaction, _instances: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, CompanyRow) or row.company_id != session.company:
            raise RuntimeError(f"a session of company {session.company} may not write this {type(row).__name__}")
