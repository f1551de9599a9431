"""A layout: the exact form of a file, as data. A provider ships one; a company can have its own.

No provider here publishes the form of its file. A layout says so itself: `unverified` until somebody laid it beside
the provider's own sample.
"""

from __future__ import annotations

import codecs
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from hub.models import Model


class Grain(StrEnum):
    """What one row of the file is about."""

    PERSON_PERIOD = "person_period"
    PERSON_DAY = "person_day"
    PERSON_CODE = "person_code"


class Source(StrEnum):
    """What fills a column. `amount` is that of the column's code, or of the row's where a row is about one code."""

    BSN = "bsn"
    EMPLOYEE = "employee"
    NAME = "name"
    DATE = "date"
    START = "start"
    END = "end"
    YEAR = "year"
    NUMBER = "number"
    CODE = "code"
    COST_CENTRE = "cost_centre"
    AMOUNT = "amount"
    TEXT = "text"


DATES = {
    "DD-MM-YYYY": "%d-%m-%Y",
    "DD/MM/YYYY": "%d/%m/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "YYYY-MM-DD": "%Y-%m-%d",
    "YYYYMMDD": "%Y%m%d",
    "DDMMYYYY": "%d%m%Y",
}
"""How dates can be written, and what that is to strftime."""


class Column(Model):
    """A column: the text above it and what fills it. `code` belongs to an amount, `text` to a fixed text."""

    header: str
    source: Source
    code: str = ""
    text: str = ""

    @model_validator(mode="after")
    def _only_its_own(self) -> Self:
        if self.code and self.source is not Source.AMOUNT:
            raise ValueError(f"column {self.header!r}: only a column with source = 'amount' has a code")
        if self.text and self.source is not Source.TEXT:
            raise ValueError(f"column {self.header!r}: only a column with source = 'text' has a text")
        return self


class Layout(Model):
    """The form of a file.

    `hours` are written as hundredths (`decimal`, 7.50) or as `hh:mm` (7:30); days, pieces and euros are always decimal.
    With `zeros` a decimal always has two digits behind its sign (8,00), else no more than it needs (8). `negative`
    tells whether a row may take something back. `quotes` are put around every cell (`all`), around `texts`, or where
    needed. What does not apply to a format (a delimiter in an XLSX file) is ignored.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")
    version: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,20}$")
    status: Literal["verified", "unverified"] = "unverified"
    format: Literal["csv", "xlsx"] = "csv"
    grain: Grain
    columns: tuple[Column, ...] = Field(min_length=1, max_length=200)
    header: bool = True
    delimiter: Literal[";", ",", "\t", "|"] = ";"
    encoding: str = "utf-8"
    bom: bool = False
    line_end: Literal["crlf", "lf"] = "crlf"
    quotes: Literal["needed", "texts", "all"] = "needed"
    decimal_sign: Literal[",", "."] = ","
    zeros: bool = True
    hours: Literal["decimal", "hh:mm"] = "decimal"
    date_format: str = "DD-MM-YYYY"
    sheet: str = Field(default="Uren", pattern=r"^[^\[\]:*?/\\']{1,31}$")
    totals: bool = False
    negative: bool = True

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            name = codecs.lookup(encoding).name
        except LookupError:
            name = ""
        if name not in ENCODINGS:
            raise ValueError(f"choose the encoding from {', '.join(ENCODINGS)}")
        return name

    @field_validator("date_format")
    @classmethod
    def _known_dates(cls, date_format: str) -> str:
        if date_format not in DATES:
            raise ValueError(f"choose how dates are written from {', '.join(DATES)}")
        return date_format

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for problem in contradictions(self):
            raise ValueError(problem)
        return self

    @property
    def sources(self) -> frozenset[Source]:
        """What fills the columns."""
        return frozenset(column.source for column in self.columns)

    @property
    def codes(self) -> frozenset[str] | None:
        """The codes that have a column of their own; None where a row is about one code and any will do."""
        if self.grain is Grain.PERSON_CODE:
            return None
        return frozenset(column.code for column in self.columns if column.source is Source.AMOUNT)


ENCODINGS = ("utf-8", "cp1252", "iso8859-1", "utf-16-le")
"""The encodings that payroll software of today and yesterday reads, by the names that Python gives them."""


def contradictions(layout: Layout) -> list[str]:
    """Return what contradicts itself in a layout, in words for who wrote it."""
    amounts = [column for column in layout.columns if column.source is Source.AMOUNT]
    coded = [column.code for column in amounts if column.code]
    by_code = layout.grain is Grain.PERSON_CODE
    rules = {
        "no column has source = 'amount': the file would say nothing about hours": not amounts,
        "no column tells who a row is about: add one with source = 'bsn' or 'employee'": not (
            layout.sources & {Source.BSN, Source.EMPLOYEE}
        ),
        "a row per person and code needs a column with source = 'code'": by_code and Source.CODE not in layout.sources,
        "a row per person and code has one amount: leave the code of that column out": by_code
        and (bool(coded) or len(amounts) != 1),
        "each column with source = 'amount' needs the code that it is about": not by_code and len(coded) < len(amounts),
        "two columns are about the same code": len(set(coded)) < len(coded),
        "a column with source = 'code' belongs to a row per person and code": not by_code
        and Source.CODE in layout.sources,
        "a row per person and day needs a column with source = 'date'": layout.grain is Grain.PERSON_DAY
        and Source.DATE not in layout.sources,
        "a column with source = 'date' belongs to a row per person and day": layout.grain is not Grain.PERSON_DAY
        and Source.DATE in layout.sources,
        "a byte order mark belongs to utf-8 or utf-16-le": layout.bom and not layout.encoding.startswith("utf"),
        "a decimal sign cannot be the delimiter": layout.format == "csv"
        and layout.delimiter == layout.decimal_sign
        and layout.quotes != "all",
    }
    return [text for text, wrong in rules.items() if wrong]
