"""One worker has a run at a time: until it lets go, is silent for too long, or has ended; then the next one has it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from hub.export.posting import lease as leases
from hub.export.posting.jobs import Call, Ending
from hub.export.posting.journal import Journal, Overtaken
from hub.export.posting.lease import SECONDS, Lease
from hub.export.posting.standing import standing
from hub.export.posting.start import start_run
from hub.export.service import plan_row
from hub.export.states import EntryState, Outcome
from hub.holder import this_worker
from hub.models import PeriodType
from hub.process import Process
from hub.store.companies import Audit
from hub.store.exports import Attempt, Entry, Run
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company

RUN = 1


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    """A company with a run of two entries that nobody carries out yet."""
    with ledger_company(process, clock) as made:
        made.cards(card("a"))
        plan = made.plan().id
        made.hub.release("acme", plan, "Robin")
        with made.hub.store.write("acme") as session:
            assert start_run(session, plan_row(session, plan), "Robin").id == RUN
        yield made


@pytest.fixture
def worker(company: Company, clock: FakeClock) -> Callable[[str | None], Lease]:
    """Makes the lease of a worker with a name; without one it is this process."""
    return lambda name: Lease(company.hub.store, "acme", RUN, clock, name)


def run(company: Company) -> Run:
    found: Run = company.rows(Run)[0]
    return found


def journal(company: Company, clock: FakeClock, lease: Lease) -> Journal:
    return Journal(company.hub.store, "acme", "ledger", RUN, lease.epoch, clock)


# -- for how long -----------------------------------------------------------------------------------------------------


def test_a_second_worker_is_refused_until_the_first_one_was_not_heard_of(
    company: Company, clock: FakeClock, worker: Callable[[str], Lease]
) -> None:
    """For so many seconds, and then it has the run under the next epoch."""
    one, two = worker("one"), worker("two")
    assert one.take()
    clock.forward(SECONDS - 1)
    assert not two.take()
    assert (run(company).holder, run(company).epoch) == ("one", 1)
    clock.forward(1)
    assert two.take()
    assert (run(company).holder, run(company).epoch, one.epoch, two.epoch) == ("two", 2, 1, 2)


def test_a_lease_that_is_renewed_stays(clock: FakeClock, worker: Callable[[str], Lease]) -> None:
    """However long it takes, as long as the worker says so in time."""
    one, two = worker("one"), worker("two")
    assert one.take()
    for _ in range(5):
        clock.forward(SECONDS - 1)
        one.renew()
        assert not two.take()


def test_a_lease_that_another_one_took_is_not_renewed_nor_released(
    company: Company, clock: FakeClock, worker: Callable[[str], Lease]
) -> None:
    """Whoever was away for too long does not take it back by the way, nor end it for the other."""
    one, two = worker("one"), worker("two")
    assert one.take()
    clock.forward(SECONDS)
    assert two.take()
    before = run(company)
    clock.forward(1)
    with pytest.raises(Overtaken):
        one.renew()
    with pytest.raises(Overtaken):
        one.seconds_left()
    one.release("")
    assert run(company) == before


def test_a_run_that_was_let_go_is_free_at_once(company: Company, worker: Callable[[str], Lease]) -> None:
    """With the reason why it is not finished."""
    one, two = worker("one"), worker("two")
    assert one.take()
    one.release("the operator stopped it")
    assert (run(company).holder, run(company).held_until, run(company).paused) == ("", None, "the operator stopped it")
    assert two.take()
    assert two.epoch == 2


def test_of_workers_that_come_at_once_one_has_the_run(company: Company, worker: Callable[[str], Lease]) -> None:
    """The database says which."""
    start = threading.Barrier(4)

    def take(name: str) -> bool:
        start.wait()
        return worker(name).take()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, "abcd"))
    assert (sorted(taken), run(company).epoch) == ([False, False, False, True], 1)


def test_a_worker_says_in_the_background_that_it_is_there(
    company: Company, clock: FakeClock, worker: Callable[[str], Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it lets go; then its thread has ended."""
    monkeypatch.setattr(leases, "SECONDS", 0.04)
    before = set(threading.enumerate())
    one = worker("one")
    assert one.take()
    clock.forward(1000)
    one.keep()
    give_up = time.monotonic() + 20
    while run(company).held_until != clock.at + timedelta(seconds=0.04):
        assert time.monotonic() < give_up, "it was not renewed"
    one.let_go()
    assert set(threading.enumerate()) - before == set()


