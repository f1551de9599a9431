"""A plugin that does not come back: whatever it was asked during a run, it is given up, and the run pauses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from hub.connection import Connection
from hub.export.posting.engine import START_DEADLINE
from hub.export.posting.threads import DEADLINE, HANGS
from hub.export.report import RunView
from hub.export.states import RunState
from hub.models import Entry, Pending
from hub.process import Process
from hub.store.exports import Run
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.testing.deciding import ONLY_HOURS
from hub.testing.ledger import LedgerPosting, LedgerProvider

PATIENCE = 30.0
"""How long, in seconds, a test waits for what must come at once."""


@dataclass
class Hanging:
    """Makes one call of a plugin hang until `over`; by then `seconds` have gone by on the clock."""

    clock: FakeClock
    seconds: float = DEADLINE + 1
    over: threading.Event = field(default_factory=threading.Event)
    armed: bool = True

    def __call__(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call, of which the first one hangs."""

        def hang(*asked: Any) -> Any:
            if self.armed:
                self.armed = False
                self.clock.forward(self.seconds)
                self.over.wait(2 * PATIENCE)
            return real(*asked)

        return hang


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def hanging(clock: FakeClock) -> Iterator[Hanging]:
    made = Hanging(clock)
    yield made
    made.over.set()


@pytest.fixture
def company(process: Process, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setattr(LedgerProvider, "concurrency", 2)
    with ledger_company(process, clock) as made:
        made.cards(card("a"))
        yield made


def released(company: Company) -> int:
    plan = company.plan(**ONLY_HOURS).id
    company.hub.release("acme", plan, "Robin")
    return plan


def run(company: Company, plan: int, hanging: Hanging) -> RunView:
    """Run a plan in a thread of its own; it must come back though the plugin does not."""
    found: list[RunView] = []
    thread = threading.Thread(target=lambda: found.append(company.hub.run("acme", plan)), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    came_back = bool(found)
    if not came_back:
        hanging.over.set()
        thread.join(PATIENCE)
    assert came_back, "the run waits for the plugin"
    return found[0]


def slots_ended() -> None:
    """Wait until no thread of a run is left."""
    for thread in threading.enumerate():
        if thread.name.startswith("slot "):
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.mark.parametrize("call", ["read", "post"])
def test_a_call_that_hangs_is_given_up(
    company: Company, hanging: Hanging, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A reading has sent nothing, so its entry stays planned; of a posting it is not known. Nobody holds the run."""
    plan = released(company)
    monkeypatch.setattr(LedgerPosting, call, hanging(getattr(LedgerPosting, call)))
    view = run(company, plan, hanging)
    assert (view.state, view.paused) == (RunState.PAUSED, HANGS)
    assert [one.state for one in view.entries] == ["planned" if call == "read" else "sending"]
    assert (view.held_by, view.held_until) == ("", None)


def test_what_comes_back_late_sends_nothing_and_the_next_run_completes(
    company: Company, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that was given up ends without a call."""
    plan = released(company)
    monkeypatch.setattr(LedgerPosting, "read", hanging(LedgerPosting.read))
    run(company, plan, hanging)
    hanging.over.set()
    slots_ended()
    assert company.ledger.posted == []
    assert (company.hub.run("acme", plan).state, company.ledger.totals()) == (RunState.DONE, {("e1", "100"): 800})


def test_a_closing_check_that_hangs_is_given_up(
    company: Company, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was posted stays confirmed, until it is run again."""
    plan = released(company)
    company.ledger.watch = lambda entry, key: monkeypatch.setattr(LedgerPosting, "read", hanging(LedgerPosting.read))
    view = run(company, plan, hanging)
    assert (view.paused, [one.state for one in view.entries]) == (HANGS, ["confirmed"])


def test_a_reading_back_of_a_doubt_that_hangs_is_given_up(
    company: Company, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays in doubt."""
    plan = released(company)
    company.ledger.script = ["vanished"]
    company.hub.run("acme", plan)
    monkeypatch.setattr(LedgerPosting, "read", hanging(LedgerPosting.read))
    view = run(company, plan, hanging)
    assert (view.paused, [one.state for one in view.entries]) == (HANGS, ["in doubt"])


def test_asking_for_a_pending_answer_that_hangs_is_given_up(
    company: Company, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays pending."""

    def pending(posting: LedgerPosting, entry: Entry, key: str) -> Pending:
        return Pending(id="7", slot=entry.slot)

    plan = released(company)
    monkeypatch.setattr(LedgerPosting, "post", pending)
    monkeypatch.setattr(LedgerPosting, "resolve", hanging(lambda posting, asked: asked), raising=False)
    view = run(company, plan, hanging)
    assert (view.paused, [one.state for one in view.entries]) == (HANGS, ["pending"])


@pytest.mark.parametrize("hook", ["activate", "validate"])
def test_a_start_that_hangs_is_given_up_later(
    company: Company, hanging: Hanging, monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    """It may be very many requests, so it has longer; then nothing is sent."""
    plan = released(company)
    hanging.seconds = START_DEADLINE + 1
    monkeypatch.setattr(Connection, hook, hanging(getattr(Connection, hook)))
    view = run(company, plan, hanging)
    assert (view.paused, [one.state for one in view.entries]) == (HANGS, ["planned"])
    assert company.ledger.posted == []


def test_a_reading_that_is_slow_is_not_given_up(
    company: Company, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call has its own three minutes; together they may take longer."""
    read = LedgerPosting.read
    began = clock.at

    def slow(*asked: Any) -> Any:
        clock.forward(DEADLINE - 1)
        return read(*asked)

    plan = released(company)
    monkeypatch.setattr(LedgerPosting, "read", slow)
    assert company.hub.run("acme", plan).state == RunState.DONE
    assert clock.at - began > timedelta(seconds=DEADLINE)
    assert company.rows(Run)[0].paused == ""
