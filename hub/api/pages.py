"""Lists by page, forwards only, or as a CSV file: each part is asked of the database, so that memory stays small.

A cursor holds the key of the last row that was given, so that rows which come or go meanwhile shift nothing.
"""

from __future__ import annotations

import csv
import io
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter, ValidationError

from hub.api.shapes import Page
from hub.errors import InputError
from hub.files.cells import harmless
from hub.models import Model
from hub.store.parts import Part

Row = TypeVar("Row")
Shown = TypeVar("Shown", bound=Model)

MOST = 1000
LARGEST = 2**63 - 1

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.", examples=[100])]
Cursor = Annotated[str, Query(max_length=1000, description="`next` of the page before.")]
Accept = Annotated[str, Header(max_length=1000, description="`text/csv` gives the whole list as a CSV file.")]

CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A page, or the whole list as CSV"}
}
"""What an operation that gives a list answers beside a page."""


@dataclass(frozen=True)
class Listed(Generic[Row, Shown]):
    """A long list: how to ask for a part of it, how a row is shown, and its key with the types of that."""

    shape: type[Shown]
    ask: Callable[[Part], Sequence[Row]]
    show: Callable[[Row], Shown]
    key: Callable[[Row], tuple[Any, ...]]
    types: tuple[Any, ...]


def numbered(shape: type[Shown], ask: Callable[[Part], Sequence[Shown]], name: str = "id") -> Listed[Shown, Shown]:
    """Return a list that is shown as it is asked for, and of which the field `name` is a number of its own."""
    return Listed(shape, ask, lambda one: one, lambda one: (getattr(one, name),), (int,))


@dataclass(frozen=True)
class Wanted:
    """What a caller wants of a list: a page after a cursor, or all of it as CSV."""

    cursor: str
    limit: int
    as_csv: bool

    def give(self, found: Listed[Row, Shown]) -> Any:  # noqa: ANN401 - a page, or the file in its place
        """Return the page or the file. Raises `InputError` for a cursor that no page of this list gave."""
        after = _key(self.cursor, found.types) if self.cursor else None
        if self.as_csv:
            return _file(found, after)
        rows = found.ask(Part(self.limit + 1, after))
        more = len(rows) > self.limit
        items = tuple(map(found.show, rows[: self.limit]))
        return Page(items=items, next=_cursor(found.key(rows[self.limit - 1])) if more else "")


def wanted(cursor: Cursor = "", limit: Limit = 100, accept: Accept = "") -> Wanted:
    """Return what a caller wants of a list."""
    kinds = [one.partition(";")[0].strip().lower() for one in accept.split(",")]
    known = [one for one in kinds if one in ("text/csv", "application/json", "*/*")]
    return Wanted(cursor, limit, known[:1] == ["text/csv"])


Wants = Annotated[Wanted, Depends(wanted)]


def _cursor(key: tuple[Any, ...]) -> str:
    return urlsafe_b64encode(json.dumps(key, default=str, separators=(",", ":")).encode()).decode()


def _key(cursor: str, types: tuple[Any, ...]) -> tuple[Any, ...]:
    """Read the key of a row. Raises `InputError` for what is none of this list."""
    try:
        found = json.loads(urlsafe_b64decode(cursor.encode()))
        key = TypeAdapter(tuple[types]).validate_python(tuple(found) if isinstance(found, list) else found)  # type: ignore[valid-type]
    except (ValueError, ValidationError, RecursionError):
        key = None
    if key is None or not all(map(_sound, key)):
        raise InputError("This is no cursor of a page: leave it out to begin anew.")
    return tuple(key)


def _sound(part: int | str | date) -> bool:
    """Tell whether a database has room for a part of a key."""
    if isinstance(part, int):
        return 0 <= part <= LARGEST
    return not isinstance(part, str) or ("\0" not in part and part.isprintable())


def _file(found: Listed[Row, Shown], after: tuple[Any, ...] | None) -> StreamingResponse:
    """Return a whole list as a CSV file that is written while it is read. The first part is asked for at once.

    So what is wrong with the question is answered as a problem, and not in the middle of a file.
    """
    first = found.ask(Part(MOST, after))
    name = {"Content-Disposition": 'attachment; filename="list.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(found, first), media_type="text/csv", headers=name)


def _lines(found: Listed[Row, Shown], rows: Sequence[Row]) -> Iterator[str]:
    names = list(found.shape.model_fields)
    yield _line(names)
    while rows:
        yield "".join(_line([shown[name] for name in names]) for shown in (_plain(found, row) for row in rows))
        rows = found.ask(Part(MOST, found.key(rows[-1]))) if len(rows) == MOST else ()


def _plain(found: Listed[Row, Shown], row: Row) -> dict[str, Any]:
    shown: dict[str, Any] = found.show(row).model_dump(mode="json")
    return shown


def _line(cells: Sequence[object]) -> str:
    """Return a line of which no spreadsheet takes a cell for a formula."""
    file = io.StringIO()
    csv.writer(file).writerow([_cell(one) for one in cells])
    return file.getvalue()


def _cell(value: object) -> object:
    if value is None or isinstance(value, int):
        return {None: "", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else value
    return harmless(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
