"""Reading a host's file, CSV or JSON lines, into rows of text with their line numbers.

The extension says which of the two it is (`.csv`, `.jsonl`, `.ndjson`), or else the first character. Unknown columns
and keys are named by their position: in a file without a header, or with a shifted one, they are somebody's data.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from hub.errors import InputError
from hub.intake.cells import Cells
from hub.intake.lines import text_lines
from hub.intake.reading import MAX_ERRORS, Reading, Row, RowError, RowNote, WrongRows, collect

__all__ = ["MAX_ERRORS", "Columns", "Reading", "Row", "RowError", "RowNote", "WrongRows", "collect", "read_rows"]

_JSON_SUFFIXES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Columns:
    """The names that a file may use: columns of a CSV header, keys of a JSON line.

    A CSV header must have the `required` ones. The `ignored` ones may be there and are not taken in. `groups` maps a
    JSON key that holds an object to the prefix of a column: with `{"surcharges": "surcharge"}` the JSON
    `{"surcharges": {"sunday": 60}}` is the column `surcharge:sunday`. Such columns must match `dynamic`. A key among
    the `lists`, which must be required or optional, may hold a JSON list; the cell is that list as JSON.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    dynamic: re.Pattern[str] | None = None
    lists: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        """Say whether a file may have a column of this name."""
        return name in self.fixed or (self.dynamic is not None and self.dynamic.fullmatch(name) is not None)

    @cached_property
    def fixed(self) -> frozenset[str]:
        """The names that do not depend on a pattern."""
        return frozenset((*self.required, *self.optional, *self.ignored))


def read_rows(path: Path, columns: Columns) -> Iterator[Row | RowError]:
    """Yield the rows of a file; blank rows are skipped, cells are stripped, and empty ones count as not there.

    Raises `InputError`, while reading, for what concerns the whole file: see `hub.intake.lines.text_lines`, and a CSV
    header or quotation marks that cannot be understood.
    """
    lines = text_lines(path)
    first = next(lines, None)
    if first is None:
        return
    read = _json_rows if _is_json(path, first) else _csv_rows
    yield from read(chain((first,), lines), columns)


def _is_json(path: Path, first_line: str) -> bool:
    suffix = path.suffix.lower()
    return suffix in _JSON_SUFFIXES or (suffix != ".csv" and first_line.lstrip().startswith(("{", "[")))


def _filled(cells: Iterable[tuple[str, str]]) -> Cells:
    stripped = ((name, cell.strip()) for name, cell in cells)
    return Cells({name: cell for name, cell in stripped if cell})


# -- CSV --------------------------------------------------------------------------------------------------------------


def _csv_rows(lines: Iterator[str], columns: Columns) -> Iterator[Row | RowError]:
    records = _csv_records(lines)
    _, header = next(records, (1, []))
    names = [name.strip() for name in header]
    _check_header(names, columns)
    for line, cells in records:
        if any(cell.strip() for cell in cells):
            yield _csv_row(line, names, cells, columns)


def _csv_records(lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each record with the number of its first line: a quoted cell may hold line breaks."""
    header = next(lines)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    table = csv.reader(chain((header,), lines), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in table:
            yield line, cells
            line = table.line_num + 1
    except csv.Error:
        raise InputError(
            f"Line {line} cannot be read as CSV: check its quotation marks, and that no cell is very long."
        ) from None


def _check_header(names: list[str], columns: Columns) -> None:
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not columns.knows(name):
            raise InputError(
                f"Column {position} of the header is not known: line 1 must name the columns, separated by commas or "
                "semicolons, as the documentation spells them."
            )
        if name in seen:
            raise InputError(f"Column {position} of the header has the name of an earlier one: remove one of them.")
        seen.add(name)
    missing = [name for name in columns.required if name not in seen]
    if missing:
        raise InputError(
            f"The header lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: add what is missing."
        )


def _csv_row(line: int, names: list[str], cells: list[str], columns: Columns) -> Row | RowError:
    if len(cells) != len(names):
        return RowError(line, f"The row has {len(cells)} cells and the header {len(names)}: make them equal.")
    taken = zip(names, cells, strict=True)
    return Row(line, _filled((name, cell) for name, cell in taken if name not in columns.ignored))


# -- JSON lines -------------------------------------------------------------------------------------------------------


def _json_rows(lines: Iterator[str], columns: Columns) -> Iterator[Row | RowError]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _json_row(number, line, columns)


def _json_row(line: int, text: str, columns: Columns) -> Row | RowError:
    found = _json_object(text)
    if found is None:
        return RowError(line, "The line is not one JSON object with each key once: write one object per line.")
    try:
        cells = list(_json_cells(found, columns))
    except InputError as error:
        return RowError(line, error.text)
    if len({name for name, _ in cells}) < len(cells):
        return RowError(line, "A key is there twice, once inside another: remove one of them.")
    return Row(line, _filled(cells))


def _json_object(text: str) -> dict[str, Any] | None:
    """Return the object on a line, None if there is none. Numbers stay the text they are: none becomes a float."""
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_int=str, parse_float=str, parse_constant=_no_constant)


def _json_cells(found: dict[str, Any], columns: Columns) -> Iterator[tuple[str, str]]:
    for position, (key, value) in enumerate(found.items(), start=1):
        if key in columns.groups:
            yield from _group_cells(key, value, columns)
        elif not columns.knows(key):
            raise InputError(f"Key {position} of the object is not known: spell it as the documentation does.")
        elif key in columns.lists and isinstance(value, list):
            yield key, json.dumps(value)
        elif key not in columns.ignored:
            yield key, _cell(key, value)


def _group_cells(group: str, values: object, columns: Columns) -> Iterator[tuple[str, str]]:
    if values is not None and not isinstance(values, dict):
        raise InputError(f"Key {group} expects an object of names and amounts.")
    for position, (name, value) in enumerate((values or {}).items(), start=1):
        column = f"{columns.groups[group]}:{name}"
        if not columns.knows(column):
            raise InputError(
                f"Name {position} in {group} is not allowed: use at most 50 lower-case letters, digits, - and _."
            )
        yield column, _cell(column, value)


def _cell(name: str, value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return value
    raise InputError(f"Key {name} expects a text or a number.")
