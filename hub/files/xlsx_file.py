"""Writing records as XLSX: texts are texts, amounts are numbers, dates are dates. Nothing is ever a formula.

The file is made in memory: on disk, XlsxWriter would leave names and BSNs in temporary files for whoever comes by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from hub.errors import InputError
from hub.files.cells import Amount, Cell, Day, Duration, Text, Whole, clean
from hub.files.layout import Layout
from hub.files.records import Record

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the same moment in every file, so that the same input gives the same bytes

_DATES = {
    "DD-MM-YYYY": "dd-mm-yyyy",
    "DD/MM/YYYY": r"dd\/mm\/yyyy",  # a bare slash becomes whatever the reader's country writes between days and months
    "DD.MM.YYYY": "dd.mm.yyyy",
    "YYYY-MM-DD": "yyyy-mm-dd",
    "YYYYMMDD": "yyyymmdd",
    "DDMMYYYY": "ddmmyyyy",
}

_MINUTES_PER_DAY = 24 * 60


def write_xlsx(layout: Layout, records: Iterable[Record]) -> bytes:
    """Return an XLSX file. How many digits are shown is a matter of number formats: the numbers have them all.

    Raises `InputError`, which names employees by their id, for a negative time (a spreadsheet shows #### for it), for a
    text longer than a cell holds, and for more rows than a sheet holds.
    """
    from xlsxwriter import Workbook

    file = BytesIO()
    with Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": _MADE})
        sheet = _Sheet(
            book.add_worksheet(layout.sheet),
            text=book.add_format({"num_format": "@"}),
            amount=book.add_format({"num_format": "0.00" if layout.zeros else "General"}),
            duration=book.add_format({"num_format": "[h]:mm"}),
            day=book.add_format({"num_format": _DATES[layout.date_format]}),
        )
        if layout.header:
            sheet.add("The header", [Text(column.header) for column in layout.columns])
        for record in records:
            sheet.add(f"The row of employee {record.employee}", record.cells)
    return file.getvalue()


@dataclass
class _Sheet:
    """A sheet that is written row by row, and its number formats."""

    sheet: Worksheet
    text: Format
    amount: Format
    duration: Format
    day: Format
    rows: int = 0

    def add(self, whose: str, cells: Iterable[Cell]) -> None:
        """Write the next row; `whose` begins the sentence if that cannot be done."""
        for place, cell in enumerate(cells):
            if isinstance(cell, Duration) and cell.minutes < 0:
                raise InputError(
                    f"{whose} has a negative time, which a spreadsheet cannot show as hh:mm: "
                    "set hours = 'decimal' in the layout."
                )
            if self._write(self.rows, place, cell):
                raise InputError(f"{whose} does not fit: a text is too long for a cell, or there are too many rows.")
        self.rows += 1

    def _write(self, row: int, place: int, cell: Cell) -> object:
        """Write a cell; return 0 if it fits, as XlsxWriter does."""
        match cell:
            case Text(text):
                return self._text(row, place, clean(text))
            case Whole(number):
                return self.sheet.write_number(row, place, number)
            case Amount(hundredths):
                return self.sheet.write_number(row, place, hundredths / 100, self.amount)
            case Duration(minutes):
                return self.sheet.write_number(row, place, minutes / _MINUTES_PER_DAY, self.duration)
            case Day(day):
                return self.sheet.write_datetime(row, place, day, self.day)

    def _text(self, row: int, place: int, text: str) -> object:
        if not text:
            return 0
        if text.startswith("<r>") and text.endswith("</r>"):  # XlsxWriter would copy it into the file as markup
            return self.sheet.write_rich_string(row, place, "<", "r", text[2:], self.text)
        return self.sheet.write_string(row, place, text, self.text)
