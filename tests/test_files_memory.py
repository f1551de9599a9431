"""What a large file costs: the memory of a process of its own, measured after its rows were made."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

if not Path("/proc/self/clear_refs").exists():
    pytest.skip("This system does not tell the peak of a process", allow_module_level=True)

MEASURE = """
import json, sys
from pathlib import Path
from hub.files.layout import Grain
from hub.files.render import render
from hub.testing.file_rows import NOVEMBER, file_layout, many_rows

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

form, grain, number = sys.argv[1], Grain(sys.argv[2]), int(sys.argv[3])
about = {Grain.PERSON_DAY: ["D:date"], Grain.PERSON_CODE: ["C:code"]}.get(grain, [])
amounts = ["A:amount"] if grain is Grain.PERSON_CODE else ["U:amount:100", "T:amount:150"]
columns = ["B:bsn", "Nr:employee", "N:name", "K:cost_centre", "S:start", "E:end", *about, *amounts]
layout = file_layout(grain, *columns, format=form, totals=True)
rows = many_rows(number)
render(layout, rows[:20], NOVEMBER)
Path("/proc/self/clear_refs").write_text("5")
before = peak()
file = render(layout, rows, NOVEMBER)
print(json.dumps({"rows": file.rows, "grown": (peak() - before) / 1024}))
"""
"""The kernel is asked for the peak of this process since a moment; `getrusage` begins with that of the test runner."""


def measured(form: str, grain: str, number: int) -> tuple[int, float]:
    """Return how many rows a file has and by how many MiB its process grew while it was made."""
    command = [sys.executable, "-c", MEASURE, form, grain, str(number)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=100).stdout)
    return told["rows"], told["grown"]


@pytest.mark.parametrize(("grain", "lines"), [("person_day", 20_000), ("person_code", 6_000), ("person_period", 3_000)])
def test_twenty_thousand_rows_as_csv_take_at_most_sixty_megabytes(grain: str, lines: int) -> None:
    """The growth from the rows in memory to the file in memory, for each grain."""
    rows, grown = measured("csv", grain, 20_000)
    assert rows == lines
    assert 1 < grown <= 60


def test_twenty_thousand_rows_as_xlsx_take_at_most_a_hundred_megabytes() -> None:
    """A spreadsheet is made in memory, so that nobody's name is left on the disk; that costs more, but not much."""
    rows, grown = measured("xlsx", "person_day", 20_000)
    assert rows == 20_000
    assert 1 < grown <= 100
