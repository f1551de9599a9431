"""The demonstration's company on Horecalonen: made-up people, and their hours of October 2026 in a file."""

from datetime import date
from pathlib import Path

from hub import PeriodType
from hub.testing.story import Payroll, Story

_HERE = Path(__file__).parent
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))

STORY = Story(
    company="de-kade",
    title="De Kade Eetcafé",
    venues=(),
    codes={"surcharge:sunday-50": "toeslag zondag 50%", "allowance:travel": "reiskosten"},
    payrolls=(Payroll("horecalonen", PeriodType.RANGE, OCTOBER[0], dates=OCTOBER),),
    members=_HERE / "members.csv",
    timecards=_HERE / "timecards.csv",
    today=date(2026, 11, 2),
)
