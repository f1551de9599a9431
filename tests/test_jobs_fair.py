"""No job keeps others up for ever: not by their number, not by hanging, not by a connection that is switched off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from hub.clock import Clock
from hub.events.kinds import EventKind
from hub.export import service
from hub.export.posting import lease
from hub.export.posting.lease import Lease
from hub.export.posting.start import start_run
from hub.jobs.asking import ask
from hub.jobs.holding import SECONDS, due, keep, take
from hub.jobs.kinds import JobKind, JobState
from hub.jobs.unfinished import ask_for_unfinished
from hub.process import Process
from hub.store.database import Store
from hub.store.events import Event
from hub.store.jobs import Job
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, employee, ledger_company
from hub.working import alone, doing
from hub.working.alone import Alone
from hub.working.doing import HOURS, HOURS_OF_RUN, do
from hub.working.tasks import TASKS

ELSEWHERE = "another-machine//7/1"
RUNS = threading.Event()
WAIT = 30


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        made.cards(card("t1"))
        yield made


def asked(company: Company, name: str, number: int = 1, provider: str = "ledger", key: str | None = None) -> list[int]:
    """Ask for some reminders of a company, which is made where it is missing; return their numbers."""
    hub = company.hub
    if name not in {one.id for one in hub.companies()}:
        hub.add_company(name, name)
    now = hub.clock.moment().at
    with hub.store.write(name) as session:
        made = [ask(session, JobKind.REMIND, provider, actor="host", now=now, key=key) for _ in range(number)]
        return [one.id or 0 for one in made]


def released(company: Company) -> int:
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    return plan.id


def job_thread(number: int) -> threading.Thread:
    """Return the thread in which a job is done."""
    (found,) = (one for one in threading.enumerate() if one.name == f"job {number}")
    return found


def test_a_thousand_jobs_of_one_company_hide_no_other(company: Company, clock: FakeClock) -> None:
    """Only one of them can be done at a time."""
    first, *_ = asked(company, "acme", 1001)
    (late,) = asked(company, "other")
    assert due(company.hub.store, clock.at) == [("acme", first, "ledger"), ("other", late, "ledger")]


def test_a_busy_connection_takes_no_place(company: Company, clock: FakeClock) -> None:
    """Another process works on it: what waits behind that is not looked at, whoever asked for it."""
    (schedules,) = asked(company, "acme", key="of today")
    assert take(company.hub.store, "acme", schedules, clock, ELSEWHERE)
    asked(company, "acme")
    clock.forward(1)
    (late,) = asked(company, "other")
    assert due(company.hub.store, clock.at, at_most=1) == [("other", late, "ledger")]


def test_two_that_lost_their_workers_do_not_hide_behind_one_that_is_done(company: Company, clock: FakeClock) -> None:
    """The first is silent, the second was begun after it: while that one is done, the first cannot be begun."""
    first, second = asked(company, "acme", 2)
    assert take(company.hub.store, "acme", first, clock, ELSEWHERE)
    clock.forward(SECONDS + 1)
    assert take(company.hub.store, "acme", second, clock, ELSEWHERE)
    assert due(company.hub.store, clock.at) == []
    clock.forward(SECONDS + 1)
    assert due(company.hub.store, clock.at) == [("acme", second, "ledger")]


def test_what_belongs_to_no_connection_is_due_all_at_once(company: Company, clock: FakeClock) -> None:
    """And what a person asked for comes before what a schedule brings."""
    (tidying,) = asked(company, "acme", provider="", key="of today")
    clock.forward(1)
    others = asked(company, "acme", 2, provider="")
    assert [number for _, number, _ in due(company.hub.store, clock.at)] == [*others, tidying]


@pytest.mark.parametrize(("kind", "hours"), [(JobKind.SYNC, HOURS), (JobKind.RUN, HOURS_OF_RUN)])
def test_a_plugin_that_hangs_is_given_up(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, kind: JobKind, hours: float
) -> None:
    """It is told, the connection is free again, and what comes back after all changes nothing of the job."""
    hangs, began, kept = threading.Event(), threading.Event(), threading.Semaphore(0)

    def hang(*_: object) -> dict[str, object]:
        began.set()
        hangs.wait(WAIT)
        return {"late": True}

    def counted(store: Store, job: Job, clock: Clock) -> bool:
        kept.release()
        return keep(store, job, clock)

    monkeypatch.setattr(doing, "SECONDS", 0.04)
    monkeypatch.setattr(doing, "keep", counted)
    monkeypatch.setattr(doing, "TASKS", {**TASKS, kind: hang})
    hub, plan = company.hub, released(company)
    job = (hub.ask_sync("acme", "ledger") if kind is JobKind.SYNC else hub.ask_run("acme", plan)).id
    worker = threading.Thread(target=do, args=(hub, "acme", job, RUNS))
    worker.start()
    assert began.wait(WAIT)
    clock.forward(hours * 3600 - 60)
    assert all(kept.acquire(timeout=WAIT) for _ in range(3))
    assert hub.job("acme", job).state == JobState.RUNNING
    clock.forward(120)
    worker.join(WAIT)
    given_up = hub.job("acme", job)
    assert (worker.is_alive(), given_up.state, given_up.problem) == (
        False,
        JobState.FAILED,
        {
            "who": "provider's author",
            "text": f"This was given up after {hours:.0f} hours: the provider's plugin does not come back, "
            "its author must mend it.",
        },
    )
    (told,) = (one for one in company.rows(Event) if one.kind == EventKind.JOB_FAILED)
    assert told.detail == {"job": job, "what": kind, "who": "provider's author"}
    monkeypatch.undo()
    assert do(hub, "acme", hub.ask_run("acme", plan).id, RUNS)
    assert company.white() == {"t1"}
    late = job_thread(job)
    hangs.set()
    late.join(WAIT)
    assert (late.is_alive(), hub.job("acme", job)) == (False, given_up)


def test_a_sync_that_another_worker_has_by_now_is_not_applied(company: Company, clock: FakeClock) -> None:
    """The first worker stood still while it read; what it read is old."""
    hub = company.hub
    company.ledger.employees.append(employee("e3"))
    number = hub.ask_sync("acme", "ledger").id
    job = take(hub.store, "acme", number, clock, ELSEWHERE)
    assert job
    clock.forward(SECONDS + 1)
    assert take(hub.store, "acme", number, clock, "a-third-machine//8/1")
    before = [one.id for one in hub.members("acme")]
    assert TASKS[JobKind.SYNC](hub, job, RUNS) == {}
    assert [one.id for one in hub.members("acme")] == before


def test_a_run_goes_on_when_its_connection_is_switched_on_again(company: Company, clock: FakeClock) -> None:
    """Its worker died; while the connection is off, nothing is asked for that could only fail."""
    hub, plan = company.hub, released(company)
    with hub.store.write("acme") as session:
        start_run(session, service.released(session, plan), "Robin")
    hub.switch("acme", "ledger", False)
    for _ in range(3):
        clock.forward(3600)
        assert ask_for_unfinished(hub.store, clock.at) == 0
    hub.switch("acme", "ledger", True)
    assert ask_for_unfinished(hub.store, clock.at) == 1
    (job,) = company.rows(Job)
    assert do(hub, "acme", job.id, RUNS)
    assert company.white() == {"t1"}


AWAY = (NoConnectionFree("30 s have passed"), OperationalError("", {}, Exception()))


def raises(error: Exception) -> Callable[..., Any]:
    def away(*_: object) -> None:
        raise error

    return away


@pytest.mark.parametrize("error", AWAY, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("where", ["task", "end"])
def test_a_job_is_begun_again_where_the_database_was_away(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, error: Exception, where: str
) -> None:
    """While it was done, or when its end was to be written down: it has not failed."""
    job = company.hub.ask_sync("acme", "ledger").id
    with monkeypatch.context() as patched:
        if where == "task":
            patched.setattr(doing, "TASKS", {JobKind.SYNC: raises(error)})
        else:
            patched.setattr(doing, "finish", raises(error))
        assert do(company.hub, "acme", job, RUNS)
    assert company.hub.job("acme", job).state == JobState.RUNNING
    clock.forward(SECONDS + 1)
    assert due(company.hub.store, clock.at) == [("acme", job, "ledger")]
    assert do(company.hub, "acme", job, RUNS)
    assert company.hub.job("acme", job).state == JobState.DONE


@pytest.mark.parametrize("error", AWAY, ids=lambda one: type(one).__name__)
def test_a_job_is_held_on_after_the_database_was_away(
    company: Company, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Its worker goes on saying that it is there."""
    again, calls = threading.Event(), iter([raises(error)])

    def shaky(*words: Any) -> bool:
        next(calls, lambda *_: again.set())(*words)
        return keep(*words)

    monkeypatch.setattr(doing, "SECONDS", 0.04)
    monkeypatch.setattr(doing, "keep", shaky)
    monkeypatch.setattr(doing, "TASKS", {JobKind.SYNC: lambda *_: {"held on": again.wait(WAIT)}})
    job = company.hub.ask_sync("acme", "ledger").id
    assert do(company.hub, "acme", job, RUNS)
    assert company.hub.job("acme", job).result == {"held on": True}


@pytest.mark.parametrize("error", AWAY, ids=lambda one: type(one).__name__)
def test_a_run_is_held_on_after_the_database_was_away(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The thread that says so outlives an error of the database."""
    again, calls = threading.Event(), iter([raises(error)])
    held = Lease(company.hub.store, "acme", 1, clock)
    monkeypatch.setattr(lease, "SECONDS", 0.04)
    monkeypatch.setattr(held, "renew", lambda: next(calls, again.set)())
    held.keep()
    assert again.wait(WAIT)
    held.let_go()


def test_a_worker_does_not_ask_a_database_that_is_away_again_and_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits as long as it does when there is nothing to do."""
    asked_again, often = iter([False, False]), threading.Event()

    def away(*_: object) -> None:
        if next(asked_again, True):
            often.set()
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(alone, "due", away)
    monkeypatch.setattr(alone, "LOOK_SECONDS", float(WAIT))
    worker = Alone(company.hub, 2)
    worker.start()
    often.wait(1.0)
    worker.stop()
    assert not often.is_set()
