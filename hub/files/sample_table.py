"""What a sample is before it is understood: rows of cells, and the form of the file around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.errors import InputError
from hub.files.sample_headers import holds_a_value, source_of

MAX_ROWS = 10_000
MAX_COLUMNS = 200

_HEADER_WITHIN = 20
"""The header is looked for in so many rows from the top."""

_TOTALS = ("totaal", "totalen", "eindtotaal", "subtotaal", "total", "totals", "grand total")

_TOTALS_NOTE = (
    "The sample ends in a totals row: the layout writes Totaal in its first column of text, and sums under the amounts."
)


@dataclass(frozen=True, repr=False)
class Cell:
    """The text of a cell as it is shown, and whether it had quotes around it."""

    text: str
    quoted: bool = False


Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, repr=False)
class Table:
    """A sample: its header, its rows under it, the totals row apart, and its form as fields of a layout.

    Its repr shows nothing of it: only the form may be told.
    """

    form: Mapping[str, str | bool]
    header: Sequence[Cell]
    body: Rows
    totals: bool
    notes: Sequence[str]

    def column(self, place: int) -> list[str]:
        """Return the texts of a column that are not empty."""
        return [row[place].text for row in self.body if row[place].text]


def header_place(rows: Rows) -> int | None:
    """Return which row is the header: the one with most known words near the top; None if there is no such row."""
    places = range(min(len(rows), _HEADER_WITHIN))
    best = max(places, key=lambda place: known_words(rows[place]), default=None)
    return None if best is None or not known_words(rows[best]) or len(rows[best]) < 2 else best


def known_words(row: Sequence[Cell]) -> int:
    """Return how many cells of a row are a known header."""
    return sum(source_of(cell.text) is not None for cell in row)


def table_of(rows: Rows, form: Mapping[str, str | bool], notes: Sequence[str]) -> Table:
    """Split rows that are not empty into header, body and totals row.

    Raises `InputError` if there is no header, if it holds what looks like data, or if there is too much.
    """
    place = header_place(rows)
    if place is None:
        raise InputError(
            "The sample has no header row with a known word in it, such as BSN or Personeelsnummer: put one above the "
            "rows and try again, or write the layout by hand."
        )
    header = rows[place]
    body = [[*row, *[Cell("")] * (len(header) - len(row))] for row in rows[place + 1 :]]
    _check_size(header, body)
    _check_header(header)
    totals = bool(body) and any(_is_total(cell.text) for cell in body[-1])
    below = [_TOTALS_NOTE] if totals else []
    above = ["The rows above the header are not kept: a layout begins with its header."] if place else []
    return Table(form, header, body[:-1] if totals else body, totals, (*notes, *above, *below))


def _is_total(text: str) -> bool:
    return text.casefold().strip(" :.") in _TOTALS


def _check_size(header: Sequence[Cell], body: Rows) -> None:
    if len(header) > MAX_COLUMNS or len(body) > MAX_ROWS:
        raise InputError(f"A sample has at most {MAX_COLUMNS} columns and {MAX_ROWS} rows: shorten it.")


def _check_header(header: Sequence[Cell]) -> None:
    wrong = [number for number, cell in enumerate(header, start=1) if holds_a_value(cell.text)]
    if wrong:
        raise InputError(
            f"The header of column {wrong[0]} looks like data, not like a header: the sample probably has no header "
            "row. Put one above the rows and try again, or write the layout by hand."
        )
