"""What a second reading of workers, turns and doors found: each test shows one trouble, and says what must hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import make_url
from sqlmodel import col, select

from hub import bulkhead
from hub.access import new_key
from hub.api.serving import serving
from hub.clock import Clock, SystemClock
from hub.errors import NotExecuted, Transient
from hub.events import delivering
from hub.events.sending import Outcome
from hub.holder import this_worker
from hub.hub import Hub
from hub.jobs import holding
from hub.jobs.holding import take
from hub.jobs.kinds import JobKind
from hub.process import Process
from hub.store.access import Answered
from hub.store.engine import make_engine
from hub.store.events import Endpoint
from hub.store.jobs import Job
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, Company, card, ledger_company
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.ledger import LedgerPosting, LedgerProvider
from hub.testing.paper import PaperCompany
from hub.working import doing
from hub.working.alone import Alone

ELSEWHERE = "another-machine//7/1"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        made.cards(card("t1"))
        yield made


def released(company: Company) -> int:
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    return plan.id


def test_a_machine_that_slept_sends_nothing_when_it_wakes(company: Company, clock: FakeClock, process: Process) -> None:
    """Another machine took its run over meanwhile, saw that nothing had come, and posted it."""
    plan = released(company)

    def sleep_on() -> None:
        there = FakeClock(clock.at + timedelta(seconds=60), boot="boot-2")
        with Hub.open(process, lambda: NOW, there) as other:
            other.run("acme", plan)
            there.forward(1000)
            other.run("acme", plan)
            clock.set(there.at)

    calls = iter([lambda: None, sleep_on])  # the first sets days, which twice does no harm
    real = bulkhead._in_time

    def in_time() -> bool:
        next(calls, lambda: None)()
        return real()

    with patch.object(bulkhead, "_in_time", in_time):
        company.hub.run("acme", plan)
    assert company.ledger.totals()["e1", "100"] == 800


def test_one_answer_does_not_stop_a_provider_for_years(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as `Retry-After: 999999999`, to one company: the others go on within the hour."""
    monkeypatch.setattr(LedgerProvider, "calls_per_second", 10.0)

    def busy(*_: object) -> None:
        raise NotExecuted(Transient("Payroll is busy.", retry_after=999_999_999.0))

    plan = released(company)
    with patch.object(LedgerPosting, "post", busy):
        company.hub.run("acme", plan)
    assert company.hub.store.turns.take("ledger", 0.1) <= 3600


def test_a_worker_does_not_ask_for_a_busy_connection_again_and_again(process: Process) -> None:
    """Two processes on one database: while one syncs, the other looks twice a second, not hundreds of times."""
    with ledger_company(process, SystemClock()) as made:
        first, second = (made.hub.ask_sync("acme", "ledger").id for _ in range(2))
        assert take(made.hub.store, "acme", first, SystemClock(), ELSEWHERE)
        taken: list[int] = []
        often = threading.Event()

        def counted(store: object, company: str, number: int, clock: Clock, holder: str) -> Job | None:
            taken.append(number)
            if taken.count(second) > 10:
                often.set()
            return take(made.hub.store, company, number, clock, holder)

        with patch.object(doing, "take", counted):
            worker = Alone(made.hub, 2)
            worker.start()
            often.wait(2.0)
            worker.stop()
        assert not often.is_set()


def test_two_workers_never_take_two_jobs_of_one_connection(
    request: pytest.FixtureRequest, postgres_url: str, clock: FakeClock
) -> None:
    """Also where the queue does not keep them apart, as while two versions of it run side by side."""
    from hub.testing.databases import fresh_database
    from hub.testing.fixtures import SECRET_KEY

    both = threading.Barrier(2)
    real = holding._busy

    def at_once(*arguments: object) -> bool:
        found = real(*arguments)  # type: ignore[arg-type]
        with suppress(threading.BrokenBarrierError):
            both.wait(3)
        return found

    with (
        fresh_database(postgres_url) as url,
        ledger_company(Process(database_url=url, secret_key=SECRET_KEY), clock) as made,
        patch.object(holding, "_busy", at_once),
        ThreadPoolExecutor(2) as pool,
    ):
        jobs = [made.hub.ask_sync("acme", "ledger").id for _ in range(2)]
        done = list(pool.map(lambda number: take(made.hub.store, "acme", number, clock, this_worker()), jobs))
    assert sum(one is not None for one in done) == 1


