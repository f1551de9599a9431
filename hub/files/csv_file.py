"""Writing records as CSV. Each line is encoded by itself, so that one that does not fit names whose it is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Literal

from hub.errors import InputError
from hub.files.cells import Cell, Text, csv_text
from hub.files.layout import Layout
from hub.files.records import Record

_ENDS = {"crlf": "\r\n", "lf": "\n"}


_QUOTES: dict[str, Literal[0, 1, 2]] = {
    "needed": csv.QUOTE_MINIMAL,
    "texts": csv.QUOTE_NONNUMERIC,
    "all": csv.QUOTE_ALL,
}


class _Line:
    """What csv writes to: it hands every line back."""

    def write(self, line: str) -> str:
        return line


class _Bare:
    """A number as it is written: to csv a number, so that it gets quotes only where it needs them or all cells do."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __float__(self) -> float:
        raise TypeError("it is only written")


def write_csv(layout: Layout, records: Iterable[Record]) -> bytes:
    """Return a CSV file. Raises `InputError` for a character that the encoding does not have."""
    file = BytesIO()
    if layout.bom:
        file.write("\ufeff".encode(layout.encoding))
    for line in _lines(layout, records):
        file.write(line)
    return file.getvalue()


def _lines(layout: Layout, records: Iterable[Record]) -> Iterator[bytes]:
    writer = csv.writer(
        _Line(),
        delimiter=layout.delimiter,
        lineterminator=_ENDS[layout.line_end],
        quoting=_QUOTES[layout.quotes],
    )

    def line(cells: Sequence[Cell], whose: str) -> bytes:
        written = [csv_text(cell, layout) for cell in cells]
        bare = [text if isinstance(cell, Text) else _Bare(text) for text, cell in zip(written, cells, strict=True)]
        text: str = writer.writerow(bare)
        return _encoded(text, layout.encoding, whose)

    if layout.header:
        yield line([Text(column.header) for column in layout.columns], "The header")
    for record in records:
        yield line(record.cells, f"The row of employee {record.employee}")


def _encoded(line: str, encoding: str, whose: str) -> bytes:
    try:
        return line.encode(encoding)
    except UnicodeEncodeError:
        pass  # the error holds the line, so nothing may be raised from it
    raise InputError(
        f"{whose} holds a character that does not exist in {encoding}: "
        "choose another encoding in the layout (utf-8 has all), or write it otherwise."
    )
