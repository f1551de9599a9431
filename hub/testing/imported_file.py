"""Reading a file as a payroll would that knows no more of it than its layout: strict, and silent about people.

It shares no code with what writes a file: a mistake of the one is seen by the other.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile

from hub.files.layout import DATES, Column, Layout, Source

_DECIMAL = r"-?\d{1,9}(\%s\d{1,2})?"
_CLOCK = re.compile(r"(-?)(\d{1,6}):([0-5]\d)")
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_DAYS = frozenset({Source.DATE, Source.START, Source.END})


class WrongFile(Exception):
    """It is no file of this layout at all; the text says why, without anything out of it."""


class _Wrong(Exception):
    """A row is wrong; the text says why, without anything out of it."""


@dataclass(frozen=True)
class Line:
    """What an amount is about. `who` is a BSN or an id; `unit` is `hundredths`, or `minutes` where it was hh:mm."""

    who: str
    name: str
    code: str
    unit: str


@dataclass
class Read:
    """What a file holds: its rows, what they pay, and what is wrong in which. The same rows have one fingerprint."""

    rows: int = 0
    paid: Counter[Line] = field(default_factory=Counter)
    wrong: tuple[str, ...] = ()
    fingerprint: str = ""


def is_bsn(text: str) -> bool:
    """Tell whether a text is a BSN: nine digits that pass the test of eleven."""
    if not (text.isascii() and text.isdecimal() and len(text) == len(_WEIGHTS) and int(text)):
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=True)) % 11 == 0


def shown(who: str) -> str:
    """Return whom a row is about as it may be shown: of a BSN only the last three digits."""
    return f"…{who[-3:]}" if is_bsn(who) else who


def lines_of(content: bytes, layout: Layout, needs_bsn: bool) -> Read:
    """Read a file. Raises `WrongFile` where it is not of this layout; what is wrong in its rows is told."""
    rows = _body(_cells(content, layout), layout)
    totals = rows.pop() if layout.totals else None
    read, wrong = Read(len(rows)), []
    for number, row in enumerate(rows, 2 if layout.header else 1):
        try:
            read.paid.update(dict(_Row(row, layout, needs_bsn).paid()))
        except _Wrong as error:
            wrong.append(f"row {number}: {error}")
    if totals and not wrong and not _adds_up(totals, rows, layout):
        wrong.append("the last row: the totals are not the sums of their columns")
    read.wrong = tuple(wrong)
    read.fingerprint = hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
    return read


# -- a file -----------------------------------------------------------------------------------------------------------


def _body(lines: list[list[Any]], layout: Layout) -> list[list[Any]]:
    """Return the rows without the header, which must be that of the layout."""
    if layout.header:
        if not lines or lines[0] != [column.header for column in layout.columns]:
            raise WrongFile("the first row is not the header of the layout")
        del lines[0]
    if not lines:
        raise WrongFile("there is no row in it")
    return lines


def _cells(content: bytes, layout: Layout) -> list[list[Any]]:
    try:
        return _sheet(content, layout) if layout.format == "xlsx" else _csv(content, layout)
    except (ValueError, KeyError, SyntaxError, BadZipFile, csv.Error):  # of XML that is torn, a SyntaxError
        pass
    form = f"a workbook with a sheet {layout.sheet}" if layout.format == "xlsx" else f"csv in {layout.encoding}"
    raise WrongFile(f"it cannot be read as {form}")


def _csv(content: bytes, layout: Layout) -> list[list[Any]]:
    text = content.decode(layout.encoding)
    if layout.bom and not text.startswith("\ufeff"):
        raise ValueError("it lacks its byte order mark")
    return list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=layout.delimiter, strict=True)
    )


def _sheet(content: bytes, layout: Layout) -> list[list[Any]]:
    """Return the cells of the sheet of that name; a formula is a mistake. Raises `KeyError` without the sheet."""
    from openpyxl import load_workbook

    rows = load_workbook(io.BytesIO(content))[layout.sheet].iter_rows()
    return [[_Formula() if cell.data_type == "f" else cell.value for cell in row] for row in rows]


class _Formula:
    """What is in a cell that holds a formula: nothing that any column takes."""


# -- a row ------------------------------------------------------------------------------------------------------------


@dataclass
class _Row:
    """A row of a file against its layout."""

    cells: Sequence[Any]
    layout: Layout
    needs_bsn: bool

    def paid(self) -> Iterator[tuple[Line, int]]:
        """Yield what the row pays. Raises `_Wrong` where it cannot be paid."""
        if len(self.cells) != len(self.layout.columns):
            raise _Wrong("it has more or fewer cells than the layout has columns")
        told: dict[Source, Any] = {}
        for column, cell in zip(self.layout.columns, self.cells, strict=True):
            told[column.source] = _checked(column, cell, self.layout)
        self._check(told)
        yield from self._amounts(told)

    def _check(self, told: dict[Source, Any]) -> None:
        if Source.BSN in told and not (is_bsn(told[Source.BSN]) or (not told[Source.BSN] and not self.needs_bsn)):
            raise _Wrong("its BSN is none, or is not one")
        if not (told.get(Source.BSN) or told.get(Source.EMPLOYEE)):
            raise _Wrong("it does not tell about whom it is")
        if told.get(Source.CODE) == "":
            raise _Wrong("it has no code")
        start, end = told.get(Source.START), told.get(Source.END)
        if start and end and start > end:
            raise _Wrong("its dates end before they begin")

    def _amounts(self, told: dict[Source, Any]) -> Iterator[tuple[Line, int]]:
        who, name = told.get(Source.BSN) or told[Source.EMPLOYEE], told.get(Source.NAME, "")
        found = 0
        for column, cell in zip(self.layout.columns, self.cells, strict=True):
            if column.source is Source.AMOUNT and cell not in (None, ""):
                amount, unit = amount_of(cell, self.layout)
                found += 1
                yield Line(who, name, column.code or told[Source.CODE], unit), amount
        if not found:
            raise _Wrong("it has no amount")


def _checked(column: Column, cell: Any, layout: Layout) -> Any:  # noqa: ANN401 - a cell, and what is in it
    """Return a text, or a date of a column of dates. Raises `_Wrong` for what the column does not take."""
    if isinstance(cell, _Formula):
        raise _Wrong(f"column {column.header} holds a formula")
    if column.source is Source.AMOUNT:
        return None
    if column.source in _DAYS:
        return _day(column, cell, layout)
    text = "" if cell is None else str(cell)
    if column.source is Source.TEXT and text != column.text:
        raise _Wrong(f"column {column.header} holds another text than the layout has")
    return text


def _day(column: Column, cell: Any, layout: Layout) -> date:  # noqa: ANN401 - a cell
    if isinstance(cell, datetime):
        return cell.date()
    try:
        return datetime.strptime(cell, DATES[layout.date_format]).date()  # noqa: DTZ007 - a date
    except (TypeError, ValueError):
        pass
    raise _Wrong(f"column {column.header} holds no date as {layout.date_format}")


def amount_of(cell: Any, layout: Layout) -> tuple[int, str]:  # noqa: ANN401 - a cell
    """Return an amount and its unit: hundredths, or minutes. Raises `_Wrong` for what is neither."""
    if isinstance(cell, timedelta):
        return round(cell / timedelta(minutes=1)), "minutes"
    text = str(cell) if isinstance(cell, str) else str(cell).replace(".", layout.decimal_sign)
    if clock := _CLOCK.fullmatch(text):
        sign, hours, minutes = clock.groups()
        return (-1 if sign else 1) * (int(hours) * 60 + int(minutes)), "minutes"
    if not re.fullmatch(_DECIMAL % layout.decimal_sign, text):
        raise _Wrong("its amount is no number of at most two decimals, as the layout writes it")
    hundredths = int(Decimal(text.replace(layout.decimal_sign, ".")) * 100)
    if hundredths < 0 and not layout.negative:
        raise _Wrong("its amount is negative")
    return hundredths, "hundredths"


def _adds_up(totals: Sequence[Any], rows: Sequence[Sequence[Any]], layout: Layout) -> bool:
    """Tell whether a row of totals holds the sum of each column of amounts."""
    for place, column in enumerate(layout.columns):
        if column.source is Source.AMOUNT:
            cells = (row[place] for row in rows)
            wanted = sum(amount_of(cell, layout)[0] for cell in cells if cell not in (None, ""))
            if (amount_of(totals[place], layout)[0] if totals[place] not in (None, "") else 0) != wanted:
                return False
    return True
