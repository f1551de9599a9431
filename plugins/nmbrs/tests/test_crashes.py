"""Real crashes: workers that are killed or frozen while they export to the simulated Nmbrs, on both databases."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub import Hub, Process
from hub.store.companies import Audit
from hub.store.engine import make_engine
from hub.store.exports import Attempt, Entry
from hub.store.rows_apart import of_all
from hub.testing.crash_company import CrashCompany, account, crash_company
from hub.testing.crash_journal import standing
from hub.testing.crashing import CLOSE, SEND, START, Crashes, Trial, run_crashes
from hub.testing.fixtures import SECRET_KEY
from hub.testing.shell import (
    DONE,
    HUB,
    Done,
    compiled_once,  # noqa: F401 - pytest finds it here by name
    documented,
    environment,
)
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.story import STORY

COMMANDS = Path(__file__).parents[3] / "docs" / "commands.md"

RESENDING = """
import sys
from hub.export.posting import engine
from hub.export.posting.jobs import Ending
from hub.export.states import Outcome
from hub.testing.crash_worker import main

def recover(journal, now):
    left = [call for call in now.doubts if call.outcome is Outcome.OPEN]
    for call in left:
        journal.finish(call, Ending(Outcome.NOT_SENT, fault="it did not come back, so it was not sent"))
    return len(left)

engine.recover = recover
sys.exit(main())
"""
"""A worker with a mistake: it takes what a crash cut off for not sent."""

FREEZING = """
import importlib, os, signal, sys
from hub import Hub
from hub.export.posting import lease
from hub.testing.at_work import just_before
from hub_nmbrs.provider import NmbrsProvider

NmbrsProvider.concurrency = 1  # so that no other thread holds the database when all stand still
lease.SECONDS = 1.0
lease.Lease.keep = lambda self: None
company, plan, module, owner, name = sys.argv[1:]
place = importlib.import_module(module)
with just_before(getattr(place, owner, place), name, lambda: os.kill(os.getpid(), signal.SIGSTOP)):
    with Hub.open() as hub:
        hub.run(company, int(plan))
"""
"""A worker that freezes just before it calls a function for the first time, and whose lease lasts a second."""


# -- killed -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The hub's key, set for this process and the workers."""
    monkeypatch.setenv("HUB_SECRET_KEY", SECRET_KEY)
    return SECRET_KEY


def run_number(database_url: str) -> int:
    """Return the number of the only run: PostgreSQL gives none again that a killed transaction had taken."""
    engine = make_engine(database_url)
    with of_all(engine).connect() as connection:
        number: int = connection.execute(text("SELECT id FROM run")).scalar_one()
    engine.dispose()
    return number


@pytest.mark.timeout(600)
def test_1500_entries_are_each_in_payroll_once_although_the_worker_was_killed_thirty_times(
    database_url: str, key: str
) -> None:
    """Killed while it starts, sends and checks; what a kill left in doubt was found, or sent again if it was absent."""
    found = run_crashes(Trial(entries=1500, kills=30, latency_ms=10, database_url=database_url))
    assert sum(found.kills.values()) >= 30
    assert set(found.kills) == {START, SEND, CLOSE}
    assert found.states == {"verified": 1500}
    assert [(one.approved, one.in_payroll, one.double, one.lost) for one in found.codes] == [(500, 500, 0, 0)] * 3
    assert found.white == found.timecards == 500
    killed, lost = found.doubts
    assert min(killed.found, killed.absent, lost.found) > 0
    assert killed.calls == killed.found + killed.absent
    assert found.holds
    number = run_number(database_url)
    shown = hub("export", "show", str(number), HUB_DATABASE_URL=database_url, HUB_SECRET_KEY=key)
    assert (shown.stdout.splitlines(), shown.stderr) == (
        [f"Run {number} of plan 1: done. Entries: 1500 verified.", "Timecards turned white: 500."],
        "",
    )


def test_a_worker_that_sends_again_what_a_crash_cut_off_is_caught() -> None:
    """The same trial with that mistake: payroll holds entries twice, and the trial says so."""
    found = run_crashes(Trial(entries=150, kills=6, workers=(sys.executable, "-c", RESENDING)))
    assert sum(one.double for one in found.codes) > 0
    assert sum(one.in_payroll for one in found.codes) == 150 + sum(one.double for one in found.codes)
    assert not found.holds


