"""Faults 22 to 31: the process dies or freezes, the database is away or busy, and two workers meet."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from hub import Hub, Scope
from hub.export.posting.journal import Journal
from hub.export.posting.lease import SECONDS, Lease
from hub.intake.reading import Reading
from hub.testing.at_work import COMPANY, SETTLED, AtWork, just_before
from hub.testing.company import NOW, card
from hub.testing.shell import HUB, WAITS, Shell, monthly
from hub_nmbrs.simulator import NmbrsSimulator

Work = AtWork[NmbrsSimulator]

OCTOBER = Scope(provider="nmbrs", administration="3101", year=2026, number=10, groups=("worked",))


def is_there_once(work: Work, received: int, evidence: str) -> None:
    """Go on with plan 1 and check that its one entry is in payroll once, and how the hub knows."""
    assert work.run().state == "done"
    (entry,) = work.entries
    assert (entry.state, entry.evidence, work.received, len(work.rows)) == ("verified", evidence, received, 1)
    assert work.white == {"a"}


# -- the process dies -------------------------------------------------------------------------------------------------


def test_death_before_the_attempt_is_written_leaves_it_planned(work_on_both: Work) -> None:
    """22: nothing was sent, and nobody has to wonder."""
    work = work_on_both
    work.release(card("a", "nmbrs-50001"))
    work.crash(Journal, "begin")
    assert ([one.state for one in work.entries], work.outcomes, work.received) == (["planned"], [], 0)
    is_there_once(work, 1, "answer")


def test_death_after_the_attempt_is_written_is_a_doubt(work_on_both: Work) -> None:
    """23: the call was not made, but nobody can know: absent after the settle time, then sent."""
    work = work_on_both
    work.release(card("a", "nmbrs-50001"))
    work.crash(Journal, "check")
    assert ([one.state for one in work.entries], work.outcomes, work.received) == (["sending"], [""], 0)
    run = work.run()
    assert (run.state, run.entries[0].reason) == ("in doubt", "the hub stopped while it was sending this")
    work.clock.forward(SETTLED)
    is_there_once(work, 1, "answer")
    assert work.outcomes == ["absent", "accepted"]


def test_death_before_the_outcome_is_written_is_read_back(work_on_both: Work) -> None:
    """24: payroll has it; after a restart it is found, and not sent again."""
    work = work_on_both
    work.release(card("a", "nmbrs-50001"))
    work.crash(Journal, "finish")
    assert ([one.state for one in work.entries], work.outcomes, work.received) == (["sending"], [""], 1)
    is_there_once(work, 1, "read back")
    assert work.outcomes == ["found"]


def test_death_before_the_run_is_closed_changes_nothing(work_on_both: Work) -> None:
    """25: the state of a run is worked out from its entries, so it is the same before and after."""
    work = work_on_both
    work.release(card("a", "nmbrs-50001"))
    work.crash(Lease, "release")
    assert (work.hub.show(COMPANY, 1).state, work.received) == ("done", 1)
    is_there_once(work, 1, "answer")


def test_a_signal_to_end_finishes_the_call_and_pauses_the_run(tmp_path: Path) -> None:
    """26: a real process; no doubt is left, the exit code says that something waits, and going on completes it."""
    shell = Shell(tmp_path)
    with NmbrsSimulator(employees=60) as quick, Hub.open(shell.process, lambda: NOW) as hub:
        monthly(hub, COMPANY, OCTOBER, quick.connect_settings(), "2100")
        cards = [card(f"c{number}", f"nmbrs-{number}") for number in range(50001, 50061, 2)]
        hub.import_timecards(COMPANY, Reading(good=list(cards)))
        plan = hub.plan(COMPANY, OCTOBER)
        hub.release(COMPANY, plan.id, "Robin")
    slow = NmbrsSimulator(port=quick.port, employees=60, latency_ms=100)
    with slow, Hub.open(shell.process, lambda: NOW) as hub:
        code = _stopped_after(3, shell, slow)
        run = hub.show(COMPANY, 1)
        assert (code, run.state, run.paused) == (WAITS, "paused", "the operator stopped it")
        assert set(run.counts) == {"confirmed", "planned"}
        assert run.counts["confirmed"] == len(slow.state()["rows"])
        assert hub.run(COMPANY, 1).state == "done"
        there = sorted(str(row["employee"]) for row in slow.state()["rows"])
        assert there == sorted(one.employee for one in plan.lines)


def _stopped_after(rows: int, shell: Shell, simulator: NmbrsSimulator) -> int:
    """Run plan 1 in a process of its own, and tell it to end when payroll holds so many rows; return its exit code."""
    command = [str(HUB), "export", "run", "1"]
    with subprocess.Popen(command, env=shell.environment(), cwd=shell.folder, stderr=subprocess.DEVNULL) as worker:
        give_up = time.monotonic() + 60
        while len(simulator.state()["rows"]) < rows and time.monotonic() < give_up and worker.poll() is None:
            time.sleep(0.005)
        worker.send_signal(signal.SIGTERM)
        return worker.wait(60)


# -- the database -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def away(work: Work, times: int) -> Iterator[None]:
    """Let so many commits fail, as they do when the database goes away or its disk is full."""
    left = [OperationalError("COMMIT", {}, Exception("the disk is full")) for _ in range(times)]

    def fail(_: sa.Connection) -> None:
        if left:
            raise left.pop()

    sa.event.listen(work.hub.store.engine, "commit", fail)
    yield
    sa.event.remove(work.hub.store.engine, "commit", fail)


FOR_EVER = 99


@pytest.mark.parametrize("step", ["begin", "finish"])
def test_a_commit_that_fails_once_is_made_again(work_on_both: Work, step: str) -> None:
    """27 and 28: the run goes on as if nothing had been, and the call is made once."""
    work = work_on_both
    work.release(card("a", "nmbrs-50001"))
    with contextlib.ExitStack() as ends, just_before(Journal, step, lambda: ends.enter_context(away(work, 1))):
        assert work.run().state == "done"
    is_there_once(work, 1, "answer")
    assert work.outcomes == ["accepted"]


@pytest.mark.parametrize(("step", "received", "evidence"), [("begin", 0, "answer"), ("finish", 1, "read back")])
def test_a_database_that_stays_away_ends_the_run(work_on_both: Work, step: str, received: int, evidence: str) -> None:
    """27: no attempt, no call. 28: the call was made, so it is read back later; either way it is there once."""
    work = work_on_both
    work.release(card("a", "nmbrs-50001"))
    with contextlib.ExitStack() as ends, just_before(Journal, step, lambda: ends.enter_context(away(work, FOR_EVER))):
        with pytest.raises(OperationalError):
            work.run()
        assert work.received == received
    work.clock.forward(SECONDS + 1)
    is_there_once(work, 1, evidence)


def test_a_busy_database_is_waited_for(work: Work) -> None:
    """29: another process writes to the SQLite file; nothing is sent before the attempt could be committed."""
    file = work.hub.store.engine.url.database
    assert file is not None
    work.release(card("a", "nmbrs-50001"))
    writer = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    sent: list[int] = []

    def let_go() -> None:
        sent.append(work.received)
        writer.execute("ROLLBACK")

    def lock() -> None:
        writer.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, let_go).start()

    with contextlib.closing(writer), just_before(Journal, "begin", lock):
        assert work.run().state == "done"
    assert sent == [0]
    is_there_once(work, 1, "answer")


# -- two workers ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def second(work: Work) -> Iterator[Work]:
    """Open the same database once more, as a second worker on another machine does."""
    with Hub.open(work.hub.process, lambda: NOW, work.clock) as hub:
        yield replace(work, hub=hub)


@pytest.mark.parametrize("step", ["begin", "check", "finish"])
def test_a_second_worker_leaves_a_run_alone(work_on_both: Work, step: str) -> None:
    """30: one of them has the lease; the other ends without an error and without a call, at whatever step it comes."""
    seen: list[str] = []

    def come() -> None:
        with second(work_on_both) as other:
            calls = other.received
            seen.append(other.run().state)
            assert other.received == calls

    work_on_both.release(card("a", "nmbrs-50001"))
    with just_before(Journal, step, come):
        assert work_on_both.run().state == "done"
    assert seen == ["running"]
    is_there_once(work_on_both, 1, "answer")


@pytest.mark.parametrize(
    ("step", "received", "state"), [("begin", 1, "done"), ("check", 0, "in doubt"), ("finish", 1, "done")]
)
def test_a_worker_that_was_frozen_past_its_lease_writes_and_sends_nothing_more(
    work_on_both: Work, step: str, received: int, state: str
) -> None:
    """31: another one took the run over and settled by reading what was open; the first sees that when it wakes."""
    seen: list[tuple[str, int]] = []

    def freeze() -> None:
        work_on_both.clock.forward(SECONDS + 1)
        with second(work_on_both) as other:
            seen.append((other.run().state, other.received))

    work_on_both.release(card("a", "nmbrs-50001"))
    with patch.object(Lease, "keep"), just_before(Journal, step, freeze):  # a frozen worker does not renew its lease
        assert work_on_both.run().state == state
    assert seen == [(state, received)]
    assert work_on_both.received == received
    work_on_both.clock.forward(SETTLED)
    is_there_once(work_on_both, 1, "read back" if step == "finish" else "answer")
    assert "accepted" not in work_on_both.outcomes[:-1]
