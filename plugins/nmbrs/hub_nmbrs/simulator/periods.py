"""Wage periods as Nmbrs counts them: twelve months, thirteen times four weeks, or 52 or 53 weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTH, FOUR_WEEKS, WEEK = "M", "4W", "1W"
"""The types of period, by the suffix that the WSDL's documentation uses."""


@dataclass(frozen=True, order=True)
class Period:
    """A period of a year."""

    year: int
    number: int


def last_number(kind: str, year: int) -> int:
    """Return the number of the last period of a year; 2026 has 53 weeks, and its thirteenth four weeks have five."""
    if kind == MONTH:
        return 12
    return 13 if kind == FOUR_WEEKS else date(year, 12, 28).isocalendar().week


def first_day(kind: str, period: Period) -> date:
    """Return the first day of a period."""
    if kind == MONTH:
        return date(period.year, period.number, 1)
    weeks = (period.number - 1) * (4 if kind == FOUR_WEEKS else 1)
    return date.fromisocalendar(period.year, 1, 1) + timedelta(weeks=weeks)


def following(kind: str, period: Period) -> Period:
    """Return the period after this one."""
    if period.number < last_number(kind, period.year):
        return Period(period.year, period.number + 1)
    return Period(period.year + 1, 1)


def spelled(kind: str, period: Period, *, padded: bool, letter_first: bool) -> str:
    """Return a period as Nmbrs writes it: `2026-3-M`, `2026-03-M` if padded; `4W`, or `W4` if the letter goes first."""
    number = f"{period.number:02d}" if padded else str(period.number)
    suffix = kind[::-1] if letter_first and kind != MONTH else kind
    return f"{period.year}-{number}-{suffix}"
