"""Reading the words of a command line: choices, pairs, amounts and wage periods."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from hub.cli import WrongCommand

Choice = TypeVar("Choice", bound=StrEnum)

_EUROS = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,2}))?")


def choice(words: type[Choice], text: str, option: str) -> Choice | None:
    """Return the chosen word, None for an empty text. Raises `WrongCommand` naming what may be chosen."""
    return words(one_of(tuple(words), text.replace("-", "_"), option)) if text else None


def one_of(words: Collection[str], text: str, option: str) -> str:
    """Return the text if it is one of the words. Raises `WrongCommand` naming them."""
    if text not in words:
        raise WrongCommand(f"{option} takes {', '.join(words)}: give one of these.")
    return text


def pairs(given: Collection[str], option: str) -> dict[str, str]:
    """Read NAME=VALUE, each name once. Raises `WrongCommand`."""
    parts = [one.partition("=") for one in given]
    found = {name: value for name, _, value in parts}
    if any(not name or not mark for name, mark, _ in parts) or len(found) < len(parts):
        raise WrongCommand(f"{option} takes NAME=VALUE, and each name once.")
    return found


def cents(text: str, option: str) -> int:
    """Read an amount of euros as cents. Raises `WrongCommand`."""
    matched = _EUROS.fullmatch(text)
    if matched is None:
        raise WrongCommand(f"{option} takes an amount of euros with at most two decimals, such as 4.05.")
    return 100 * int(matched[1]) + int((matched[2] or "").ljust(2, "0"))


def year_and_number(text: str) -> tuple[int, int]:
    """Read a wage period such as 2026-10. Raises `WrongCommand`."""
    matched = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})", text)
    if matched is None:
        raise WrongCommand("A wage period is a year and a number: write it such as 2026-10.")
    return int(matched[1]), int(matched[2])


def dates_or_period(text: str) -> dict[str, Any]:
    """Read a wage period such as 2026-10, or dates such as 2026-10-01/2026-10-31, as `Hub.scope` takes them.

    Raises `WrongCommand`.
    """
    start, mark, end = text.partition("/")
    if not mark:
        year, number = year_and_number(text)
        return {"year": year, "number": number}
    try:
        return {"dates": (date.fromisoformat(start), date.fromisoformat(end))}
    except ValueError:
        raise WrongCommand("Dates are from and to: write them such as 2026-10-01/2026-10-31.") from None
