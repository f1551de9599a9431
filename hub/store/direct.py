"""Prepared statements on SQLite's own driver: compiled once, and SQLAlchemy's types and errors, but not its way.

SQLAlchemy takes ten times as long to execute a statement as SQLite to carry it out. On PostgreSQL the network takes
most of the time, so there nothing is gained.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]
_DIALECT = SQLiteDialect_pysqlite()


@dataclass(frozen=True)
class Rows:
    """What a statement found or changed; the part of SQLAlchemy's result that the journal needs."""

    rows: list[Any]
    rowcount: int

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def all(self) -> Sequence[Any]:
        """Return all rows; the columns of each have their names."""
        return self.rows

    def one(self) -> Any:  # noqa: ANN401 - a row of any table
        """Return the only row. Raises `NoResultFound` unless there is exactly one."""
        if len(self.rows) != 1:
            raise NoResultFound(f"{len(self.rows)} rows were found where one was required")
        return self.rows[0]

    def scalar_one(self) -> Any:  # noqa: ANN401 - a value of any column
        """Return the first column of the only row. Raises as `one`."""
        return self.one()[0]


@dataclass(frozen=True)
class _Text:
    """SQL for lists of certain lengths: for each question mark the parameter, its place in a list, and its type."""

    sql: str
    marks: tuple[tuple[str, int | None, Convert], ...]

    def bind(self, values: Values) -> list[Any]:
        """Return the values in the order of the question marks, as SQLite takes them."""
        found = []
        for name, place, convert in self.marks:
            value = values[name] if place is None else values[name][place]
            found.append(convert(value) if convert else value)
        return found


class Direct:
    """A statement, compiled for SQLite."""

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # an Executable can be compiled
        self._compiled: SQLCompiler = compiled
        self._lists = sorted(compiled.bind_names[one] for one in compiled.post_compile_params)
        self._constants = {name: one.value for name, one in compiled.binds.items() if not one.required}
        self._constants |= {one.key: _default(one) for one in compiled.insert_prefetch}
        self._texts: dict[tuple[int, ...], _Text] = {}
        columns: Any = statement.exported_columns  # type: ignore[attr-defined]  # of none, where it returns none
        row: Any = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]  # known when it is made
        self._row = row._make
        self._converts = [_impl(one.type).result_processor(_DIALECT, None) for one in columns]

    def run(self, driver: sqlite3.Connection, values: Values) -> Rows:
        """Execute it once. Raises SQLAlchemy's errors, without a value in their text."""
        values = {**self._constants, **values}
        text = self._text(values)
        try:
            cursor = driver.execute(text.sql, text.bind(values))
            return Rows(self._rows(cursor.fetchall()), cursor.rowcount)
        except sqlite3.Error as error:
            raise _as_sqlalchemy(text.sql, error) from error

    def run_many(self, driver: sqlite3.Connection, rows: Sequence[Values]) -> None:
        """Execute it once for each of these values, in which lists have the same lengths. Raises as `run`."""
        filled = [{**self._constants, **row} for row in rows]
        text = self._text(filled[0])
        try:
            driver.executemany(text.sql, [text.bind(row) for row in filled])
        except sqlite3.Error as error:
            raise _as_sqlalchemy(text.sql, error) from error

    def _rows(self, found: list[tuple[Any, ...]]) -> list[Any]:
        if not any(self._converts):
            return [self._row(row) for row in found]
        pairs = (zip(self._converts, row, strict=True) for row in found)
        return [self._row(convert(value) if convert else value for convert, value in row) for row in pairs]

    def _text(self, values: Values) -> _Text:
        lengths = tuple(len(values[name]) for name in self._lists)
        if lengths not in self._texts:
            self._texts[lengths] = self._expand(values)
        return self._texts[lengths]

    def _expand(self, values: Values) -> _Text:
        state = self._compiled.construct_expanded_state(dict(values))
        places: dict[str, tuple[str, int | None]] = {name: (name, None) for name in self._compiled.binds}
        for name, expanded in state.parameter_expansion.items():
            places |= {one: (name, place) for place, one in enumerate(expanded)}
        found = (places[one] for one in state.positiontup or ())
        return _Text(state.statement, tuple((name, place, self._convert(name)) for name, place in found))

    def _convert(self, name: str) -> Convert:
        return _impl(self._compiled.binds[name].type).bind_processor(_DIALECT)


def _default(column: Column[Any]) -> object:
    """Return what a row gets in a column that a statement does not name."""
    default: Any = column.default
    if not default.is_scalar:
        raise RuntimeError(f"a prepared statement must name {column}: its default is made anew for each row")
    return default.arg


def _impl(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.dialect_impl(_DIALECT)


def _as_sqlalchemy(sql: str, error: sqlite3.Error) -> BaseException:
    return DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True, dialect=_DIALECT)
