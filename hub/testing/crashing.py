"""An export whose worker is killed again and again, with SIGKILL, while payroll also loses answers.

The worker is a process of its own. It is killed at moments that are spread over all that it does: just after it was
started, while it sends, and during the closing check. In the end one may finish, and what payroll holds is compared
with what was approved.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO
from unittest.mock import patch

from hub import Hub, Process
from hub.export.states import EntryState
from hub.registry import SIMULATORS, STORIES, companion
from hub.testing.crash_company import COMPONENTS, PEOPLE_FOR_ONE, CodeAccount, CrashCompany, account, crash_company
from hub.testing.crash_journal import Doubts, Standing, doubts, standing, white
from hub.testing.crash_worker import KILLED, WORKERS, Workers
from hub.testing.simulator import Handler, Reply, Request, Simulator
from hub.vault import new_key

START, SEND, CLOSE = "while it started", "while it sent", "during the closing check"

_ANSWERS, _REQUESTS = 150, 400
"""One answer in so many is lost on its way back, and one request in so many on its way there."""

_EARLY = 5
"""One kill in so many comes just after the start, before anything is sent."""

_START_SECONDS = 0.8
"""About how long a worker takes until it sends."""

_CHECKING = 1 / 3
"""What it costs to verify an entry, where sending it costs 1: all entries of a slot are read together."""

_LOOK = 0.03
"""How often, in seconds, the killer looks how far the worker is."""

_PATIENCE = 120.0
"""The longest that a worker may live, in seconds."""

_TRIES = 10
"""How often a worker is started in the end to finish what is left."""


@dataclass(frozen=True)
class Trial:
    """What to try. Payroll answers after `latency_ms`; with the same `seed` the same things go wrong.

    Without a `database_url` it is an SQLite file that is thrown away. `workers` is the command that makes workers.
    """

    entries: int = 1500
    kills: int = 30
    latency_ms: float = 50
    seed: int = 1
    provider: str = "nmbrs"
    database_url: str = ""
    workers: Sequence[str] = WORKERS

    @property
    def people(self) -> int:
        """How many people work: each has one entry for each component."""
        return max(1, round(self.entries / len(COMPONENTS)))

    @property
    def operation_seconds(self) -> float:
        """How long a call may take, its answer included."""
        return max(2.0, self.latency_ms / 100)

    @property
    def settle_seconds(self) -> float:
        """How long after a lost answer its effect may still come: longer than any call lasts."""
        return 2 * self.operation_seconds


@dataclass(frozen=True)
class Crashes:
    """What came of a trial. `kills` are counted per moment, `states` are those of the entries in the end.

    `white` of the `timecards` turned white; `said` is what the last worker said that ended by itself.
    """

    codes: tuple[CodeAccount, ...]
    kills: dict[str, int]
    doubts: tuple[Doubts, ...]
    states: dict[str, int]
    timecards: int
    white: int
    seconds: float
    said: str

    @property
    def holds(self) -> bool:
        """Tell whether payroll holds each entry once, and the hub knows it: all verified, and every timecard white."""
        once = not any(one.double or one.lost for one in self.codes)
        return once and set(self.states) == {"verified"} and self.white == self.timecards


@dataclass
class Telling:
    """What is told on the way; each does nothing unless it is given."""

    ready: Callable[[CrashCompany], None] = lambda company: None
    killed: Callable[[int], None] = lambda number: None


def run_crashes(trial: Trial, tell: Telling | None = None) -> Crashes:
    """Carry a trial out. Raises `HubError` where it cannot be set up."""
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="payroll-hub-") as folder,
        companion(SIMULATORS, trial.provider)(employees=PEOPLE_FOR_ONE * trial.people, seed=trial.seed) as simulator,
        Path(folder, "workers.log").open("w+") as said,
        Hub.open(_process(trial, Path(folder))) as hub,
    ):
        story = companion(STORIES, trial.provider)
        company = crash_company(hub, simulator, story, trial.provider, trial.people, trial.settle_seconds)
        with _troubled(simulator, trial), _workers(hub, company, trial, said) as workers:
            killer = _Killer(hub, company, trial, tell or Telling(), workers)
            killer.play()
        return Crashes(
            codes=account(company.approved, simulator.state()["rows"]),
            kills=dict(killer.kills),
            doubts=doubts(hub, company.id),
            states=standing(hub, company.id).states,
            timecards=company.timecards,
            white=white(hub, company.id),
            seconds=round(time.monotonic() - began, 1),
            said=_last_line(said),
        )


def _process(trial: Trial, folder: Path) -> Process:
    return Process(
        database_url=trial.database_url or f"sqlite:///{folder / 'crashes.db'}",
        secret_key=Process.from_environment().secret_key or new_key(),
        allow_loopback=True,
        operation_seconds=trial.operation_seconds,
    )


def _workers(hub: Hub, company: CrashCompany, trial: Trial, said: IO[str]) -> Workers:
    settings = {
        "HUB_DATABASE_URL": hub.process.database_url,
        "HUB_SECRET_KEY": hub.process.secret_key,
        "HUB_OPERATION_SECONDS": str(hub.process.operation_seconds),
        "HUB_ALLOW_LOOPBACK": "1",
    }
    return Workers([*trial.workers, company.id, str(company.plan)], settings, said)


def _last_line(said: IO[str]) -> str:
    """Return the last sentence that was said; the lines of a traceback are indented."""
    said.seek(0)
    return next((line for line in reversed(said.read().splitlines()) if line.strip() == line != ""), "")


@contextmanager
def _troubled(simulator: Simulator, trial: Trial) -> Iterator[None]:
    """Let payroll take its time, and lose an answer or a request now and then."""
    calls, chance = 4 * trial.entries, random.Random(trial.seed)  # noqa: S311 - the same troubles for the same seed
    for often, fault in ((_ANSWERS, "lost-answer"), (_REQUESTS, "lost-request")):
        simulator.inject(*(f"{fault}+{one}*1" for one in chance.sample(range(calls), calls // often)))
    with patch.object(simulator, "route", _slow(simulator.route, trial.latency_ms / 1000)):
        yield


def _slow(route: Callable[[Request], tuple[str, Handler]], seconds: float) -> Callable[[Request], tuple[str, Handler]]:
    """Return a route that answers later than it was done. Only then can a kill come in between."""

    def slow(request: Request) -> tuple[str, Handler]:
        operation, handler = route(request)

        def late(fault: str) -> Reply:
            reply = handler(fault)
            return replace(reply, delay=reply.delay + seconds)

        return operation, late

    return slow


@dataclass
class _Killer:
    """Starts a worker again and again, and kills it.

    `kills` counts them per moment; `in_vain` counts the last workers that ended by themselves, one after the other.
    """

    hub: Hub
    company: CrashCompany
    trial: Trial
    tell: Telling
    workers: Workers
    kills: Counter[str] = field(default_factory=Counter)
    in_vain: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.trial.seed)  # noqa: S311 - the same moments for the same seed

    def play(self) -> None:
        """Kill as often as asked while there is work left; then let workers finish it."""
        self.tell.ready(self.company)
        while self.kills.total() < self.trial.kills and self.in_vain < _TRIES and not self._standing().is_done:
            self._life(self._standing())
        for _ in range(_TRIES):
            if self._standing().is_done:
                break
            self.workers.start()
            self.workers.has_ended(_PATIENCE)
            self.workers.end()

    def _standing(self) -> Standing:
        return standing(self.hub, self.company.id)

    def _life(self, before: Standing) -> None:
        """Start a worker and kill it when its moment has come; nothing counts if it ended by itself before."""
        self.workers.start()
        is_due = self._choose(before)
        while not is_due() and not self.workers.has_ended(_LOOK):
            pass
        code = self.workers.end()
        after = self._standing()
        self.in_vain = 0 if code == KILLED else self.in_vain + 1
        if code == KILLED and not after.is_done:
            self.kills[_moment(before, after)] += 1
            self.tell.killed(self.kills.total())

    def _choose(self, before: Standing) -> Callable[[], bool]:
        """Choose when to kill: soon after the start, or once a part of the work that is left is done."""
        began, killed = time.monotonic(), self.kills.total()
        if killed % _EARLY == 0:
            early = self.chance.uniform(0, _START_SECONDS)
            return lambda: time.monotonic() - began > early
        left = len(self.company.approved) * (1 + _CHECKING) - _progress(before)
        goal = _progress(before) + self.chance.uniform(0, 2 * left / (self.trial.kills - killed + 1))
        return lambda: _progress(self._standing()) > goal or time.monotonic() - began > _PATIENCE


def _progress(now: Standing) -> float:
    """Count what was done: calls, and for less what was verified."""
    return now.calls + _CHECKING * now.states.get(EntryState.VERIFIED, 0)


def _moment(before: Standing, after: Standing) -> str:
    """Say what a worker was doing when it was killed."""
    if _progress(after) == _progress(before):
        return START
    return SEND if after.sends else CLOSE
