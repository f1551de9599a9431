"""A worker is killed with SIGKILL in the middle of a run: nothing is ever posted twice, and nothing is forgotten."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub import Booking, Calendar, Hub, PeriodType, Process, Scope
from hub.intake.timecards import read_timecards
from hub.testing.clock import FakeClock
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator

WORKER = """
import sys
from hub import Hub, Process
with Hub.open(Process(database_url=sys.argv[1], allow_loopback=True)) as hub:
    print("ready", flush=True)
    hub.run("acme", int(sys.argv[2]))
"""


def make_plan(hub: Hub, simulator: NmbrsSimulator, folder: Path) -> int:
    """Bring a company up to a released plan of some fifty entries."""
    hub.add_company("acme", "Acme")
    hub.connect("acme", "nmbrs", simulator.connect_settings())
    hub.set_wage_period("acme", "nmbrs", "3101", Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1)))
    hub.map("acme", "nmbrs", Booking("worked", "2100"))
    hub.apply_sync("acme", hub.plan_sync("acme", "nmbrs"))
    rows = [
        f"T-{person},nmbrs-{person},,2026-10-05T08:00,2026-10-05T16:00,approved" for person in range(50001, 50061, 2)
    ]
    hours = folder / "hours.csv"
    hours.write_text("\n".join(["id,member,venue,start,end,status", *rows]))
    hub.import_timecards("acme", read_timecards(hours))
    scope = Scope(provider="nmbrs", administration="3101", year=2026, number=10, groups=("worked", "days"))
    plan = hub.plan("acme", scope)
    hub.release("acme", plan.id, "Robin")
    return plan.id


@pytest.mark.parametrize("calls", [1, 9, 20])
def test_a_killed_worker_never_posts_twice(tmp_path: Path, calls: int) -> None:
    """Killed after so many postings were received: what was on its way is read back, and each entry is there once."""
    process = Process(database_url=f"sqlite:///{tmp_path}/hub.db", allow_loopback=True)
    clock = FakeClock(at=datetime.now(UTC))
    with NmbrsSimulator(employees=60, latency_ms=20) as simulator, Hub.open(process, clock=clock) as hub:
        plan = make_plan(hub, simulator, tmp_path)
        kill_after(calls, simulator, process, plan)
        before = in_payroll(simulator)
        run = hub.run("acme", plan)
        assert {one.state for one in run.entries} <= {"verified", "in doubt", "confirmed"}
        assert max(in_payroll(simulator).values()) == 1
        assert before <= in_payroll(simulator)
        clock.forward(NmbrsProvider.settle_seconds)  # what is not there is now known not to come
        run = hub.run("acme", plan)
        assert (run.state, run.counts) == ("done", {"verified": len(run.entries)})
        assert sorted(in_payroll(simulator).values()) == [1] * len(run.entries)


def in_payroll(simulator: NmbrsSimulator) -> Counter[tuple[int, str]]:
    """Return how many rows payroll holds per employee and kind."""
    return Counter((row["employee"], row["kind"]) for row in simulator.state()["rows"])


def kill_after(calls: int, simulator: NmbrsSimulator, process: Process, plan: int) -> None:
    """Start a worker and kill it as soon as payroll received so many postings."""
    command = [sys.executable, "-c", WORKER, process.database_url, str(plan)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        give_up = time.monotonic() + 60
        while received(simulator) < calls and time.monotonic() < give_up and worker.poll() is None:
            time.sleep(0.001)
        worker.send_signal(signal.SIGKILL)


def received(simulator: NmbrsSimulator) -> int:
    """Return how many postings arrived."""
    counted = simulator.state()["calls"]
    return int(counted.get("HourComponentVar_Insert", 0) + counted.get("DaysVar_Set", 0)) - probes(counted)


def probes(counted: dict[str, int]) -> int:
    """Return how many of them only tried a right: two at each activation."""
    return 2 * int(counted.get("Environment_Get", 0))
