"""`hub worker` on PostgreSQL: two processes beside one, 4 calls in flight each, and payroll answers after 200 ms.

200 connections export, each a person with three entries, on one payroll: some of them with two workers while payroll
takes few calls a second, some with one worker, and the rest with two. The busiest second of payroll is compared with
its limit; the exports a second of two workers with those of one, measured from the first call to the last end, in the
same run, while the limit does not bind. The simulator runs in this process.
"""

from __future__ import annotations

import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

from benchmarks.report import Ratio, report, wants_json
from hub import Process
from hub.testing.crash_company import CrashCompany
from hub.testing.databases import fresh_database, postgres
from hub.testing.many_runs import Killable, ManyRuns, many_runs, until
from hub.testing.simulator import Handler, Request
from hub.vault import new_key

COMPANIES, LIMITED, ALONE = 200, 20, 60
"""How many connections in all; how many of them export within a low limit, and how many with one worker."""

LATENCY_MS, IN_FLIGHT, LIMIT, PATIENCE = 200, 4, 12, 600
WORKER = ("worker", "--concurrency", str(IN_FLIGHT))
SLOWER = (
    sys.executable,
    "-c",
    "from hub_nmbrs.provider import NmbrsProvider\n"
    f"NmbrsProvider.calls_per_second = {LIMIT}\n"
    "from hub.cli import main\nmain()",
)
"""The command `hub`, with a lower limit for payroll."""

Calls = list[float]


@contextmanager
def noted(made: ManyRuns) -> Iterator[Calls]:
    """Note when each call came to payroll."""
    calls: Calls = []
    route = made.simulator.route

    def noting(request: Request) -> tuple[str, Handler]:
        calls.append(time.monotonic())
        return route(request)

    with patch.object(made.simulator, "route", noting):
        yield calls


def export(made: ManyRuns, companies: Sequence[CrashCompany], workers: int, program: Sequence[str]) -> Calls:
    """Let so many workers export for some companies; return when payroll was called, and at last when all was done."""
    command = {"program": program} if program else {}
    with tempfile.TemporaryFile("w") as said, ExitStack() as running, noted(made) as calls:
        for _ in range(workers):
            running.enter_context(Killable(made.hub.process, WORKER, said, **command))
        made.ask(companies)
        for one in companies:  # one at a time: to look at all of them over and over would slow down what is measured
            until(partial(made.is_done, one), PATIENCE)
        return [*calls, time.monotonic()]


def busiest(calls: Calls) -> int:
    """Return how many calls came within one second at most."""
    found = sorted(calls)
    return max(bisect_left(found, start + 1) - place for place, start in enumerate(found))


def a_second(calls: Calls, companies: Sequence[CrashCompany]) -> float:
    """Return how many companies were done a second."""
    return len(companies) / (calls[-1] - calls[0])


def measured(process: Process) -> tuple[list[Ratio], list[str]]:
    """Measure everything in one run; returns the ratios, and what is behind them."""
    with many_runs(process, COMPANIES, 1, latency_ms=LATENCY_MS, settle_seconds=10) as made:
        slowly, alone, together = (
            made.companies[:LIMITED],
            made.companies[LIMITED : LIMITED + ALONE],
            made.companies[LIMITED + ALONE :],
        )
        limited = export(made, slowly, 2, SLOWER)
        one, two = export(made, alone, 1, ()), export(made, together, 2, ())
        lost = [each for each in made.account() if each.double or each.lost]
    if lost:
        raise AssertionError(lost)
    rates = a_second(one, alone), a_second(two, together)
    return [
        Ratio("calls of the busiest second ÷ limit, two workers", busiest(limited[:-1]) / LIMIT, "<= 1.1"),
        Ratio("exports a second, two workers ÷ one", rates[1] / rates[0], ">= 1.7"),
    ], [
        f"limit {LIMIT}: {len(limited) - 1} calls in {limited[-1] - limited[0]:.1f} s",
        f"one worker {rates[0]:.2f}, two workers {rates[1]:.2f} exports a second",
    ]


def measure() -> tuple[list[Ratio], list[str]]:
    """Measure on a PostgreSQL of its own."""
    with postgres() as server, fresh_database(server) as url:
        return measured(Process(database_url=url, secret_key=new_key(), allow_loopback=True))


if __name__ == "__main__":
    as_json = wants_json(__doc__)
    ratios, notes = measure()
    report("workers", ratios, as_json=as_json, notes=notes)
