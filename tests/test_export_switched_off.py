"""A connection that is switched off during a run: nothing more is sent, and later the rest goes out once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from hub.errors import NotSent
from hub.export.posting.journal import SWITCHED_OFF, Journal, Overtaken
from hub.export.posting.lease import SECONDS, Lease
from hub.export.report import RunView
from hub.export.states import Outcome, RunState
from hub.models import Entry
from hub.process import Process
from hub.store.exports import Attempt, Run
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.testing.ledger import LedgerProvider

PAID = {("e1", "100"): 800, ("e1", "days"): 100, ("e2", "100"): 800, ("e2", "days"): 100}
"""Card a of e1 and card b of e2, once: four calls."""

RUN = 1


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        made.cards(card("a"), card("b", "m2"))
        yield made


def switch(company: Company, *, on: bool) -> None:
    company.hub.switch("acme", "ledger", on, actor="Kim")


def off_at(company: Company, call: int) -> list[Entry]:
    """Let the company switch off while this call is on its way; return the list of all calls that are made."""
    made: list[Entry] = []

    def watch(entry: Entry, key: str) -> None:
        made.append(entry)
        if len(made) == call:
            switch(company, on=False)

    company.ledger.watch = watch
    return made


def states(run: RunView) -> list[str]:
    return sorted(one.state for one in run.entries)


def test_nothing_more_is_sent_and_the_run_says_who_must_act(company: Company) -> None:
    """The call that was on its way is recorded as always; what was not sent stays planned."""
    made = off_at(company, 1)
    run = company.export()
    assert (len(made), len(company.ledger.posted)) == (1, 1)
    assert (run.state, run.paused) == (RunState.PAUSED, SWITCHED_OFF)
    assert states(run) == ["confirmed", "planned", "planned", "planned"]
    assert "switched this connection off" in run.paused
    assert "an admin of the company must switch it on again" in run.paused
    assert (run.held_by, run.held_until) == ("", None)


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_switched_on_again_the_run_completes_with_each_entry_once(company: Company, call: int) -> None:
    """Wherever it stopped."""
    off_at(company, call)
    plan = company.export().plan
    assert len(company.ledger.posted) == call
    switch(company, on=True)
    run = company.hub.run("acme", plan)
    assert (run.state, run.paused, states(run)) == (RunState.DONE, "", ["verified"] * 4)
    assert (len(company.ledger.posted), company.ledger.totals(), company.white()) == (4, PAID, {"a", "b"})


def test_an_answer_that_is_lost_after_the_switch_stays_a_doubt(company: Company) -> None:
    """It is a call that was on its way: it may be in payroll, and is settled when the company allows it again."""
    off_at(company, 1)
    company.ledger.script = ["vanished"]
    run = company.export()
    assert states(run) == ["in doubt", "planned", "planned", "planned"]
    assert next(one.outcome for one in company.rows(Attempt)) == Outcome.UNKNOWN


@pytest.mark.parametrize("slots", [2, 3])
def test_with_slots_in_parallel_only_calls_that_were_past_the_check_are_made(
    company: Company, monkeypatch: pytest.MonkeyPatch, slots: int
) -> None:
    """As many as there are threads; none of them makes a second one."""
    monkeypatch.setattr(LedgerProvider, "concurrency", slots)
    together, lock, made = threading.Barrier(slots), threading.Lock(), list[Entry]()

    def watch(entry: Entry, key: str) -> None:
        with lock:
            made.append(entry)
        if together.wait(30) == 0:
            switch(company, on=False)
        together.wait(30)

    company.ledger.watch = watch
    run = company.export()
    assert (len(made), run.paused) == (slots, SWITCHED_OFF)


def lease(company: Company, clock: FakeClock, name: str) -> Lease:
    return Lease(company.hub.store, "acme", RUN, clock, name)


@pytest.mark.parametrize(
    ("is_overtaken", "on", "raised"),
    [(False, True, None), (False, False, NotSent), (True, True, Overtaken), (True, False, Overtaken)],
)
def test_overtaken_is_told_apart_from_switched_off(
    company: Company, clock: FakeClock, is_overtaken: bool, on: bool, raised: type[Exception] | None
) -> None:
    """Whoever lost the run may not write why it stopped: the other one will see it by itself."""
    company.export()
    mine = lease(company, clock, "one")
    assert mine.take()
    if is_overtaken:
        clock.forward(SECONDS)
        assert lease(company, clock, "two").take()
    switch(company, on=on)
    check: Callable[[], None] = Journal(company.hub.store, "acme", "ledger", RUN, mine.epoch, clock).check
    if raised is None:
        check()
    else:
        with pytest.raises(raised):
            check()


def test_only_this_company_and_this_connection_count(company: Company, clock: FakeClock) -> None:
    """Another company that switched the same provider off stops nobody else."""
    hub = company.hub
    hub.add_company("other", "Other")
    hub.connect("other", "ledger", {"book": "other"})
    hub.switch("other", "ledger", False)
    run = company.export()
    assert (run.state, company.rows(Run)[0].paused) == (RunState.DONE, "")
