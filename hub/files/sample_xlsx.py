"""The cells of an XLSX sample as they are shown, read with care: a workbook is a zip that anybody can make."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from hub.errors import InputError
from hub.files.layout import DATES, Layout
from hub.files.sample_headers import holds_a_value
from hub.files.sample_table import MAX_COLUMNS, MAX_ROWS, Cell, Table, table_of

MAX_EXPANDED = 100_000_000
"""The most that the parts of a workbook may be together, in bytes."""

_NO_WORKBOOK = "The sample is no workbook that can be read: save it again as .xlsx, without a password."
_DAY_FIRST = "DD-MM-YYYY"
_EMPTY = Cell("")
_MORE = 40
"""So many rows are read above the most that a sample has: those above its header, and one to see that it is longer."""


def read_xlsx(data: bytes) -> Table:
    """Return the cells of the first sheet of a workbook with its form.

    Raises `InputError` for what is no workbook, or holds macros, formulas or entities, or is too large.
    """
    _check_parts(data)
    notes: dict[str, None] = {}
    name, sheets, rows = _sheet(data, notes)
    form: dict[str, str | bool] = {"format": "xlsx"}
    if re.fullmatch(r"[^\[\]:*?/\\']{1,31}", name) and not holds_a_value(name):
        form["sheet"] = name
    else:
        usual = Layout.model_fields["sheet"].default
        notes[f"The name of the sheet cannot be kept, or looks like data: it becomes {usual}."] = None
    if sheets > 1:
        notes["The sample has more than one sheet: only the first was read."] = None
    return table_of(rows, form, tuple(notes))


def _check_parts(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            problem = _part_problem(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, zlib.error):
        problem = _NO_WORKBOOK
    if problem:
        raise InputError(problem)


def _part_problem(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > MAX_EXPANDED:
        return f"The sample expands to more than {MAX_EXPANDED // 1_000_000} MB: shorten it."
    if any("vbaproject" in part.filename.lower() for part in parts):
        return "The sample holds macros: save it as .xlsx without them."
    # A declaration of entities can make a small part endless; no workbook needs one. UTF-16 has zeros between.
    if any(b"<!DOCTYPE" in archive.read(part).replace(b"\0", b"") for part in parts):
        return _NO_WORKBOOK
    return ""


def _sheet(data: bytes, notes: dict[str, None]) -> tuple[str, int, list[list[Cell]]]:
    """Return the name of the first sheet, how many there are, and the rows of the first that are not empty."""
    import openpyxl

    found = None
    # A warning of openpyxl tells the number of a cell that is shown as a date and cannot be one.
    with warnings.catch_warnings(action="ignore"):
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            found = book.worksheets[0].title, len(book.worksheets), _rows(book.worksheets[0], notes)
        except InputError:
            raise
        # openpyxl has no errors of its own for a workbook that is not as it should be: anything may come.
        except Exception:  # noqa: BLE001, S110
            pass
    if found is None:
        raise InputError(_NO_WORKBOOK)
    return found


def _rows(sheet: Any, notes: dict[str, None]) -> list[list[Cell]]:  # noqa: ANN401 - openpyxl's sheet for reading only
    """Return the rows that are not empty, all as wide as the widest."""
    # What a workbook says of its own size may be wrong.
    sheet.reset_dimensions()
    texts = ([_text(cell, notes) for cell in row] for row in sheet.iter_rows(max_col=MAX_COLUMNS + 1))
    rows = [_filled(row) for row in islice(texts, MAX_ROWS + _MORE) if any(row)]
    wide = max(map(len, rows), default=0)
    return [row + [_EMPTY] * (wide - len(row)) for row in rows]


def _filled(texts: list[str]) -> list[Cell]:
    """Return the cells up to the last that is not empty."""
    last = max(place for place, text in enumerate(texts) if text)
    return [Cell(text) for text in texts[: last + 1]]


def _text(cell: Any, notes: dict[str, None]) -> str:  # noqa: ANN401 - a cell of openpyxl, which has four kinds
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise InputError(
            f"Cell {cell.coordinate} of the sample is a formula: put values in the place of formulas and try again."
        )
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, time | timedelta):
        return _clock(value)
    if isinstance(value, date):
        return _day(value, cell.number_format, notes)
    return _number(value, cell.number_format, notes)


def _clock(value: time | timedelta) -> str:
    hours = (
        timedelta(hours=value.hour, minutes=value.minute, seconds=value.second) if isinstance(value, time) else value
    )
    minutes = round(hours.total_seconds() / 60)
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def _day(value: date, number_format: str, notes: dict[str, None]) -> str:
    form = re.sub(r"\[[^\]]*\]|;@|[\\\"]", "", number_format).upper()
    if form not in DATES:
        notes[f"The dates of the sample are shown in a form that no layout has: {_DAY_FIRST} is a guess."] = None
    day = value.date() if isinstance(value, datetime) else value
    return day.strftime(DATES.get(form, DATES[_DAY_FIRST]))


def _number(value: float, number_format: str, notes: dict[str, None]) -> str:
    """Return a number with as many decimals as it is shown with, at most two, and a comma before them."""
    first = number_format.partition(";")[0]
    decimals = re.search(r"\.(0+)", first)
    places = min(2, len(decimals[1])) if decimals else 2
    shown = f"{value:.{places}f}" if decimals else f"{value:.{places}f}".rstrip("0").rstrip(".")
    if "," in first:
        notes["The sample shows numbers with a thousands separator: the layout writes them without."] = None
    return shown.replace(".", ",")
