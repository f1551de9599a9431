"""How a sample writes its values: decimal sign, zeros, hours, negatives, dates. Only that; never a value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.errors import InputError
from hub.files.layout import DATES

_CLOCK = re.compile(r"-?\d{1,3}:[0-5]\d")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,6})(?:([.,])(\d+))?")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:[.,'\s]\d{3})+(?:[.,]\d+)?")
_DATE = re.compile(r"\d{8}|\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_YEARS = range(1990, 2101)


@dataclass(frozen=True)
class Form:
    """Part of a layout that was found, and what could not be told."""

    fields: Mapping[str, str | bool] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def are_amounts(texts: Sequence[str]) -> bool:
    """Tell whether there are texts and all are amounts or times: no long numbers, and none with a zero first."""
    return bool(texts) and all(any(form.fullmatch(text) for form in (_CLOCK, _NUMBER, _THOUSANDS)) for text in texts)


def are_dates(texts: Sequence[str]) -> bool:
    """Tell whether all texts have the look of a date."""
    return all(_DATE.fullmatch(text) for text in texts)


def check_amounts(texts: Sequence[str], column: int) -> None:
    """Raise `InputError` if a layout cannot write amounts as they are in this column."""
    if any(_THOUSANDS.fullmatch(text) for text in texts):
        raise InputError(
            f"Column {column} of the sample has numbers with a thousands separator, or with three decimals: a layout "
            "writes neither. Take them out, ask the provider whether that is accepted, and try again."
        )
    if texts and not are_amounts(texts):
        raise InputError(
            f"Column {column} of the sample should hold amounts, but not all of its cells are numbers such as 7,50 or "
            "times such as 7:30: correct them, or give the column another header, and try again."
        )


def amounts_form(texts: Sequence[str], *, sign_matters: bool, fallback: str) -> Form:
    """Return how amounts are written; `fallback` is the decimal sign where none is seen.

    Raises `InputError` if both decimal signs are used.
    """
    numbers = [found for found in map(_NUMBER.fullmatch, texts) if found]
    signs = {found[1] for found in numbers if found[1]}
    if len(signs) > 1:
        raise InputError("The sample writes decimals with a comma and with a point: choose one and try again.")
    sign, unsure = (signs.pop(), "") if signs else (fallback, "The sample has no decimals: their sign is a guess.")
    zeros, doubt = _zeros([found[2] or "" for found in numbers])
    clock, early = _hours(texts)
    negative = any(text.startswith("-") for text in texts)
    mind = (
        "" if negative else "The sample takes nothing back: ask whether an amount may be negative, else set negative."
    )
    fields = {"decimal_sign": sign, "zeros": zeros, "hours": clock}
    notes = (unsure if sign_matters else "", doubt, early, mind)
    return Form(fields, tuple(note for note in notes if note))


def dates_form(texts: Collection[str]) -> Form:
    """Return how dates are written; with a note, and no field, where that cannot be told."""
    if not texts:
        return Form(notes=("The sample has no dates to see how they are written: date_format is a guess.",))
    fitting = [name for name, form in DATES.items() if all(_is_date(text, name, form) for text in texts)]
    if not fitting:
        return Form(
            notes=("The dates of the sample are written in a form that no layout has: date_format is a guess.",)
        )
    return Form({"date_format": fitting[0]})


def _zeros(decimals: Sequence[str]) -> tuple[bool, str]:
    """Tell from the decimals of each number whether there are always two."""
    two = all(len(one) == 2 for one in decimals)
    if not decimals or (two and not any(one.endswith("0") for one in decimals)):
        return True, "The sample does not tell whether a whole number has zeros behind it: zeros is a guess."
    if two:
        return True, ""
    mixed = any(one.endswith("0") or len(one) > 2 for one in decimals)
    return False, "The sample does not write all numbers with as many decimals: zeros is a guess." if mixed else ""


def _hours(texts: Sequence[str]) -> tuple[str, str]:
    clocks = [text for text in texts if _CLOCK.fullmatch(text)]
    if not texts:
        return "decimal", "The sample has no amounts to see how hours are written: hours is a guess."
    early = any(re.fullmatch(r"-?0\d+:\d\d", text) for text in clocks)
    note = "The sample writes a zero before an hour (07:30); the layout does not (7:30)." if early else ""
    return "hh:mm" if clocks else "decimal", note


def _is_date(text: str, name: str, form: str) -> bool:
    try:
        return len(text) == len(name) and datetime.strptime(text, form).year in _YEARS  # noqa: DTZ007 - only a date
    except ValueError:
        return False
