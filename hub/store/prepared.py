"""Statements for the hot path: plain SQLAlchemy Core, checked once, when they are made, to stay within one company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Column, Connection, CursorResult, Insert, Table, bindparam
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.expression import Executable
from sqlalchemy.sql.selectable import Alias

COMPANY = "company"
"""The parameter that every such statement has; the session fills it in."""


def here() -> BindParameter[str]:
    """Return the company of the session, to compare with in a statement."""
    return bindparam(COMPANY)


class Prepared:
    """A statement that names the company for each of its tables. Raises `RuntimeError` for one that does not."""

    def __init__(self, statement: Executable) -> None:
        missing = sorted(str(one) for one in _tables(statement) - _bound(statement))
        if missing:
            raise RuntimeError(f"a prepared statement names no company for {', '.join(missing)}")
        self.statement = statement


def _tables(statement: Executable) -> set[Any]:
    """Return the tables and aliases that a statement reads or writes."""
    aliases = {one for one in _parts(statement) if isinstance(one, Alias)}
    tables = {one for one in _parts(statement) if isinstance(one, Table)}
    named = {column.table for column in _columns(statement)}
    only_aliased = {one.element for one in aliases} - named
    return (tables - only_aliased) | aliases


def _columns(statement: Executable) -> Iterator[Column[Any]]:
    return (one for one in _parts(statement) if isinstance(one, Column))


def _parts(statement: Executable) -> Iterator[Any]:
    return visitors.iterate(statement)  # type: ignore[arg-type]  # an Executable can be traversed


def _bound(statement: Executable) -> set[Any]:
    """Return the tables whose company is compared with that of the session, or filled in with it."""
    found: set[Any] = set()
    if isinstance(statement, Insert):
        filled = (statement._values or {}).values()
        found |= {statement.table for value in filled if _is_company(value)}
    for one in _parts(statement):
        if isinstance(one, BinaryExpression) and one.operator is operators.eq and _is_company(one.right):
            column = one.left
            if isinstance(column, Column) and column.name == "company_id":
                found.add(column.table)
    return found


def _is_company(value: object) -> bool:
    return isinstance(value, BindParameter) and value.key == COMPANY


class CompanyConnection:
    """A connection of one company, for prepared statements only. Made by `Store.journal`."""

    def __init__(self, connection: Connection, company: str, *, collects: bool = False) -> None:
        self._connection = connection
        self.company = company
        self.has_other_writers = connection.dialect.name != "sqlite"
        self._collects = collects
        self._last: list[tuple[Prepared, dict[str, Any]]] = []

    def run(self, prepared: Prepared, **values: object) -> CursorResult[Any]:
        """Execute a statement with these values."""
        return self._connection.execute(prepared.statement, {COMPANY: self.company, **values})

    def at_the_end(self, prepared: Prepared, **values: object) -> None:
        """Execute a statement just before the transaction ends, all of one kind together: that is cheaper.

        Where nobody says when that is, it is executed now.
        """
        if self._collects:
            self._last.append((prepared, values))
        else:
            self.run(prepared, **values)

    def finish(self) -> None:
        """Execute what was left for the end."""
        for prepared in dict.fromkeys(one for one, _ in self._last):
            self.run_many(prepared, [values for one, values in self._last if one is prepared])
        self._last.clear()

    def run_many(self, prepared: Prepared, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a statement once for each of these values."""
        if rows:
            self._connection.execute(prepared.statement, [{COMPANY: self.company, **row} for row in rows])
