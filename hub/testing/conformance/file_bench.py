"""The bench for files: rows of made-up people, a file of them, and what can be read in it again."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zipfile import BadZipFile

from pydantic import SecretStr

from hub.connection import Connection
from hub.files.layout import DATES, Column, Grain, Layout, Source
from hub.models import Activation, ExportRequest, Kind, PeriodType, RenderedFile, Row, WagePeriod
from hub.testing.conformance.bench import Bench
from hub.testing.conformance.rule import NotApplicable, NotConforming, expect

OCTOBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))
PEOPLE = {
    "id-71": ("Marijke Zonderland", "123456782"),
    "id-72": ("Jochem Waterdrinker", "111222333"),
    "id-73": ("Roos Naaktgeboren", "012345672"),
}
"""Names and BSNs by the ids of employees; nobody has them."""

NOBODY = "id-72"
"""Who of them has no BSN, where somebody must not have one."""

LEAST = 50
"""The least amount of a row, in hundredths or minutes, where a rule wants no other one."""

Key = tuple[str, ...]
"""What an amount in a file is about: who, and the date, the code and the cost centre where the file tells them."""


class Formula(str):
    """What is in a cell that holds a formula."""


@dataclass(frozen=True)
class Desk:
    """A connection of a provider of files; no remote is needed for it."""

    connection: Connection
    activation: Activation
    layout: Layout | None

    @property
    def own(self) -> Layout:
        """The provider's own layout. Raises `NotApplicable` where it has none: then nobody can read its files."""
        if self.layout is None:
            raise NotApplicable("it has no layout to read its file by")
        return self.layout

    def render(self, rows: Sequence[Row], layout: Layout | None = None) -> RenderedFile:
        """Return the file of some rows in a layout of the company's, or else in the provider's own."""
        asked = "" if layout is None else layout.model_dump_json()
        request = ExportRequest(administration=self.activation.administrations[0], period=OCTOBER, layout=asked)
        return self.connection.document(request).render(rows)

    def codes(self, layout: Layout) -> dict[str, Kind]:
        """Return codes that go into a layout, with their kinds."""
        known = {one.code: one.kind for one in self.activation.administrations[0].codes}
        if layout.codes is None:
            return known or {"2100": Kind.HOURS, "2150": Kind.HOURS}
        return {code: known.get(code, Kind.HOURS) for code in sorted(layout.codes)}

    def forms(self) -> Iterator[tuple[Layout, Layout | None]]:
        """Yield the provider's own layout and a company's, each with what is asked for it."""
        yield self.own, None
        for one in theirs(tuple(self.codes(self.own))):
            yield one, one


def desk(bench: Bench) -> Desk:
    """Connect as a company does that chose the provider, and activate."""
    remote = bench.remote() if bench.kit.remote else None
    settings = bench.settings(remote) if remote else dict(bench.kit.settings)
    connection = bench.connect(settings)
    found = bench.activation(remote, connection)
    expect(found.administrations, "activate found no administration")
    return Desk(connection, found, bench.provider.layout)


def theirs(codes: Sequence[str]) -> tuple[Layout, Layout]:
    """Return layouts of a company: CSV with a row per person and day, XLSX with a row per person and code."""
    amounts = [Column(header=f"Code {code}", source=Source.AMOUNT, code=code) for code in codes]
    who, name = Column(header="Wie", source=Source.EMPLOYEE), Column(header="Naam", source=Source.NAME)
    day, centre = Column(header="Dag", source=Source.DATE), Column(header="Plaats", source=Source.COST_CENTRE)
    code, amount = Column(header="Code", source=Source.CODE), Column(header="Aantal", source=Source.AMOUNT)
    about: dict[str, Any] = {"name": "conformance", "version": "1"}
    return (
        Layout(**about, grain=Grain.PERSON_DAY, columns=(who, name, day, centre, *amounts), delimiter="|"),
        Layout(**about, grain=Grain.PERSON_CODE, columns=(who, name, code, centre, amount), format="xlsx"),
    )


# -- rows -------------------------------------------------------------------------------------------------------------


def file_rows(codes: dict[str, Kind], layout: Layout, seed: int, number: int = 12, least: int = LEAST) -> list[Row]:
    """Return rows that are the same for the same seed: of all people, on any day and code."""
    chance = Random(seed)  # noqa: S311 - the same rows every time
    return [_row(codes, layout, place, chance, least) for place in range(number)]


