"""Jobs: asked for once, done by one worker at a time, put off or failed, and begun again after a crash."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from hub.clock import Clock
from hub.errors import AuthError, InputError, NotSent
from hub.events.kinds import EventKind
from hub.holder import this_worker
from hub.jobs import holding
from hub.jobs.holding import SECONDS, due, finish, keep, take
from hub.jobs.kinds import JobKind, JobState
from hub.jobs.unfinished import AGAIN, ask_for_unfinished
from hub.process import Process
from hub.store.events import Event
from hub.store.jobs import Job
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.working import doing
from hub.working.doing import MOST_TRIES, do

ELSEWHERE = "another-machine//7/1"
RUNS = threading.Event()
"""What a worker that goes on is told."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        made.cards(card("t1"), card("t2", "m2", day=6))
        yield made


def released(company: Company) -> int:
    """Return a plan that may go out."""
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    return plan.id


def state(company: Company, job: int) -> str:
    return company.hub.job("acme", job).state


def test_a_plan_and_its_run_are_jobs(company: Company) -> None:
    """Each names in its result what it made; and nothing happens before a worker comes."""
    hub = company.hub
    asked = hub.ask_plan("acme", hub.scope("acme", "ledger", "1", 2026, 10))
    assert (asked.state, asked.result, hub.exports("acme")) == (JobState.WAITING, {}, ())
    assert do(hub, "acme", asked.id, RUNS)
    plan = hub.job("acme", asked.id).result["plan"]
    hub.release("acme", plan, "Robin")
    run = hub.ask_run("acme", plan)
    assert do(hub, "acme", run.id, RUNS)
    done = hub.job("acme", run.id)
    assert (done.state, done.result["state"], company.white()) == (JobState.DONE, "done", {"t1", "t2"})
    assert not do(hub, "acme", run.id, RUNS)


def test_a_run_is_asked_for_once(company: Company) -> None:
    """Asking again while it waits gives the same job; and an unreleased plan none."""
    plan = released(company)
    first = company.hub.ask_run("acme", plan)
    assert company.hub.ask_run("acme", plan).id == first.id
    other = company.plan()
    with pytest.raises(InputError, match="not released"):
        company.hub.ask_run("acme", other.id)


def test_one_worker_at_a_time_has_a_job(company: Company, clock: Clock) -> None:
    """And no other job of the same connection is begun meanwhile; one of another company is."""
    hub = company.hub
    first, second = (hub.ask_sync("acme", "ledger").id for _ in range(2))
    held = take(hub.store, "acme", first, clock, this_worker())
    assert held
    assert take(hub.store, "acme", first, clock, ELSEWHERE) is None
    assert take(hub.store, "acme", second, clock, ELSEWHERE) is None
    finish(hub.store, held, clock, {})
    assert take(hub.store, "acme", second, clock, ELSEWHERE)


def test_the_job_of_a_dead_worker_is_begun_again(company: Company, clock: FakeClock) -> None:
    """After its time, where it ran on another machine; what the first one still says is not written."""
    hub = company.hub
    job = hub.ask_sync("acme", "ledger").id
    dead = take(hub.store, "acme", job, clock, ELSEWHERE)
    assert dead
    clock.forward(SECONDS - 1)
    assert due(hub.store, clock.moment().at) == []
    assert keep(hub.store, dead, clock)
    clock.forward(SECONDS + 1)
    assert due(hub.store, clock.moment().at) == [("acme", job, "ledger")]
    assert do(hub, "acme", job, RUNS)
    finish(hub.store, dead, clock, {"wrong": True})
    assert not keep(hub.store, dead, clock)
    assert (state(company, job), hub.job("acme", job).result["applied"]) == (JobState.DONE, True)


