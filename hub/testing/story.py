"""What a demonstration needs to know of a provider's simulated world: the company's settings, people and timecards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub.models import PeriodType


@dataclass(frozen=True)
class Venue:
    """A venue of the company and where its hours belong."""

    id: str
    administration: str
    cost_centre: str


@dataclass(frozen=True)
class Payroll:
    """An administration: how its wage periods are counted, and the period that is exported (year and number).

    For payroll that takes a file, `dates` (from and to) are exported in the place of a wage period.
    """

    administration: str
    type: PeriodType
    first_start: date
    year: int = 0
    number: int = 0
    week53: str = ""
    dates: tuple[date, date] | None = None


@dataclass(frozen=True)
class Story:
    """A company on one provider. `codes` maps components to codes; the two files are those of a host platform."""

    company: str
    title: str
    venues: tuple[Venue, ...]
    codes: dict[str, str]
    payrolls: tuple[Payroll, ...]
    members: Path
    timecards: Path
    today: date
