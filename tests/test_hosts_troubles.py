"""What a second reading of jobs found: each test shows one trouble, and says what must hold instead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from hub.errors import NotSent
from hub.jobs.holding import SECONDS, due
from hub.jobs.kinds import JobKind, JobState
from hub.jobs.schedule import ask_for_due
from hub.jobs.unfinished import AGAIN, ask_for_unfinished
from hub.process import Process
from hub.provider import utc_now
from hub.store.companies import Connection
from hub.store.jobs import Job
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.working import doing
from hub.working.doing import MOST_TRIES, do
from hub.working.tasks import Later

RUNS = threading.Event()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        made.cards(card("t1"), card("t2", "m2", day=6))
        yield made


def tried(company: Company, clock: FakeClock, number: int, times: int) -> str:
    """Do a job as often as it comes due, at most so many times; return its state then."""
    for _ in range(times):
        do(company.hub, "acme", number, RUNS)
        clock.forward(max(SECONDS + 1, 1000))
    return company.hub.job("acme", number).state


def refuses(*_: object) -> dict[str, object]:
    raise IntegrityError("INSERT", {}, ValueError("duplicate"))

    raise SystemExit(1)


def test_a_job_that_the_database_refuses_ends(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that can never succeed is the hub's own failure: somebody must hear of it."""
    monkeypatch.setattr(doing, "TASKS", {JobKind.SYNC: refuses})
    assert tried(company, clock, company.hub.ask_sync("acme", "ledger").id, 20) == JobState.FAILED


def test_a_job_that_kills_its_workers_ends(company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """One job that no worker survives must not be given to every worker for ever."""
    real = doing._do

    def killed(*_: object) -> None:
        raise SystemExit(1)

    monkeypatch.setattr(doing, "_do", killed)
    number = company.hub.ask_sync("acme", "ledger").id
    for _ in range(20):
        try:
            do(company.hub, "acme", number, RUNS)
        except SystemExit:
            clock.forward(SECONDS + 1)
    monkeypatch.setattr(doing, "_do", real)
    assert company.hub.job("acme", number).state == JobState.FAILED


def test_a_job_that_waited_is_tried_again_when_payroll_is_away(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four tries are those at which payroll was away, not those at which a doubt had not settled yet."""
    ends: list[Exception] = [Later(1, {})] * MOST_TRIES + [NotSent("Payroll took no connection.")]

    def waits(*_: object) -> dict[str, object]:
        raise ends.pop(0)

    monkeypatch.setattr(doing, "TASKS", {JobKind.SYNC: waits})
    assert tried(company, clock, company.hub.ask_sync("acme", "ledger").id, MOST_TRIES + 1) == JobState.WAITING


def test_a_run_that_cannot_go_on_is_not_asked_for_for_ever(company: Company, clock: FakeClock) -> None:
    """What a person must mend first waits for a person."""
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    company.ledger.watch = crash
    with pytest.raises(KeyboardInterrupt):
        company.hub.run("acme", plan.id)
    company.hub.switch("acme", "ledger", False)
    for _ in range(6):
        clock.forward(AGAIN.total_seconds() + 60)
        ask_for_unfinished(company.hub.store, clock.at)
        for one in company.rows(Job):
            do(company.hub, "acme", one.id, RUNS)
    assert len(company.rows(Job)) <= 2


def test_one_company_does_not_keep_others_from_their_schedule(company: Company, clock: FakeClock) -> None:
    """Such as one that a newer version wrote, before the hub went back to an older one."""
    hub = company.hub
    hub.add_company("other", "Other")
    with hub.store.write("other") as session:
        session.add(Connection(company_id="other", provider="ledger", schedule={"of_tomorrow": "12:00"}))
    with suppress(ValueError):
        ask_for_due(hub.store, utc_now() + timedelta(days=2))
    assert {one.kind for one in company.rows(Job)} >= {JobKind.SYNC}


def test_what_a_person_asks_goes_before_what_a_schedule_brings(company: Company, clock: FakeClock) -> None:
    """And a thousand jobs of a provider that hangs do not hide those of another one."""
    hub = company.hub
    with hub.store.write("acme") as session:
        of_night = {"kind": "sync", "provider": "slow", "detail": {}, "due_at": clock.at}
        session.insert(Job, [{**of_night, "key": f"sync/slow/{n}"} for n in range(1000)])
    clock.forward(1)
    asked = hub.ask_sync("acme", "ledger").id
    assert asked in [number for _, number, _ in due(hub.store, clock.at)]


def test_a_doubt_that_lasts_is_waited_for(company: Company, clock: FakeClock) -> None:
    """However often its job was begun."""
    company.ledger.script += ["vanished"]
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    number = company.hub.ask_run("acme", plan.id).id
    do(company.hub, "acme", number, RUNS)
    company.ledger.readable = False
    with company.hub.store.write("acme") as session:
        (row,) = session.all(Job)
        row.tries = 1100
        session.add(row)
    clock.forward(3600)
    do(company.hub, "acme", number, RUNS)
    assert company.hub.job("acme", number).state == JobState.WAITING