def test_the_job_of_a_dead_process_of_this_machine_is_begun_at_once(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = company.hub.ask_sync("acme", "ledger").id
    assert take(company.hub.store, "acme", job, clock, ELSEWHERE)
    monkeypatch.setattr(holding, "is_gone", lambda holder: holder == ELSEWHERE)
    assert due(company.hub.store, clock.moment().at) == [("acme", job, "ledger")]


def test_payroll_that_is_away_is_tried_again_and_then_somebody_hears_of_it(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> dict[str, object]:
        raise NotSent("Payroll took no connection: try again later.")

    monkeypatch.setattr(doing, "TASKS", {JobKind.SYNC: away})
    job = company.hub.ask_sync("acme", "ledger").id
    for tried in range(1, MOST_TRIES):
        assert do(company.hub, "acme", job, RUNS)
        assert state(company, job) == JobState.WAITING
        assert not do(company.hub, "acme", job, RUNS)
        clock.forward(2.0**tried)
    assert do(company.hub, "acme", job, RUNS)
    shown = company.hub.job("acme", job)
    assert (shown.state, shown.tries) == (JobState.FAILED, MOST_TRIES)
    assert shown.problem["text"].startswith("Payroll took no connection")


@pytest.mark.parametrize(
    ("error", "who", "text"),
    [
        (AuthError("The token is wrong: connect again."), "company admin", "The token is wrong: connect again."),
        (
            ZeroDivisionError("hunter2"),
            "operator",
            "The hub failed while it did this: the operator must look in the log.",
        ),
    ],
)
def test_what_is_wrong_says_who_must_act(
    company: Company, monkeypatch: pytest.MonkeyPatch, error: Exception, who: str, text: str
) -> None:
    """At once where trying again changes nothing; of the hub's own failure no more than its class is logged."""

    def fails(*_: object) -> dict[str, object]:
        raise error

    monkeypatch.setattr(doing, "TASKS", {JobKind.SYNC: fails})
    job = company.hub.ask_sync("acme", "ledger").id
    assert do(company.hub, "acme", job, RUNS)
    assert company.hub.job("acme", job).problem == {"who": who, "text": text}
    (told,) = (one for one in company.rows(Event) if one.kind == EventKind.JOB_FAILED)
    assert told.detail == {"job": job, "what": "sync", "who": who}


def test_a_doubt_is_settled_by_the_worker(company: Company, clock: FakeClock) -> None:
    """The job waits until the settle time has passed, and then posts what proved absent."""
    company.ledger.script += ["vanished"]
    job = company.hub.ask_run("acme", released(company)).id
    assert do(company.hub, "acme", job, RUNS)
    shown = company.hub.job("acme", job)
    assert (shown.state, shown.result["state"]) == (JobState.WAITING, "in doubt")
    settle = (shown.due_at - clock.at).total_seconds()
    assert settle > 60
    clock.forward(settle)
    assert do(company.hub, "acme", job, RUNS)
    assert (state(company, job), company.white()) == (JobState.DONE, {"t1", "t2"})
    assert company.ledger.totals()["e1", "100"] == 800


def test_what_a_crash_left_is_asked_for(company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of which entries are still planned, or in doubt; once, and not again while the first is under way."""
    plan = released(company)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    company.ledger.watch = crash
    with pytest.raises(KeyboardInterrupt):
        company.hub.run("acme", plan)
    company.ledger.watch = lambda entry, key: None
    assert ask_for_unfinished(company.hub.store, clock.at) == 0
    clock.forward(60)
    assert ask_for_unfinished(company.hub.store, clock.at) == 1
    assert ask_for_unfinished(company.hub.store, clock.at) == 0
    (job,) = company.rows(Job)
    while state(company, job.id) == JobState.WAITING:
        clock.forward(1000)
        assert do(company.hub, "acme", job.id, RUNS)
    assert company.white() == {"t1", "t2"}
    clock.forward(2 * AGAIN.total_seconds())
    assert ask_for_unfinished(company.hub.store, clock.at) == 0


def test_what_a_refused_login_paused_waits_for_a_person(company: Company, clock: FakeClock) -> None:
    """It is not tried again and again with a login that is wrong."""
    company.ledger.script += ["not executed"] * 3
    company.hub.run("acme", released(company))
    clock.forward(3600)
    assert ask_for_unfinished(company.hub.store, clock.at) == 0


def test_a_worker_that_must_end_pauses_its_run_and_another_goes_on(company: Company, clock: FakeClock) -> None:
    """The call that is on its way is finished first."""
    ends = threading.Event()
    paused = threading.Event()

    def told(*_: object) -> None:
        ends.set()
        paused.wait(1.0)

    company.ledger.watch = told
    job = company.hub.ask_run("acme", released(company)).id
    assert do(company.hub, "acme", job, ends)
    shown = company.hub.job("acme", job)
    assert (shown.state, shown.result["state"]) == (JobState.WAITING, "paused")
    assert len(company.ledger.posted) == 1
    company.ledger.watch = lambda entry, key: None
    assert ask_for_unfinished(company.hub.store, clock.at + timedelta(minutes=1)) == 0
    assert do(company.hub, "acme", job, RUNS)
    assert company.white() == {"t1", "t2"}
