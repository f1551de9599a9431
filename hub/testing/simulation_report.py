"""Tells at the end of a test run how many seeds were simulated and what was found, also where workers share the tests.

A `conftest.py` takes the hook over: `from hub.testing.simulation_report import pytest_terminal_summary`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from hub.testing.simulation_oracle import KINDS, Findings

PROPERTY = "simulation"
SHOWN = (
    *("seeds", "workers", "calls", "lost answer", "late effect", "repeated effect", "crashes", "freezes", "doubts"),
    *("needs decision", "drifted", "came after the closing check", *KINDS),
)


def told(record_property: Callable[[str, object], None], found: Findings) -> None:
    """Record what the seeds of a test showed."""
    counts = found.counts + Counter({name: len(getattr(found, name)) for name in KINDS})
    record_property(PROPERTY, {name: counts[name] for name in SHOWN})
    print(line(counts))  # noqa: T201 - shown with `pytest -s` and beside a failure


def line(counts: Counter[str]) -> str:
    """Return what was simulated and found, in one line."""
    return "simulation: " + ", ".join(f"{name} {counts[name]:,}" for name in SHOWN)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for all seeds of this test run."""
    counts: Counter[str] = Counter()
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for report in reports:
        counts.update({} if report.when != "call" else dict(report.user_properties).get(PROPERTY, {}))
    if counts:
        terminalreporter.write_line(line(counts))
