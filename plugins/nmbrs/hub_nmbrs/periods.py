"""Wage periods in the spellings of Nmbrs.

`2026-3-M`, `2026-03-M`, `2026-4-4W`, `2026-4-W4`, `2026-53-W1` and `2026-53-1W`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hub import PeriodType

LAST_NUMBER = {PeriodType.MONTH: 12, PeriodType.FOUR_WEEKS: 13, PeriodType.WEEK: 53}
"""The highest period number of each type; not every year has 53 weeks, and Nmbrs itself refuses one too many."""

_SPELLING = re.compile(r"(\d{4})-0?(\d{1,2})-(M|4W|W4|1W|W1|W)", re.ASCII | re.IGNORECASE)
_TYPES = {"M": PeriodType.MONTH, "4": PeriodType.FOUR_WEEKS, "": PeriodType.WEEK}


class CurrentPeriod(NamedTuple):
    """The period that payroll is working on in an administration."""

    type: PeriodType
    year: int
    number: int


def current_period(text: str) -> CurrentPeriod | None:
    """Return the period that Nmbrs spells like this, or None if it is no spelling of a period."""
    found = _SPELLING.fullmatch(text.strip())
    if found is None:
        return None
    kind = _TYPES[found[3].upper().strip("1W")]
    number = int(found[2])
    return CurrentPeriod(kind, int(found[1]), number) if 1 <= number <= LAST_NUMBER[kind] else None
