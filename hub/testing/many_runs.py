"""Many companies whose released plans wait for workers, and workers that are processes of their own, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hub import Hub, Process
from hub.jobs.kinds import JobKind, JobState
from hub.registry import SIMULATORS, STORIES, companion
from hub.testing.crash_company import PEOPLE_FOR_ONE, CodeAccount, CrashCompany, account, crash_company
from hub.testing.crash_journal import standing, white
from hub.testing.simulator import Simulator

HUB = str(Path(sys.executable).with_name("hub"))
"""The command of this environment."""

LOOK = 0.05


@dataclass(frozen=True)
class ManyRuns:
    """Companies with a released plan each, and the payroll that they share without sharing an employee."""

    hub: Hub
    simulator: Simulator
    companies: tuple[CrashCompany, ...]

    @property
    def entries(self) -> int:
        """How many entries there are in all."""
        return sum(len(one.approved) for one in self.companies)

    @property
    def posted(self) -> int:
        """How many rows payroll holds."""
        return len(self.simulator.state()["rows"])

    def ask(self, companies: Sequence[CrashCompany] = ()) -> None:
        """Ask for the runs of some companies; without any, of all."""
        for one in companies or self.companies:
            self.hub.ask_run(one.id, one.plan, actor="Robin")

    @property
    def done(self) -> int:
        """How many runs were carried out to their end."""
        return sum(map(self.is_done, self.companies))

    def is_done(self, company: CrashCompany) -> bool:
        """Tell whether the run of a company was carried out to its end."""
        return any((job.kind, job.state) == (JobKind.RUN, JobState.DONE) for job in self.hub.jobs(company.id))

    def account(self) -> tuple[CodeAccount, ...]:
        """Compare what was approved with what payroll holds."""
        approved = {key: hours for one in self.companies for key, hours in one.approved.items()}
        return account(approved, self.simulator.state()["rows"])

    def states(self) -> dict[str, int]:
        """Count the entries of all runs per state."""
        counts: dict[str, int] = {}
        for one in self.companies:
            for state, number in standing(self.hub, one.id).states.items():
                counts[state] = counts.get(state, 0) + number
        return counts

    @property
    def white(self) -> int:
        """How many timecards turned white."""
        return sum(white(self.hub, one.id) for one in self.companies)


@contextmanager
def many_runs(
    process: Process, companies: int, people: int, *, latency_ms: float, settle_seconds: float, provider: str = "nmbrs"
) -> Iterator[ManyRuns]:
    """Make the companies; payroll answers without delay until that is done, and then after `latency_ms`."""
    simulated = companion(SIMULATORS, provider)
    story = companion(STORIES, provider)
    with simulated(employees=PEOPLE_FOR_ONE * people * companies + 40) as simulator, Hub.open(process) as hub:
        made = tuple(
            crash_company(hub, simulator, story, provider, people, settle_seconds, people * place)
            for place in range(companies)
        )
        simulator.be_slow(latency_ms)
        yield ManyRuns(hub, simulator, made)


class Killable:
    """A process of the hub that can be killed like a machine that loses its power. A context manager."""

    def __init__(self, process: Process, words: Sequence[str], said: IO[str], program: Sequence[str] = (HUB,)) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        settings = {
            "HUB_DATABASE_URL": process.database_url,
            "HUB_SECRET_KEY": process.secret_key,
            "HUB_ALLOW_LOOPBACK": "1",
            "HUB_OPERATION_SECONDS": str(process.operation_seconds),
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [*program, *words], env={**kept, **settings}, stdout=said, stderr=said, text=True
        )

    def __enter__(self) -> Killable:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it at once, whatever it does."""
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self, seconds: float = 30) -> int:
        """Ask it to end in good order; return its exit code. Raises `TimeoutExpired`."""
        self._process.terminate()
        return self._process.wait(seconds)


def until(holds: Callable[[], bool], seconds: float) -> float:
    """Wait until something holds and return how many seconds that took. Raises `TimeoutError`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError
        time.sleep(LOOK)
    return time.monotonic() - began
