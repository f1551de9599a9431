"""Crashes, other workers, and the journal: what is known of every call, whenever the hub stops and whoever goes on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.export.posting.jobs import Call, Job
from hub.export.posting.journal import Journal
from hub.export.posting.lease import SECONDS, Lease
from hub.export.posting.visit import Visit
from hub.export.states import RunState
from hub.models import Entry, Kind, PostedEntry, Slot
from hub.process import Process
from hub.store.companies import Audit
from hub.store.exports import Attempt
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.testing.ledger import LedgerPosting, LedgerProvider

PAID = {("e1", "100"): 800, ("e1", "days"): 100, ("e2", "100"): 800, ("e2", "days"): 100}
"""Card a of e1 and card b of e2, once."""

SETTLE = LedgerProvider.settle_seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        yield made


# -- crashes and other workers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrived", [False, True], ids=["the call was not made", "the call arrived"])
def test_a_crash_while_sending_leaves_a_doubt_never_a_second_posting(
    company: Company, clock: FakeClock, arrived: bool
) -> None:
    """The process dies inside the call; whoever takes the run over reads back what became of it."""
    company.cards(card("a"), card("b", "m2"))

    def die(entry: Entry, key: str) -> None:
        if entry.slot.kind is Kind.HOURS:
            company.ledger.watch = lambda entry, key: None
            if arrived:
                company.ledger.put(entry)
            raise KeyboardInterrupt

    company.ledger.watch = die
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    threads = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        company.hub.run("acme", plan.id)
    assert set(threading.enumerate()) == threads, "the dead say that they are there"
    clock.forward(SECONDS + 1)
    run = company.hub.run("acme", plan.id)
    assert run.state == (RunState.DONE if arrived else RunState.IN_DOUBT)
    assert [one.state for one in run.entries] == ["verified", "verified" if arrived else "in doubt", *["verified"] * 2]
    clock.forward(SETTLE)
    assert company.hub.run("acme", plan.id).state == RunState.DONE
    assert company.ledger.totals() == PAID


def overtaken(company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a worker freeze between its look at the hours of its first person and their attempt; another does the run.

    Returns what payroll then holds of these hours.
    """
    company.cards(card("a"), card("b", "m2"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    read = LedgerPosting.read

    def read_late(posting: LedgerPosting, slot: Slot) -> tuple[PostedEntry, ...]:
        if slot.kind is Kind.HOURS:
            monkeypatch.setattr(LedgerPosting, "read", read)
            clock.forward(SECONDS + 1)
            assert company.hub.run("acme", plan.id).state == RunState.DONE
        return read(posting, slot)

    monkeypatch.setattr(LedgerPosting, "read", read_late)
    company.hub.run("acme", plan.id)
    return company.ledger.totals()["e1", "100"]


def test_a_worker_that_was_overtaken_posts_nothing_again(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose the run is, and what an entry is, is read anew in the transaction that takes it up."""
    assert overtaken(company, clock, monkeypatch) == 800
    assert company.hub.show("acme", 1).state == RunState.DONE


def test_an_engine_that_trusts_what_it_read_before_is_caught(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant asks nobody before it sends what it remembers, and so pays again."""
    begin = Journal.begin

    def from_memory(self: Journal, jobs: Sequence[Job], before: tuple[PostedEntry, ...]) -> Call | None:
        frozen = self.epoch == 1 and jobs[0].slot.kind is Kind.HOURS
        return Call(0, "", tuple(jobs), before) if frozen else begin(self, jobs, before)

    monkeypatch.setattr(Journal, "begin", from_memory)
    monkeypatch.setattr(Journal, "check", lambda self: None)
    monkeypatch.setattr(Lease, "seconds_left", lambda self: SECONDS)
    assert overtaken(company, clock, monkeypatch) == 1600


def test_two_workers_at_once_never_pay_twice(company: Company) -> None:
    """One of them has the run; the other leaves it alone, and nothing is in doubt."""
    company.cards(*(card(f"a{day}", day=day) for day in range(5, 9)), card("b", "m2"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        company.hub.run("acme", plan.id)

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(work) for _ in range(2)]:
            one.result()
    assert company.hub.show("acme", 1).state == RunState.DONE
    assert Counter((one.slot, one.code) for one in company.ledger.posted).most_common(1)[0][1] == 1


def frozen_before_its_call(company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, check: bool) -> int:
    """Freeze a worker between its attempt and its call, until another has taken over, waited and sent it.

    Returns what payroll then holds of these hours. Without `check` the worker does not look whose the run is.
    """
    company.cards(card("a"))
    plan = company.plan(groups=("worked",))
    company.hub.release("acme", plan.id, "Robin")
    real = Journal.check

    def late(self: Journal) -> None:
        monkeypatch.setattr(Journal, "check", real)
        for seconds in (SECONDS + 1, SETTLE):
            clock.forward(seconds)
            company.hub.run("acme", plan.id)
        if check:
            real(self)

    monkeypatch.setattr(Journal, "check", late)
    assert company.hub.run("acme", plan.id).state == RunState.DONE
    return company.ledger.totals()["e1", "100"]


def test_a_worker_that_was_frozen_before_its_call_does_not_make_it(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one found nothing in payroll, waited the settle time, and sent it."""
    assert frozen_before_its_call(company, clock, monkeypatch, check=True) == 800


def test_a_worker_whose_lease_is_over_does_not_send_though_it_looked_too_early(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It froze after that: its call may not begin any more."""
    assert frozen_before_its_call(company, clock, monkeypatch, check=False) == 800


def test_two_workers_without_an_epoch_are_caught(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant looks neither whose the run is nor how long its lease lasts, and pays again."""
    monkeypatch.setattr(Lease, "seconds_left", lambda self: SECONDS)
    assert frozen_before_its_call(company, clock, monkeypatch, check=False) == 1600


# -- the journal ------------------------------------------------------------------------------------------------------


def committed_before_every_call(company: Company) -> list[bool]:
    """Tell for each posting whether its attempt was in the database, seen from another connection, when it was made."""
    seen: list[bool] = []

    def look(entry: Entry, key: str) -> None:
        seen.append(any(one.key == key and not one.outcome for one in company.rows(Attempt)))

    company.ledger.watch = look
    company.cards(card("a"), card("b", "m2"))
    company.export()
    return seen


def test_an_attempt_is_committed_before_its_call(company: Company) -> None:
    """What was sent is known after any crash."""
    seen = committed_before_every_call(company)
    assert seen == [True] * 4


def test_an_engine_that_sends_before_it_commits_is_caught(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant posts first and writes afterwards."""

    def send_first(self: Visit) -> None:
        rows = self.worker.read(self.jobs[0].slot)
        for job in self.jobs:
            ending = self.worker.call(Call(0, "early", (job,), rows))
            call = self.worker.begin([job], rows)
            assert call
            self.worker.record(call, ending)

    monkeypatch.setattr(Visit, "_send_all", send_first)
    assert committed_before_every_call(company) == [False] * 4


def test_every_change_of_state_has_its_audit_row(company: Company) -> None:
    """Each entry went from planned to sending, confirmed and verified, and the trail says so, in order."""
    company.cards(card("a"))
    company.ledger.script = ["", "lost"]
    company.export()
    trail = [(row.subject, *row.detail.values()) for row in company.rows(Audit) if row.action == "entry"]
    assert trail == [
        ("entry 1", "planned", "sending"),
        ("entry 1", "sending", "confirmed", "answer"),
        ("entry 2", "planned", "sending"),
        ("entry 2", "sending", "in doubt"),
        ("entry 2", "in doubt", "confirmed", "read back"),
        ("entry 1", "confirmed", "verified"),
        ("entry 2", "confirmed", "verified"),
    ]


def test_a_run_says_in_the_trail_when_it_was_taken_and_how_it_ended(company: Company) -> None:
    """Under which epoch, and why it is not finished."""
    company.cards(card("a"))
    company.ledger.script = ["not sent"]
    company.hub.run("acme", company.export().plan)
    trail = [(row.action, row.detail) for row in company.rows(Audit) if row.subject == "run 1"]
    assert trail == [
        ("run started", {"plan": 1, "entries": 2}),
        ("run taken", {"epoch": 1}),
        ("run paused", {"reason": "The ledger cannot be reached."}),
        ("run taken", {"epoch": 2}),
        ("run done", {"reason": ""}),
    ]


def test_the_comment_traces_an_entry_back(company: Company) -> None:
    """A clerk who sees the row in payroll can find the plan and the entry."""
    company.cards(card("a"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.hub.run("acme", plan.id)
    assert {one.comment for one in company.ledger.posted} == {
        f"payroll-hub plan {plan.id} entry {number}, 1 timecards" for number in (1, 2)
    }


def test_a_past_period_is_changed_only_with_permission(company: Company) -> None:
    """The flag that opens a protected period is on only where the released plan says so."""
    company.cards(card("a"), card("b", "m2"))
    company.export()
    assert {one.unprotected for one in company.ledger.posted} == {False}
    company.cards(card("c", day=7))
    company.export(past_period=True)
    assert [one.unprotected for one in company.ledger.posted[4:]] == [True, True]