def test_a_key_in_small_letters_is_idempotent_too(paper: PaperCompany) -> None:
    """The scheme is the same in capitals and small letters: what is let in is also done once."""
    key = new_key(paper.hub.store, "platform", ALL_SCOPES)
    plan = {"provider": "paper", "administration": "paper", "dates": ["2026-10-01", "2026-10-31"]}
    sent = {"Authorization": f"bearer {key}", "Idempotency-Key": "k1"}
    with serving(paper.hub) as address:
        host = Host(address)
        made = [host.send("POST", "/companies/acme/plans", json_body=plan, headers=sent).json()["id"] for _ in range(2)]
    assert made[0] == made[1]


def test_what_was_answered_of_a_company_goes_with_it(paper: PaperCompany) -> None:
    """A plan that was released names employees and their amounts."""
    paper.cards(card("t1"))
    plan = paper.plan()
    key = new_key(paper.hub.store, "platform", ALL_SCOPES)
    with serving(paper.hub) as address:
        host = Host(address, key)
        host.send(
            "POST",
            f"/companies/acme/plans/{plan.id}/release",
            json_body={"by": "Robin"},
            headers={"Idempotency-Key": "k1"},
        )
    paper.hub.remove_company("acme", "Acme")
    with paper.hub.store.everywhere() as session:
        assert not any(b'"employee"' in one.body for one in session.exec(select(Answered)).all())


def test_a_password_with_a_space_is_taken_and_never_quoted() -> None:
    """The store takes it, so the queue must."""
    from psycopg import conninfo

    from hub.working import queue

    address = queue.arguments(make_engine("postgresql://hub:geheim%20woord@127.0.0.1/hub"))["conninfo"]
    assert make_url("postgresql://hub:geheim%20woord@127.0.0.1/hub").password == "geheim woord"
    assert conninfo.conninfo_to_dict(address)["password"] == "geheim woord"


def test_endpoints_that_are_known_to_hang_come_last(company: Company) -> None:
    """Whoever answers hears at once, however many others have not answered for an hour."""
    hub, heard, late = company.hub, threading.Event(), []

    class Line:
        def __init__(self, url: str, process: Process) -> None:
            self.hangs = not url.endswith("/live")

        def send(self, message: object) -> Outcome:
            if not self.hangs:
                heard.set()
            elif not heard.wait(2):
                late.append(1)
            return Outcome(not self.hangs, "", answered=not self.hangs)

        def close(self) -> None:
            """Nothing is open."""

    for number in range(delivering.AT_ONCE):
        hub.add_webhook(f"http://127.0.0.1:9/{number}")
    hub.add_webhook("http://127.0.0.1:9/live")
    with hub.store.everywhere() as session:
        for one in session.exec(select(Endpoint).where(~col(Endpoint.url).endswith("/live"))):
            one.failing_since = hub.clock.moment().at - timedelta(hours=1)
    hub.plan_sync("acme", "ledger")
    with patch.object(delivering, "Sender", Line):
        hub.deliver_due()
    assert (heard.is_set(), late) == (True, [])


def test_a_job_that_fails_is_told_in_the_log(
    company: Company, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where its problem says that the operator must look."""

    def fails(*_: object) -> dict[str, object]:
        raise ZeroDivisionError

    with patch.object(doing, "TASKS", {JobKind.SYNC: fails}):
        doing.do(company.hub, "acme", company.hub.ask_sync("acme", "ledger").id, threading.Event())
    assert ("job failed" in caplog.text, capsys.readouterr().out) == (True, "")
