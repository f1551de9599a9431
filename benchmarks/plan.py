"""100,000 timecards of 2,000 people, from the store to a plan that is kept; payroll is one in memory and holds nothing.

The floor fetches the same rows of the same SQLite file with the standard library and adds them up per person and code.
Each of the two is measured in processes of its own, in seconds of CPU; the memory is what planning adds to a hub that
is open.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from unittest.mock import patch

from benchmarks.report import Ratio, report, wants_json
from hub import Calendar, Hub, PeriodType, Process
from hub.administrations import Booking
from hub.durations import AMSTERDAM
from hub.export.planning.basis import Scope
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Timecard, TimecardStatus, Unit
from hub.testing.company import CODES, NOW, employee
from hub.testing.ledger import BOOKS, LedgerProvider

PEOPLE, CARDS_EACH = 2_000, 50
COMPANY, BOOK = "large", "benchmark"
LINES = PEOPLE * 4  # worked hours, Sundays, meals and days
ROUNDS = 3
OCTOBER = Scope(provider="ledger", administration="1", year=2026, number=10)
ROWS = """
SELECT id, revision, member, venue, date, start, "end", break_minutes, minutes, status, category, amounts, deleted,
    exported_revision, exported_by
FROM timecard WHERE company_id = ? AND date BETWEEN '2026-10-01' AND '2026-10-31' ORDER BY id
"""


def opened(file: Path) -> Hub:
    """Open the hub on an SQLite file."""
    return Hub.open(Process(database_url=f"sqlite:///{file}"), now=lambda: NOW)


def fill(file: Path) -> None:
    """Make a company with its people and timecards."""
    names = (f"e{number}" for number in range(PEOPLE))
    BOOKS[BOOK].employees = [employee(name, email=f"{name}@example.test") for name in names]
    with patch("hub.activation.find", lambda name, allowed: LedgerProvider), opened(file) as hub:
        hub.add_company(COMPANY, "Large")
        hub.connect(COMPANY, "ledger", {"book": BOOK})
        month = Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1))
        hub.set_wage_period(COMPANY, "ledger", "1", month)
        for component, code in CODES.items():
            hub.map(COMPANY, "ledger", Booking(component, code))
        hub.apply_sync(COMPANY, hub.plan_sync(COMPANY, "ledger"))
        hub.import_timecards(COMPANY, Reading(good=list(cards())))


def cards() -> Iterator[Timecard]:
    """Yield the timecards: every third has a surcharge, every fifth a meal."""
    for number in range(PEOPLE * CARDS_EACH):
        turn = number // PEOPLE
        start = datetime(2026, 10, 1 + turn % 31, 8 + 8 * (turn // 31), tzinfo=AMSTERDAM)
        amounts = [ComponentAmount(component="surcharge:sunday", unit=Unit.MINUTES, amount=60)] * (turn % 3 == 0)
        amounts += [ComponentAmount(component="meals", unit=Unit.PIECES, amount=1)] * (turn % 5 == 0)
        yield Timecard(
            id=f"T-{number}",
            member=f"ledger-e{number % PEOPLE}",
            date=start.date(),
            start=start,
            end=start + timedelta(minutes=437),
            break_minutes=30,
            status=TimecardStatus.APPROVED,
            amounts=tuple(amounts),
        )


def plan(file: Path) -> tuple[float, float]:
    """Make and keep the plan; return the seconds of CPU and the growth in MB."""
    with patch("hub.activation.find", lambda name, allowed: LedgerProvider), opened(file) as hub:
        memory, began = _memory(), time.process_time()
        view = hub.plan(COMPANY, OCTOBER)
        seconds, growth = time.process_time() - began, _memory() - memory
    if (len(view.lines), view.timecards) != (LINES, PEOPLE * CARDS_EACH):
        raise RuntimeError(f"{len(view.lines)} lines of {view.timecards} timecards are planned")
    return seconds, growth


def floor(file: Path) -> tuple[float, float]:
    """Fetch the rows and add them up; return the seconds of CPU and the growth in MB."""
    memory, began = _memory(), time.process_time()
    sums: Counter[tuple[str, str]] = Counter()
    days = set()
    with sqlite3.connect(file) as connection:
        for row in connection.execute(ROWS, (COMPANY,)).fetchall():
            member, day, minutes, amounts = row[2], row[4], row[8], row[11]
            sums[member, CODES["worked"]] += minutes
            days.add((member, day))
            for one in json.loads(amounts):
                sums[member, CODES[one["component"]]] += one["amount"]
    sums.update((member, "days") for member, _ in days)
    seconds, growth = time.process_time() - began, _memory() - memory
    if len(sums) != LINES:
        raise RuntimeError(f"{len(sums)} sums were made")
    return seconds, growth


def _memory() -> float:
    """Return the most memory that this process ever held, in MB.

    From the kernel's own page: what `getrusage` says starts with the most that the parent ever held.
    """
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


PARTS = {"fill": fill, "plan": plan, "floor": floor}


def in_own_process(part: str, file: Path) -> tuple[float, float]:
    """Do a part in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, part, str(file)]
    seconds, memory = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return float(seconds), float(memory)


def measure() -> tuple[list[Ratio], list[str]]:
    """Measure everything in one run; returns the ratios, and the times behind them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "hub.db")
        fill(file)
        runs = {part: [in_own_process(part, file) for _ in range(ROUNDS)] for part in ("plan", "floor")}
    seconds = {part: median(run[0] for run in each) for part, each in runs.items()}
    notes = [f"{part}: {one:.2f} s of CPU" for part, one in seconds.items()]
    return [
        Ratio("a plan ÷ fetching and adding up", seconds["plan"] / seconds["floor"], "<= 4"),
        Ratio("memory growth of a plan, MB", max(run[1] for run in runs["plan"]), "<= 200"),
    ], notes


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]))))
    else:
        as_json = wants_json(__doc__)
        ratios, notes = measure()
        report("plan", ratios, as_json=as_json, notes=notes)