def _row(codes: dict[str, Kind], layout: Layout, place: int, chance: Random, least: int) -> Row:
    """Return a row of whoever's turn it is; `least` is the least hundredths or minutes of it."""
    who = sorted(PEOPLE)[place % len(PEOPLE)]
    code, kind = chance.choice(sorted(codes.items()))
    clock = layout.hours == "hh:mm" and kind is Kind.HOURS
    number = chance.randrange(least, 1500)
    return Row(
        entry=place + 1,
        employee=who,
        name=PEOPLE[who][0],
        bsn=SecretStr(PEOPLE[who][1]),
        date=OCTOBER.start + timedelta(days=chance.randrange(31)),
        kind=kind,
        code=code,
        cost_centre=chance.choice((None, "bar", "keuken")),
        amount=round(number * 100 / 60) if clock else number,
        minutes=number if clock else None,
    )


def amounts_of(rows: Sequence[Row], layout: Layout) -> Counter[Key]:
    """Return what a file of these rows must add up to: hundredths, or minutes where it writes hh:mm."""
    found: Counter[Key] = Counter()
    for row in rows:
        texts = {
            Source.EMPLOYEE: row.employee,
            Source.BSN: row.bsn.get_secret_value() if row.bsn else "",
            Source.DATE: row.date.strftime(DATES[layout.date_format]),
            Source.CODE: row.code,
            Source.COST_CENTRE: row.cost_centre or "",
        }
        key = (*(texts[source] for source in _about(layout)), row.code)
        found[key] += row.amount if row.minutes is None else row.minutes
    return found


# -- reading a file again ---------------------------------------------------------------------------------------------


def lines_of(file: RenderedFile, layout: Layout) -> list[list[Any]]:
    """Return the cells of every line of a file, the header too: texts of a CSV file, values of an XLSX file.

    Raises `NotConforming` for a file that cannot be read in the form of its layout.
    """
    expect(file.extension == layout.format, f"a layout of {layout.format} gave a file with another extension")
    try:
        return _lines(file.content, layout)
    except (ValueError, KeyError, BadZipFile, csv.Error) as error:
        failure = type(error).__name__
    raise NotConforming(f"the file cannot be read as {layout.format} ({failure})")


def _lines(content: bytes, layout: Layout) -> list[list[Any]]:
    if layout.format == "xlsx":
        from openpyxl import load_workbook

        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        return [[_plain(cell) for cell in line] for line in sheet.iter_rows()]
    text = content.decode(layout.encoding).removeprefix("\ufeff" if layout.bom else "")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter))


def amounts_in(file: RenderedFile, layout: Layout) -> Counter[Key]:
    """Return what a file adds up to, by what it tells about each amount."""
    found: Counter[Key] = Counter()
    lines = body(file, layout)
    expect(file.rows == len(lines), f"it says that it made {file.rows} rows, and {len(lines)} are in the file")
    for line in lines:
        told = dict(zip((one.source for one in layout.columns), line, strict=True))
        about = tuple(_text(told[source], layout) for source in _about(layout))
        for column, cell in zip(layout.columns, line, strict=True):
            if column.source is Source.AMOUNT and cell not in (None, ""):
                found[*about, column.code or _text(told[Source.CODE], layout)] += _number(cell, layout)
    return found


def body(file: RenderedFile, layout: Layout) -> list[list[Any]]:
    """Return the lines of a file without its header and its totals."""
    lines = lines_of(file, layout)
    whole = all(len(line) == len(layout.columns) for line in lines)
    expect(whole, "a line of the file has more or fewer cells than its layout has columns")
    return lines[1 if layout.header else 0 : len(lines) - 1 if layout.totals else None]


def _about(layout: Layout) -> tuple[Source, ...]:
    """Return what a file tells about an amount: who it is by one column, then all else."""
    who = Source.EMPLOYEE if Source.EMPLOYEE in layout.sources else Source.BSN
    return (who, *(one for one in (Source.DATE, Source.COST_CENTRE) if one in layout.sources))


def _plain(cell: Any) -> Any:  # noqa: ANN401 - a cell of openpyxl and what is in it
    return Formula(cell.value) if cell.data_type == "f" else cell.value


def _text(cell: Any, layout: Layout) -> str:  # noqa: ANN401 - what a file holds
    if isinstance(cell, datetime):
        return cell.strftime(DATES[layout.date_format])
    return "" if cell is None else str(cell)


def _number(cell: Any, layout: Layout) -> int:  # noqa: ANN401 - what a file holds
    """Return hundredths, or the minutes of what is written as hh:mm; what is neither is not conforming."""
    if isinstance(cell, timedelta):
        return round(cell / timedelta(minutes=1))
    text = str(cell)
    sign = -1 if text.startswith("-") else 1
    hours, colon, minutes = text.lstrip("-").partition(":")
    if colon:
        return sign * (int(hours) * 60 + int(minutes))
    exact = Decimal(text.replace(layout.decimal_sign, ".")) * 100
    expect(exact == exact.to_integral_value(), "an amount in the file is no whole number of hundredths")
    return int(exact)
