"""What a cell of a file holds, and how it reads as text. The one rule against formulas in a CSV file lives here.

A spreadsheet that opens a CSV file takes a cell such as `=1+1` or `@SUM(A1)` for a formula. Numbers and dates are
written from typed cells and stay what they are (-7,50); every text goes through `harmless`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from hub.files.layout import DATES, Layout


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """A text; an empty one is an empty cell. Its repr does not show it: it may be a name or a BSN."""

    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number: a year, the number of a wage period."""

    number: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal number, in hundredths."""

    hundredths: int


@dataclass(frozen=True, slots=True)
class Duration:
    """Time that is written as hh:mm, in minutes."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date."""

    date: date


Cell = Text | Whole | Amount | Duration | Day

EMPTY = Text("")

_SIGNS = frozenset("=+-@\N{MINUS SIGN}")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")


def csv_text(cell: Cell, layout: Layout) -> str:
    """Return a cell as a CSV file of this layout shows it, without quotes."""
    match cell:
        case Text(text):
            return harmless(text)
        case Whole(number):
            return str(number)
        case Amount(hundredths):
            return _decimal(hundredths, layout)
        case Duration(minutes):
            return _clock(minutes)
        case Day(day):
            return day.strftime(DATES[layout.date_format])


def clean(text: str) -> str:
    """Return a text on one line: tabs and line breaks become one space, other control characters are left out.

    A file has one line per row, and no name of a person or a code has such characters in it.
    """
    return _CONTROLS.sub("", _BREAKS.sub(" ", text))


def harmless(text: str) -> str:
    """Return a clean text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe before it.

    It looks like it if the first character that can be seen is = + - or @, in whatever width Unicode has it.
    """
    text = clean(text)
    first = next((one for one in text if unicodedata.category(one) not in _UNSEEN), "")
    return f"'{text}" if unicodedata.normalize("NFKC", first)[:1] in _SIGNS else text


def _decimal(hundredths: int, layout: Layout) -> str:
    whole, rest = divmod(abs(hundredths), 100)
    digits = f"{rest:02}" if layout.zeros else f"{rest:02}".rstrip("0")
    return f"{_sign(hundredths)}{whole}{layout.decimal_sign if digits else ''}{digits}"


def _clock(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{_sign(minutes)}{hours}:{rest:02}"


def _sign(number: int) -> str:
    return "-" if number < 0 else ""