# -- frozen -----------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Frozen:
    """A company whose worker can be frozen, with the ways to run one."""

    hub: Hub
    simulator: NmbrsSimulator
    company: CrashCompany

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a worker."""
        process = self.hub.process
        settings = environment(
            HUB_DATABASE_URL=process.database_url,
            HUB_SECRET_KEY=process.secret_key,
            HUB_ALLOW_LOOPBACK="1",
            HUB_OPERATION_SECONDS="1",
        )
        return subprocess.Popen([sys.executable, *command], env=settings, stdout=subprocess.DEVNULL)

    def overtake(self) -> None:
        """Let other workers carry the plan out to its end, as soon as they may."""
        give_up = time.monotonic() + 60
        while not standing(self.hub, self.company.id).is_done:
            assert time.monotonic() < give_up, "the run was never taken over"
            command = "import sys; from hub import Hub; Hub.open().run(sys.argv[1], int(sys.argv[2]), wait=True)"
            self.start("-c", command, self.company.id, str(self.company.plan)).wait(60)

    def written(self) -> list[Any]:
        """Return all that is written down, and all that payroll holds."""
        with self.hub.store.read(self.company.id) as session:
            rows = [one.model_dump() for table in (Entry, Attempt, Audit) for one in session.all(table)]
        return [*rows, *self.simulator.state()["rows"]]


@pytest.fixture
def frozen(process: Process) -> Iterator[Frozen]:
    """A company with thirty entries on a simulated Nmbrs, and a settle time of two seconds."""
    with NmbrsSimulator(employees=60) as simulator, Hub.open(process) as opened:
        yield Frozen(opened, simulator, crash_company(opened, simulator, STORY, "nmbrs", 10, settle_seconds=2))


@contextmanager
def standing_still(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """Wait until a worker has frozen itself; wake it afterwards, and wait until it has ended."""
    try:
        _, status = os.waitpid(worker.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status
        yield
        os.kill(worker.pid, signal.SIGCONT)
        assert worker.wait(60) == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            worker.wait()


@pytest.mark.parametrize(
    "moment",
    [
        ("hub.export.posting.journal", "Journal", "begin"),
        ("hub.export.posting.journal", "Journal", "check"),
        ("hub.export.posting.worker", "", "make"),
        ("hub.export.posting.journal", "Journal", "finish"),
    ],
    ids=["before it writes an attempt down", "after", "before the call", "after the call"],
)
def test_a_worker_that_was_frozen_and_overtaken_sends_and_writes_nothing_any_more(
    frozen: Frozen, moment: tuple[str, str, str]
) -> None:
    """It wakes up when another one has finished the run: payroll and journal stay exactly as they are."""
    with standing_still(frozen.start("-c", FREEZING, frozen.company.id, str(frozen.company.plan), *moment)):
        frozen.overtake()
        before = frozen.written()
    assert frozen.written() == before
    codes = account(frozen.company.approved, frozen.simulator.state()["rows"])
    assert [(one.in_payroll, one.double, one.lost) for one in codes] == [(10, 0, 0)] * 3
    assert standing(frozen.hub, frozen.company.id).states == {"verified": 30}


# -- the command ------------------------------------------------------------------------------------------------------


def hub(*arguments: str, **settings: str) -> Done:
    """Run the command `hub`."""
    return subprocess.run(
        [HUB, *arguments], env=environment(**settings), capture_output=True, text=True, timeout=100, check=False
    )


def test_the_command_prints_what_payroll_holds_as_documented() -> None:
    """`--json` has the documented keys, nothing is printed beside it, and the exit code says that all is well."""
    done = hub("crashes", "--entries", "30", "--kills", "2", "--json")
    assert (done.returncode, done.stderr) == (DONE, "")
    told = json.loads(done.stdout)
    assert set(told) == documented(COMMANDS)["hub crashes"] == {one.name for one in dataclasses.fields(Crashes)}
    assert [(one["code"], one["in_payroll"]) for one in told["codes"]] == [("2100", 10), ("5564", 10), ("6080", 10)]
    assert sum(told["kills"].values()) == 2
