"""Reading the words of a command line: choices, lists and wage periods."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from hub.errors import InputError

Choice = TypeVar("Choice", bound=StrEnum)


def choice(words: type[Choice], text: str, option: str) -> Choice | None:
    """Return the chosen word, None for an empty text. Raises `InputError` naming what may be chosen."""
    if not text:
        return None
    try:
        return words(text.replace("-", "_"))
    except ValueError:
        raise InputError(f"{option} takes {', '.join(words)}.") from None


def year_and_number(text: str) -> tuple[int, int]:
    """Read a wage period such as 2026-10. Raises `InputError`."""
    year, mark, number = text.partition("-")
    if not (mark and year.isdecimal() and number.isdecimal()):
        raise InputError("A wage period is a year and a number, such as 2026-10.")
    return int(year), int(number)
