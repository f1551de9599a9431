"""The demonstration's company on the simulated Nmbrs: six venues, two administrations, made-up people and their hours.

The wage period of October 2026 holds the night in which the clock goes back; every card is there for a reason that the
expected outcome in the tests spells out.
"""

from datetime import date
from pathlib import Path

from hub import PeriodType
from hub.testing.story import Payroll, Story, Venue

_HERE = Path(__file__).parent

STORY = Story(
    company="de-linde",
    title="De Linde Horeca",
    venues=(
        Venue("linde-cafe", "3101", "KP10"),
        Venue("linde-terras", "3101", "KP20"),
        Venue("linde-keuken", "3101", "KP30"),
        Venue("zuid-strand", "3102", "KP40"),
        Venue("zuid-bar", "3102", "KP50"),
        Venue("zuid-keuken", "3102", "KP60"),
    ),
    codes={
        "worked": "2100",
        "surcharge:sunday-50": "5564",
        "surcharge:holiday-100": "6080",
        "meals": "2105",
        "allowance:travel": "5310",
        "allowance:bonus": "5600",
    },
    payrolls=(
        Payroll("3101", PeriodType.MONTH, date(2026, 1, 1), 2026, 10),
        Payroll("3102", PeriodType.FOUR_WEEKS, date(2025, 12, 29), 2026, 11, "in_13"),
    ),
    members=_HERE / "members.csv",
    timecards=_HERE / "timecards.csv",
    today=date(2026, 11, 2),
)
