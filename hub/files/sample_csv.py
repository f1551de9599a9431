"""The form of a CSV sample: encoding, byte order mark, delimiter, line ends; and its cells."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import InputError
from hub.files.sample_table import MAX_ROWS, Cell, Table, header_place, known_words, table_of

_DELIMITERS = (";", "\t", "|", ",")
_LINE_ENDS = {"\r\n": "crlf", "\n": "lf"}


@dataclass(frozen=True, repr=False)
class _Text:
    """The text of a sample, how it was encoded, and what could not be told of that."""

    text: str
    encoding: str
    bom: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class _Split:
    """A sample split by one delimiter: its rows that are not empty, and what ended each line."""

    delimiter: str
    rows: Sequence[Sequence[Cell]]
    ends: Sequence[str]


def read_csv(data: bytes) -> Table:
    """Return the cells of a CSV sample with its form.

    Raises `InputError` if it is no text in a known encoding, has no one delimiter, or has no header.
    """
    text = _decoded(data)
    splits = [split for split in (_split(text.text, delimiter) for delimiter in _DELIMITERS) if split]
    best = max(filter(_is_regular, splits), key=_likeness, default=None)
    if best is None:
        raise InputError(
            "The rows of the sample do not all have as many cells as its header, whether split at a semicolon, tab, "
            'bar or comma: check that it has a header and that a text with " in it stands between quotes.'
        )
    line_end, notes = _line_end(best.ends)
    form: dict[str, str | bool] = {
        "format": "csv",
        "delimiter": best.delimiter,
        "encoding": text.encoding,
        "bom": text.bom,
    }
    return table_of(best.rows, {**form, "line_end": line_end}, (*text.notes, *notes))


def _decoded(data: bytes) -> _Text:
    if data.startswith(codecs.BOM_UTF8):
        return _Text(_as(data[3:], "utf-8"), "utf-8", bom=True)
    if data.startswith(codecs.BOM_UTF16_LE):
        return _Text(_as(data[2:], "utf-16-le"), "utf-16-le", bom=True)
    if data[1::2].count(0) > len(data) // 4:
        return _Text(_as(data, "utf-16-le"), "utf-16-le", bom=False)
    if data.isascii():
        note = "The sample has no letter with an accent: utf-8 is a guess; older software may need cp1252."
        return _Text(_as(data, "utf-8"), "utf-8", bom=False, notes=(note,))
    if _tried(data, "utf-8") is not None:
        return _Text(_as(data, "utf-8"), "utf-8", bom=False)
    note = "The sample is not utf-8 but looks like cp1252 (Windows); iso8859-1 looks nearly the same."
    return _Text(_as(data, "cp1252"), "cp1252", bom=False, notes=(note,))


def _as(data: bytes, encoding: str) -> str:
    text = _tried(data, encoding)
    if text is None or "\0" in text:
        raise InputError("The sample is no text in utf-8, utf-16-le or cp1252: save it as one of these.")
    return text


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _split(text: str, delimiter: str) -> _Split | None:
    """Split a text into rows of cells, at most one row more than a sample has; None if its quotes do not fit."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|((?!")[^{mark}\r\n]*))({mark}|\r\n|\n|\r|\Z)')
    rows: list[list[Cell]] = [[]]
    ends: list[str] = []
    place = 0
    while place < len(text) or rows[-1]:
        found = cell.match(text, place)
        if found is None:
            return None
        quoted = found[1] is not None
        rows[-1].append(Cell(found[1].replace('""', '"') if quoted else found[2], quoted))
        place = found.end()
        if found[3] != delimiter:
            ends.append(found[3])
            rows.append([])
        if len(rows) > MAX_ROWS + 40:
            break
    return _Split(delimiter, [row for row in rows if any(one.text for one in row)], ends)


def _is_regular(split: _Split) -> bool:
    """Tell whether all rows from the header on are as wide as it is; a totals row may be shorter."""
    place = header_place(split.rows)
    if place is None:
        return max(map(len, split.rows), default=0) > 1
    wide = len(split.rows[place])
    return all(len(row) == wide for row in split.rows[place:-1]) and len(split.rows[-1]) <= wide


def _likeness(split: _Split) -> tuple[int, int]:
    """Return how much this looks like the right way to split: known words in the header, then the cells in it."""
    place = header_place(split.rows)
    return (0, 0) if place is None else (known_words(split.rows[place]), len(split.rows[place]))


def _line_end(ends: Sequence[str]) -> tuple[str, list[str]]:
    counts = Counter(ends)
    usual = max(_LINE_ENDS, key=lambda end: counts[end])
    known = set(ends) <= {usual, ""}
    notes = [] if known and counts[usual] else ["The lines of the sample do not all end in the same, usual way."]
    if counts[""]:
        notes.append("The last line of the sample has no line end; the layout gives it one.")
    return _LINE_ENDS[usual], notes
