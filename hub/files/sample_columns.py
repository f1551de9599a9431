"""What the columns of a sample are about, from their headers and from the look of their cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.errors import InputError
from hub.files.cells import harmless
from hub.files.layout import Column, Grain, Source
from hub.files.sample_headers import source_of
from hub.files.sample_table import Cell, Table
from hub.files.sample_values import are_amounts, are_dates

DATES = frozenset({Source.DATE, Source.START, Source.END})
TEXTS = frozenset({Source.BSN, Source.EMPLOYEE, Source.NAME, Source.CODE, Source.COST_CENTRE, Source.TEXT})

_SOME_QUOTES = "The sample has quotes around some texts that need none, but not around all: quotes is a guess."


@dataclass(frozen=True)
class Understood:
    """The columns of a sample in order, what a row is about, what is not sure, and which headers are not known."""

    columns: tuple[Column, ...]
    grain: Grain
    notes: tuple[str, ...]
    unmatched: tuple[str, ...]


def understand(table: Table) -> Understood:
    """Return what each column is about. Raises `InputError` where no layout can say what a row is about."""
    sources = [_source(table, place) for place in range(len(table.header))]
    grain = _grain(sources)
    columns: list[Column] = []
    notes: list[str] = []
    for place, source in enumerate(sources):
        header, number = table.header[place].text, f"Column {place + 1}"
        texts = table.column(place)
        final = _final(source, grain, columns, bool(header) and are_amounts(texts))
        coded = final is Source.AMOUNT and grain is not Grain.PERSON_CODE
        columns.append(Column(header=header, source=final, code=header if coded else ""))
        notes += [f"{number}, {header!r}: {note}" for note in _notes(columns[-1], source, texts)]
    unmatched = [one.header for one, source in zip(columns, sources, strict=True) if source is None]
    return Understood(tuple(columns), grain, tuple(notes), tuple(unmatched))


def quotes_of(table: Table, columns: Sequence[Column]) -> tuple[str, list[str]]:
    """Return whether quotes are put around all cells, texts, or only where needed, and what is not sure of that."""
    texts, values = (_filled(table, columns, among=among) for among in (True, False))
    texts += [cell for cell in table.header if cell.text]
    if all(cell.quoted for cell in texts):
        return "all" if all(cell.quoted for cell in values) else "texts", []
    delimiter = str(table.form["delimiter"])
    spare = any(cell.quoted and not _needs_quotes(cell, delimiter) for cell in (*texts, *values))
    return "needed", [_SOME_QUOTES] if spare else []


def _filled(table: Table, columns: Sequence[Column], *, among: bool) -> list[Cell]:
    """Return the cells that are not empty, of the columns of texts or of the others."""
    places = [place for place, column in enumerate(columns) if (column.source in TEXTS) is among]
    return [row[place] for row in table.body for place in places if row[place].text]


def _needs_quotes(cell: Cell, delimiter: str) -> bool:
    return re.search(rf'[{re.escape(delimiter)}"\r\n]|^\s|\s$', cell.text) is not None


def _source(table: Table, place: int) -> Source | None:
    """Return what a header says that fills the column; `TEXT` if its cells cannot be that."""
    source, texts = source_of(table.header[place].text), table.column(place)
    if source in DATES and not are_dates(texts):
        return Source.TEXT
    if source in (Source.YEAR, Source.NUMBER):
        digits = r"\d{4}" if source is Source.YEAR else r"\d{1,2}"
        return source if all(re.fullmatch(digits, text) for text in texts) else Source.TEXT
    return source


def _grain(sources: Sequence[Source | None]) -> Grain:
    if Source.CODE in sources and Source.DATE in sources:
        raise InputError(
            "A row of the sample is about one day and one code of a person: a layout has a row per person and day, or "
            "per person and code. Ask the provider whether one of the two is accepted without the other."
        )
    if not {Source.BSN, Source.EMPLOYEE} & set(sources):
        raise InputError(
            "No header of the sample says who a row is about, such as BSN or Personeelsnummer: put one there, or, if "
            "the sample has no header row, put that above the rows, and try again."
        )
    if Source.CODE in sources:
        return Grain.PERSON_CODE
    return Grain.PERSON_DAY if Source.DATE in sources else Grain.PERSON_PERIOD


def _final(source: Source | None, grain: Grain, before: Sequence[Column], amounts: bool) -> Source:
    """Return what fills a column, knowing what a row is about, and whether all its cells are amounts."""
    by_code = grain is Grain.PERSON_CODE
    if source is Source.AMOUNT and by_code and any(one.source is Source.AMOUNT for one in before):
        return Source.TEXT
    return source or (Source.AMOUNT if amounts and not by_code else Source.TEXT)


def _notes(column: Column, source: Source | None, texts: Sequence[str]) -> Iterator[str]:
    """Yield what a person must look at in a column; nothing that its cells held is kept."""
    if harmless(column.header) != column.header:
        yield "a file shows this header in another way, so that no spreadsheet takes it for a formula."
    if column.code:
        yield "its code is taken from its header: put the code there that its hours are booked under."
    if column.source is Source.BSN and not all(re.fullmatch(r"[0-9]{9}", text) for text in texts):
        yield "not every BSN in the sample is nine digits; the layout writes all of them so."
    if column.source is Source.TEXT and source is None:
        yield "this header is not known: the column is written empty; give it a text or another source."
    if column.source is Source.TEXT and source is Source.AMOUNT:
        yield "a row about one code has one amount, and an earlier column is that: this one is written empty."
    elif column.source is Source.TEXT and source is not None:
        yield "its cells are not what its header says: it is written empty; give it a text or another source."
