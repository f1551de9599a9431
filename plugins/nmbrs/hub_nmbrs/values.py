"""The text of an answer as values: ids, hundredths, dates. A text that is wrong is named by its field, never quoted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TypeVar

from hub import ContractError
from hub_nmbrs.reading import Row

T = TypeVar("T")

_DECIMAL = re.compile(r"[+-]?\d{1,12}(\.\d{0,20})?", re.ASCII)  # xs:decimal: a dot, no exponent


def whole(row: Row, name: str) -> int:
    """Return a whole number. Raises `ContractError` if it is missing or none."""
    return _converted(int, row, name)


def identifier(row: Row, name: str) -> str:
    """Return the id or code of something, in one spelling. Raises `ContractError` if it is missing or no number."""
    return str(whole(row, name))


def hundredths(row: Row, name: str) -> int:
    """Return a decimal in whole hundredths, halves rounded away from zero. Raises `ContractError` if there is none."""
    return _converted(_hundredths, row, name)


def day(row: Row, name: str) -> date | None:
    """Return a date, None where there is none.

    .NET writes a date that was never set as year 1 where it cannot write nil. Raises `ContractError` for other text.
    """
    return _converted(_day, row, name) if name in row else None


def _converted(convert: Callable[[str], T], row: Row, name: str) -> T:
    try:
        return convert(row.get(name, ""))
    except (ValueError, ArithmeticError):
        pass  # and raise outside: the error of a conversion quotes the text
    raise ContractError(
        f"Nmbrs answered with a {name} that is missing or not of its type: report it to the maintainer of the plugin."
    )


@lru_cache(maxsize=1024)  # the hours of a schedule are few different texts, seen over and over
def _hundredths(text: str) -> int:
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return int((Decimal(text) * 100).to_integral_value(ROUND_HALF_UP))


def _day(text: str) -> date | None:
    found = date.fromisoformat(text[:10])
    return found if found.year > 1 else None
