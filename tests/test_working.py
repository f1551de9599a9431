"""Workers in this process: they hear of jobs at once, find those that nobody told them of, and end in good order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hub.jobs.kinds import JobKind, JobState
from hub.process import Process
from hub.store.jobs import Job
from hub.testing.company import Company, card, ledger_company
from hub.testing.many_runs import until
from hub.working import alone, rounds
from hub.working.alone import Alone
from hub.working.worker import working_beside

SECONDS = 30


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        made.cards(card("t1"), card("t2", "m2", day=6))
        yield made


@contextmanager
def working(company: Company) -> Iterator[None]:
    """Let the worker that fits the database work in a thread."""
    if company.hub.store.engine.dialect.name == "sqlite":
        with working_beside(company.hub, 2):
            yield
        return
    from hub.working.shared import Shared

    ends = threading.Event()
    worker = Shared(company.hub, 2, ends)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join(SECONDS)
        assert not thread.is_alive()


def done(company: Company, job: int) -> bool:
    return company.hub.job("acme", job).state == JobState.DONE


def test_what_is_asked_for_is_done(company: Company) -> None:
    """A plan, its release by a person, and its run; what was asked for before there was a worker, too."""
    hub = company.hub
    before = hub.ask_sync("acme", "ledger").id
    with working(company):
        asked = hub.ask_plan("acme", hub.scope("acme", "ledger", "1", 2026, 10)).id
        until(lambda: done(company, asked) and done(company, before), SECONDS)
        plan = hub.job("acme", asked).result["plan"]
        hub.release("acme", plan, "Robin")
        run = hub.ask_run("acme", plan).id
        until(lambda: done(company, run), SECONDS)
    assert company.white() == {"t1", "t2"}


def test_two_workers_do_each_job_once(company: Company) -> None:
    """Beside each other on one database; each sync is in the audit trail once."""
    jobs = [company.hub.ask_sync("acme", "ledger").id for _ in range(6)]
    with working(company), working(company):
        until(lambda: all(done(company, one) for one in jobs), SECONDS)
    assert {one.tries for one in company.rows(Job) if one.kind == JobKind.SYNC} == {1}


def test_what_fails_once_does_not_end_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again at the next round."""
    tried: list[int] = []
    enough, ends = threading.Event(), threading.Event()

    def fails() -> None:
        tried.append(1)
        if len(tried) == 3:
            enough.set()
        raise ZeroDivisionError

    thread = rounds.again_and_again("test", fails, 0.0, ends)
    assert enough.wait(SECONDS)
    ends.set()
    thread.join(SECONDS)


def test_a_worker_that_ends_lets_its_jobs_end(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """`stop` comes back when the job is done, and nothing is begun after it."""
    began, goes_on = threading.Event(), threading.Event()

    def slow(*words: Any) -> bool:
        began.set()
        return goes_on.wait(SECONDS)

    monkeypatch.setattr(alone, "do", slow)
    worker = Alone(company.hub, 2)
    company.hub.ask_sync("acme", "ledger")
    worker.start()
    assert began.wait(SECONDS)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    stopping.join(0.3)
    assert stopping.is_alive()
    goes_on.set()
    stopping.join(SECONDS)
    assert not stopping.is_alive()
