"""Statements for the hot path: plain SQLAlchemy Core, checked once, when they are made, to stay within one company."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import BindParameter, Column, Connection, Insert, Table, bindparam
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.expression import Executable
from sqlalchemy.sql.selectable import Alias

from hub.store.direct import Direct

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

    @cached_property
    def direct(self) -> Direct:
        """The statement as SQLite's driver takes it."""
        return Direct(self.statement)


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


class Found(Protocol):
    """What a statement found or changed."""

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""

    def __iter__(self) -> Iterator[Any]: ...

    def all(self) -> Sequence[Any]:
        """Return all rows; the columns of each have their names."""

    def one(self) -> Any:  # noqa: ANN401 - a row of any table
        """Return the only row. Raises `InvalidRequestError` unless there is exactly one."""

    def scalar_one(self) -> Any:  # noqa: ANN401 - a value of any column
        """Return the first column of the only row. Raises as `one`."""


class CompanyConnection:
    """A connection of one company, for prepared statements only. Made by `Store.journal`."""

    def __init__(self, connection: Connection, company: str, *, collects: bool = False) -> None:
        self._connection = connection
        self.company = company
        self.has_other_writers = connection.dialect.name != "sqlite"
        self._collects = collects
        self._last: list[tuple[Prepared, dict[str, Any]]] = []
        driver = connection.connection.driver_connection
        self._sqlite = driver if isinstance(driver, sqlite3.Connection) else None

    def one_moment(self) -> None:
        """Let all that is read from here on be of one and the same moment."""
        self._connection.begin()

    def run(self, prepared: Prepared, **values: object) -> Found:
        """Execute a statement with these values."""
        values[COMPANY] = self.company
        if self._sqlite:
            return prepared.direct.run(self._sqlite, values)
        return self._connection.execute(prepared.statement, values)

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
        filled = [{**row, COMPANY: self.company} for row in rows]
        if filled and self._sqlite:
            prepared.direct.run_many(self._sqlite, filled)
        elif filled:
            self._connection.execute(prepared.statement, filled)
