"""Time: the business date of a shift, its worked minutes, and reading a moment that a host wrote.

Everything here is in whole minutes and right in the nights when the clock changes: two moments in the same time zone
subtract as wall-clock times in Python, so durations are taken in UTC, and a moment keeps the offset that it had instead
of the name of its zone. The host owns rounding: a moment with seconds is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from hub.errors import InputError

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""The time zone of every business date."""

YEARS = range(1970, 2200)
"""The years that the hub knows; a date outside them is a typing error."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?",
    re.ASCII,
)
_EXPECTED = "a date and time such as 2026-11-20T17:30 or 2026-11-20T17:30+01:00"


def check_year(year: int) -> None:
    """Raise `InputError` if the hub does not know this year."""
    if year not in YEARS:
        raise InputError(f"The year must be one of {YEARS.start} to {YEARS.stop - 1}: correct the date.")


def business_date(start: datetime, new_day: time) -> date:
    """Return the one business date of a shift, by the moment it starts, in Europe/Amsterdam.

    A shift that starts before `new_day` (local time) belongs to the day before. Raises `InputError` for a moment
    without an offset.
    """
    local = amsterdam_clock(start)
    return local.date() - timedelta(days=1) if local.time() < new_day else local.date()


def worked_minutes(start: datetime, end: datetime, break_minutes: int) -> int:
    """Return the minutes that really passed between two moments, less the break; negative if `end` comes first.

    Raises `InputError` for a moment without an offset or with seconds.
    """
    passed = amsterdam_clock(end).astimezone(UTC) - amsterdam_clock(start).astimezone(UTC)
    return passed // timedelta(minutes=1) - break_minutes


def amsterdam_clock(moment: datetime) -> datetime:
    """Return the same moment as the clock in Amsterdam shows it, with its offset (+01:00 or +02:00) fixed.

    Raises `InputError` for a moment without an offset, with seconds, or outside the years that the hub knows.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise InputError("A moment needs an offset from UTC, such as +01:00: add it.")
    return _amsterdam_clock(moment.replace(tzinfo=None, fold=0), offset)


@lru_cache(maxsize=20_000)
def _amsterdam_clock(wall: datetime, offset: timedelta) -> datetime:
    """Remember what many shifts share: the moments of a month at which people begin and end."""
    check_year(wall.year)
    local = wall.replace(tzinfo=timezone(offset)).astimezone(AMSTERDAM)
    if local.second or local.microsecond:
        raise InputError("A moment must be in whole minutes: round it before you send it.")
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)


@lru_cache(maxsize=20_000)
def local_moment(text: str) -> datetime:
    """Read an ISO 8601 date and time: with an offset, or without one as the clock in Amsterdam.

    Returns the moment as the clock in Amsterdam shows it, with a fixed offset. Raises `InputError`, which never quotes
    the text, if it is no date and time, has seconds, or if the clock showed that time twice or never.
    """
    moment = _parsed(text) if _MOMENT.fullmatch(text) else None
    if moment is None:
        raise InputError(f"The moment is not {_EXPECTED}: correct it.")
    if moment.utcoffset() is None:
        moment = _in_amsterdam(moment)
    return amsterdam_clock(moment)


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _in_amsterdam(wall: datetime) -> datetime:
    first, second = (wall.replace(tzinfo=AMSTERDAM, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    summer_time_ends = (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
    trouble = "shows twice" if summer_time_ends else "skips"
    raise InputError(
        f"The moment is a time that the clock {trouble} in the night it changes: "
        "add the offset (+02:00 for summer time or +01:00 for winter time)."
    )
