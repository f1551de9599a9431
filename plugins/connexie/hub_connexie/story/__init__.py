"""The demonstration's company on Connexie: made-up people, and their hours of October 2026 in a file."""

from datetime import date
from pathlib import Path

from hub import PeriodType
from hub.testing.story import Payroll, Story

_HERE = Path(__file__).parent
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))

STORY = Story(
    company="de-werf",
    title="De Werf Brasserie",
    venues=(),
    codes={"surcharge:night-25": "toeslag nacht 25%", "allowance:travel": "reiskosten"},
    payrolls=(Payroll("connexie", PeriodType.RANGE, OCTOBER[0], dates=OCTOBER),),
    members=_HERE / "members.csv",
    timecards=_HERE / "timecards.csv",
    today=date(2026, 11, 2),
)