# -- whose process has ended ------------------------------------------------------------------------------------------

HOLD = """
import sys
from hub.export.posting.lease import Lease
from hub.process import Process
from hub.store.database import Store
from hub.testing.clock import FakeClock
store = Store.open(Process(database_url=sys.argv[1], secret_key=sys.argv[2]))
print(Lease(store, "acme", 1, FakeClock()).take(), flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(process: Process) -> Iterator[subprocess.Popen[str]]:
    """Start a process that takes the run and stays."""
    command = [sys.executable, "-c", HOLD, process.database_url, process.secret_key or ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout
            assert other.stdout.readline() == "True\n"
            yield other
        finally:
            other.kill()


@pytest.mark.parametrize("reaped", [True, False], ids=["gone", "not waited for"])
def test_a_run_is_taken_over_at_once_when_its_process_has_ended(
    company: Company, process: Process, worker: Callable[[str | None], Lease], reaped: bool
) -> None:
    """Killed without a word: on the same machine nobody has to wait. While it lives it keeps the run."""
    with another_process(process) as other:
        assert not worker(None).take()
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | (0 if reaped else os.WNOWAIT))
        mine = worker(None)
        assert mine.take()
        assert (mine.epoch, run(company).holder) == (2, this_worker())


@pytest.mark.parametrize(
    ("part", "other", "taken"),
    [(0, "boot-2", False), (1, "pid:[1]", False), (2, "4194305", True), (3, "1", True)],
    ids=["another machine", "another container", "no such process", "a process that has its number now"],
)
def test_of_a_process_elsewhere_only_time_tells(
    worker: Callable[[str | None], Lease], clock: FakeClock, part: int, other: str, taken: bool
) -> None:
    """Its number says nothing here; here, a number is only good with the moment at which the process began."""
    holder = this_worker().split("/")
    holder[part] = other
    assert worker("/".join(holder)).take()
    assert worker(None).take() is taken
    clock.forward(SECONDS)
    assert worker(None).take()


# -- what the first one can still do ----------------------------------------------------------------------------------


def everything(company: Company) -> list[Any]:
    """Return all that the journal and its trail hold."""
    return [row.model_dump() for table in (Run, Entry, Attempt, Audit) for row in company.rows(table)]


WRITES: dict[str, Callable[[Journal, Call], object]] = {
    "check": lambda it, call: it.check(),
    "begin": lambda it, call: it.begin(call.jobs, ()),
    "finish": lambda it, call: it.finish(call, Ending(Outcome.ACCEPTED, ())),
    "found": lambda it, call: it.found(call, ()),
    "refused": lambda it, call: it.refused(call, Ending(Outcome.REFUSED)),
    "absent": lambda it, call: it.absent(call),
    "ask": lambda it, call: it.ask(call, "why"),
    "close": lambda it, call: it.close({call.jobs[0].id: ""}),
    "hold": lambda it, call: it.hold(call.jobs[0].id, "why", "do"),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_worker_that_was_overtaken_commits_nothing(
    company: Company, clock: FakeClock, worker: Callable[[str], Lease], write: str
) -> None:
    """It wakes up and is told; the attempt that it began is for the other one to settle."""
    one, two = worker("one"), worker("two")
    assert one.take()
    old = journal(company, clock, one)
    job = next(iter(standing(old, PeriodType.MONTH).jobs.values()))
    call = old.begin([job], ())
    assert call
    clock.forward(SECONDS)
    assert two.take()
    before = everything(company)
    with pytest.raises(Overtaken):
        WRITES[write](old, call)
    assert everything(company) == before


def test_the_one_who_took_over_settles_what_was_begun(
    company: Company, clock: FakeClock, worker: Callable[[str], Lease]
) -> None:
    """Under its own epoch it may write."""
    one, two = worker("one"), worker("two")
    assert one.take()
    first = journal(company, clock, one)
    job = next(iter(standing(first, PeriodType.MONTH).jobs.values()))
    assert first.begin([job], ())
    clock.forward(SECONDS)
    assert two.take()
    second = journal(company, clock, two)
    second.check()
    (call,) = standing(second, PeriodType.MONTH).doubts
    assert second.finish(call, Ending(Outcome.UNKNOWN)) is Outcome.UNKNOWN
    assert [one.state for one in company.rows(Entry)] == [EntryState.IN_DOUBT, EntryState.PLANNED]
