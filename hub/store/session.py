"""A session bound to one company: it adds the company to every question, and refuses to write another's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Engine, Update, event, insert, inspect, update
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlmodel import Session, select

from hub.errors import NotThere
from hub.store.columns import CompanyRow
from hub.store.companies import Audit, Company
from hub.store.events import Event
from hub.store.rows_apart import of_company

if TYPE_CHECKING:
    from hub.events.kinds import EventKind

Row = TypeVar("Row", bound=CompanyRow)

_FILLED = {"hub_company_filled": True}


class CompanySession(Session):
    """All reads and writes of one company. Made by `Store.read` and `Store.write` only.

    A programmer's mistake that would cross the boundary raises `RuntimeError`: a statement that names no table class,
    rows of another company, or many rows at once by another way than `insert` and `change`.
    """

    def __init__(self, engine: Engine, company: str) -> None:
        super().__init__(of_company(engine, company), expire_on_commit=False)
        self.company = company
        self.boundary = _boundary(company)

    def find(self, table: type[Row], *key: object) -> Row | None:
        """Return the row with this key (without the company), or None."""
        return self.get(table, (self.company, *key))

    def need(self, table: type[Row], what: str, *key: object) -> Row:
        """Return the row with this key. Raises `InputError` saying that `what` is not known."""
        row = self.find(table, *key)
        if row is None:
            raise NotThere(f"{what} is not known in company {self.company}.")
        return row

    def all(self, table: type[Row], *conditions: Any) -> list[Row]:  # noqa: ANN401 - SQLAlchemy's own expressions
        """Return all rows of this company that meet the conditions, in the order of their keys."""
        return list(self.exec(select(table).where(*conditions).order_by(*table.__table__.primary_key)).all())  # type: ignore[attr-defined]

    def insert(self, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert many rows at once; the company is added to each."""
        filled = [{**row, "company_id": self.company} for row in rows]
        if filled:
            self.execute(insert(table), filled, execution_options=_FILLED)

    def insert_numbered(self, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> list[int]:
        """Insert many rows of a table that the database numbers, and return the numbers in the order of the rows."""
        filled = [{**row, "company_id": self.company} for row in rows]
        if not filled:
            return []
        number = table.__table__.c.id  # type: ignore[attr-defined]
        statement = insert(table).returning(number, sort_by_parameter_order=True)
        return list(self.scalars(statement, filled, execution_options=_FILLED))

    def change(self, table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
        """Update many rows at once by their key; each mapping holds the key and what changes.

        Only for tables whose key names the company: of another one the number alone would find a foreign row.
        """
        if "company_id" not in table.__table__.primary_key:  # type: ignore[attr-defined]
            raise RuntimeError(f"the key of {table.__name__} does not name the company: change its rows one by one")
        filled = [{**row, "company_id": self.company} for row in rows]
        if filled:
            self.execute(update(table), filled, execution_options=_FILLED)

    def hold_keys(self, *, alone: bool = False) -> None:
        """Keep the company's data keys as they are until this transaction ends; `alone` waits for all who hold them.

        Without it a value could be sealed with a key that a rotation is just taking away. SQLite ignores the lock: it
        has one writer at a time, and a reader sees one moment.
        """
        here = select(Company.id).where(Company.id == self.company)
        self.exec(here.with_for_update(read=not alone, key_share=alone)).one()

    def audit(self, actor: str, action: str, subject: str, **detail: Any) -> None:  # noqa: ANN401 - JSON
        """Write who did what, in this transaction."""
        self.add(Audit(company_id=self.company, actor=actor, action=action, subject=subject, detail=detail))

    def tell(self, kind: EventKind, provider: str = "", run: int = 0, **detail: Any) -> None:  # noqa: ANN401 - JSON
        """Write an event for whoever wants to hear of it, in this transaction; of people it names ids only."""
        self.add(Event(company_id=self.company, kind=kind, provider=provider, run=run, detail=detail))


@lru_cache(maxsize=1000)
def _boundary(company: str) -> tuple[Any, ...]:
    """Return what narrows every question to a company, for every table that there is.

    Lambdas, because a finished expression would name the wrong table where a table is joined with itself.
    """
    return (
        with_loader_criteria(Company, lambda table: table.id == company, include_aliases=True),
        *(
            with_loader_criteria(table, lambda table: table.company_id == company, include_aliases=True)
            for table in CompanyRow.__subclasses__()
            if hasattr(table, "__table__")
        ),
    )


@event.listens_for(CompanySession, "do_orm_execute")
def _only_this_company(state: ORMExecuteState) -> None:
    session = state.session
    if not isinstance(session, CompanySession):
        return
    if _crosses(state):
        raise RuntimeError(f"a session of company {session.company} may not execute this statement")
    if state.is_select or state.is_update or state.is_delete:
        state.statement = state.statement.options(*session.boundary)


def _crosses(state: ORMExecuteState) -> bool:
    """Tell whether a statement could read or write beyond the company, because no boundary would be added to it."""
    if not state.is_orm_statement or state.is_from_statement:
        return True
    if state.execution_options.get("hub_company_filled"):
        return False
    if isinstance(state.statement, Update):
        return bool(state.parameters) or "company_id" in state.statement.compile().params
    return state.is_insert


@event.listens_for(CompanySession, "before_flush")
def _no_foreign_rows(session: CompanySession, _context: UOWTransaction, _instances: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, CompanyRow) or _companies(row) != {session.company}:
            raise RuntimeError(f"a session of company {session.company} may not write this {type(row).__name__}")


def _companies(row: CompanyRow) -> set[str]:
    """Return the company of a row, and the one that it was taken from if somebody changed it."""
    return {row.company_id, *inspect(row).attrs.company_id.history.deleted}
