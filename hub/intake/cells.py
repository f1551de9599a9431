"""The cells of one row, each read as what its column holds. An error names the column, never what the cell held."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NoReturn, TypeVar

from hub.durations import check_year, local_moment
from hub.errors import InputError

Choice = TypeVar("Choice", bound=StrEnum)

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_MONEY = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,2}))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FLAGS = {"false": False, "0": False, "true": True, "1": True}


@dataclass(frozen=True, repr=False)
class Cells:
    """The cells of one row that are filled in, by column name. Its repr shows none of them."""

    values: dict[str, str]

    def text(self, column: str) -> str:
        """Return the text of a column, empty if it is not filled in."""
        return self.values.get(column, "")

    def needed(self, column: str) -> str:
        """Return the text of a column; `InputError` if it is not filled in."""
        return self.text(column) or _wrong(column, "a value: fill it in")

    def whole(self, column: str, default: int, least: int, most: int) -> int:
        """Return a whole number within bounds, the default if it is not filled in."""
        text = self.values.get(column, str(default))
        number = int(text) if _WHOLE.fullmatch(text) else None
        if number is None or not least <= number <= most:
            _wrong(column, f"a whole number from {least} to {most}")
        return number

    def cents(self, column: str) -> int:
        """Return an amount of money in cents; a dot or a comma before the decimals."""
        matched = _MONEY.fullmatch(self.needed(column))
        if matched is None:
            _wrong(column, "an amount such as 12.50 or 12,50, from 0 to 99999.99, with at most two decimals")
        return 100 * int(matched[1]) + int((matched[2] or "").ljust(2, "0"))

    def flag(self, column: str) -> bool:
        """Return whether a column says true; not filled in is false."""
        flag = _FLAGS.get(self.values.get(column, "false").lower())
        return _wrong(column, "true or false") if flag is None else flag

    def choice(self, column: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        """Return the member of an enumeration that a column names; without a default it must be filled in."""
        text = self.values.get(column, default)
        if text is None or text not in list(choices):
            _wrong(column, f"one of {', '.join(choices)}")
        return choices(text)

    def day(self, column: str) -> date | None:
        """Return a date, None if it is not filled in."""
        text = self.text(column)
        return (_day(text) or _wrong(column, "a date such as 2026-11-20")) if text else None

    def needed_day(self, column: str) -> date:
        """Return a date; `InputError` if it is not filled in."""
        return self.day(column) or _wrong(column, "a date: fill it in")

    def moment(self, column: str) -> datetime:
        """Return a moment as the clock in Amsterdam shows it; `InputError` if it is not filled in."""
        text = self.needed(column)
        try:
            return local_moment(text)
        except InputError as error:
            raise InputError(f"In column {column}: {error.text}") from None


def _wrong(column: str, expected: str) -> NoReturn:
    raise InputError(f"Column {column} expects {expected}.")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    if day:
        check_year(day.year)
    return day
