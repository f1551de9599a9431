"""Wage periods: which business dates a period holds, and to which period a business date belongs.

A calendar is counted from the start of the first wage period of a year. The year is called by the year in which the
middle of that first period lies: four weeks from 2025-12-29 are the first period of 2026. Months keep the day they were
anchored on and are clamped to the length of each month. Weeks follow the weeks of the ISO year, shifted by a constant
number of days, so that a year has 52 or 53 of them; what happens to week 53 under four weeks differs per provider
(Nmbrs and Loket put it into period 13, Loon.nl makes a period 14) and is therefore a choice without a default.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self

from pydantic import field_validator, model_validator

from hub.durations import YEARS, check_year
from hub.errors import InputError
from hub.models import Model, PeriodType, WagePeriod

_WORDS = {PeriodType.MONTH: "months", PeriodType.FOUR_WEEKS: "four weeks", PeriodType.WEEK: "weeks"}


class Week53(StrEnum):
    """Where week 53 of a long year goes under four weeks: into period 13 (35 days), or into a period 14 (7 days)."""

    IN_13 = "in_13"
    OWN_PERIOD = "own_period"


class Calendar(Model):
    """The wage periods of one administration and contract type.

    `first_start` is the first day of the first wage period of any one year. `week53` must be chosen for four weeks and
    means nothing for the other types. Raises pydantic's `ValidationError` without it, or where `first_start` lies
    outside the years that the hub knows.
    """

    type: PeriodType
    first_start: date
    week53: Week53 | None = None

    @field_validator("type")
    @classmethod
    def _can_be_counted(cls, type_: PeriodType) -> PeriodType:
        if type_ is PeriodType.RANGE:
            raise ValueError("wage periods are counted in months, four weeks or weeks")
        return type_

    @field_validator("first_start")
    @classmethod
    def _known_year(cls, first_start: date) -> date:
        if first_start.year not in YEARS:
            raise ValueError(f"first_start must lie in the years {YEARS.start} to {YEARS.stop - 1}")
        return first_start

    @model_validator(mode="after")
    def _week53_chosen(self) -> Self:
        if self.type is PeriodType.FOUR_WEEKS and self.week53 is None:
            raise ValueError("wage periods of four weeks need the choice of week53: in_13 or own_period")
        return self

    def period_of(self, day: date) -> WagePeriod:
        """Return the wage period that a business date belongs to; `InputError` outside the known years."""
        check_year(day.year)
        periods = _periods(self, _year_of(self, day))
        return periods[bisect_right(periods, day, key=_start) - 1]

    def periods_of(self, year: int) -> tuple[WagePeriod, ...]:
        """Return all wage periods of a year, in order; `InputError` outside the known years."""
        check_year(year)
        return _periods(self, year)

    def dates_of(self, year: int, number: int) -> WagePeriod:
        """Return one wage period by its year and number, from 1; `InputError` if that year has no such period."""
        periods = self.periods_of(year)
        if not 1 <= number <= len(periods):
            raise InputError(
                f"The year {year} has {len(periods)} wage periods ({_WORDS[self.type]}): "
                f"give a number from 1 to {len(periods)}."
            )
        return periods[number - 1]


LONGEST_RANGE = 366
"""The most days that one file may cover."""


def range_of(start: date, end: date) -> WagePeriod:
    """Return the dates from `start` to `end`, both of them within, in the shape of a wage period.

    Its number names the range within its year: the day of the year on which it starts, times 1000, and its days.
    Raises `InputError` for a range that is empty or longer than 366 days, or outside the known years.
    """
    check_year(start.year)
    days = (end - start).days + 1
    if not 1 <= days <= LONGEST_RANGE:
        raise InputError(f"From {start} to {end} is no range of 1 to {LONGEST_RANGE} days: give other dates.")
    number = start.timetuple().tm_yday * 1000 + days
    return WagePeriod(type=PeriodType.RANGE, year=start.year, number=number, start=start, end=end)


def name_of(year: int, number: int) -> str:
    """Return how a wage period is called: its year and number, or the dates of which `range_of` made the number."""
    day, days = divmod(number, 1000)
    if not day:
        return f"{year}-{number}"
    start = date(year, 1, 1) + timedelta(days=day - 1)
    return f"{start} to {start + timedelta(days=days - 1)}"


def _start(period: WagePeriod) -> date:
    return period.start


@lru_cache(maxsize=1024)
def _periods(calendar: Calendar, year: int) -> tuple[WagePeriod, ...]:
    starts = _starts(calendar, year)
    nexts = [*starts[1:], _starts(calendar, year + 1)[0]]
    return tuple(
        WagePeriod(type=calendar.type, year=year, number=number, start=start, end=following - timedelta(days=1))
        for number, (start, following) in enumerate(zip(starts, nexts, strict=True), start=1)
    )


def _starts(calendar: Calendar, year: int) -> list[date]:
    if calendar.type is PeriodType.MONTH:
        months = 12 * (year - _first_year(calendar))
        return [_months_after(calendar.first_start, months + number) for number in range(12)]
    weeks = _iso_weeks(year)
    first = _first_monday(year) + _shift(calendar)
    if calendar.type is PeriodType.WEEK:
        return [first + timedelta(weeks=number) for number in range(weeks)]
    periods = 14 if weeks == 53 and calendar.week53 is Week53.OWN_PERIOD else 13
    return [first + timedelta(weeks=4 * number) for number in range(periods)]


def _year_of(calendar: Calendar, day: date) -> int:
    # A year starts at the earliest in the December before it, so the year after the next cannot have begun.
    year = day.year + 1
    while _periods(calendar, year)[0].start > day:
        year -= 1
    return year


@lru_cache(maxsize=1024)
def _first_year(calendar: Calendar) -> int:
    start = calendar.first_start
    following = {
        PeriodType.MONTH: _months_after(start, 1),
        PeriodType.FOUR_WEEKS: start + timedelta(weeks=4),
        PeriodType.WEEK: start + timedelta(weeks=1),
    }[calendar.type]
    return (start + timedelta(days=((following - start).days - 1) // 2)).year


def _months_after(anchor: date, months: int) -> date:
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def _shift(calendar: Calendar) -> timedelta:
    return calendar.first_start - _first_monday(_first_year(calendar))


def _first_monday(year: int) -> date:
    return date.fromisocalendar(year, 1, 1)


def _iso_weeks(year: int) -> int:
    # 28 December always lies in the last week of its ISO year.
    return date(year, 12, 28).isocalendar().week
