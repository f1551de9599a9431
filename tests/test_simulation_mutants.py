"""The mistakes that an engine can make, made on purpose: the simulation must see each of them, or it proves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hub.destination import GuardedPosting
from hub.export.posting import calls, doubt, engine, worker
from hub.export.posting import statements as sql
from hub.export.posting.calls import Abilities
from hub.export.posting.closing import Closing
from hub.export.posting.jobs import Call, Ending, Job
from hub.export.posting.journal import Journal
from hub.export.posting.lease import SECONDS, Lease
from hub.export.posting.standing import Standing
from hub.export.states import LEADS_TO, Outcome
from hub.models import PostedEntry
from hub.store.prepared import CompanyConnection
from hub.testing.simulation import Simulation, SteppingStore
from hub.testing.simulation_oracle import Findings, play

SEEDS = range(400)
STEP = 20

Rows = tuple[PostedEntry, ...]
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def memory() -> Iterator[SteppingStore]:
    store = SteppingStore.in_memory()
    yield store
    store.close()


def caught(memory: SteppingStore, what: str) -> bool:
    """Play seeds until something of a kind is found."""
    for start in range(SEEDS.start, SEEDS.stop, STEP):
        found: Findings = play(memory, range(start, start + STEP))
        if getattr(found, what):
            return True
    return False


def send_before_commit(monkeypatch: Patch) -> None:
    """Make the call first and write the attempt down with its outcome."""
    begin, finish = Journal.begin, Journal.finish

    def unwritten(journal: Journal, jobs: Sequence[Job], before: Rows) -> Call:
        return Call(0, f"{journal.run}-{jobs[0].id}-{journal.clock.moment().ticks}", tuple(jobs), before)

    def afterwards(journal: Journal, call: Call, ending: Ending) -> Outcome:
        written = call if call.id else begin(journal, call.jobs, call.before)
        return finish(journal, written, ending) if written else Outcome.REFUSED

    monkeypatch.setattr(Journal, "begin", unwritten)
    monkeypatch.setattr(Journal, "finish", afterwards)


def test_sending_before_the_commit_is_caught_by_what_it_does(memory: SteppingStore, monkeypatch: Patch) -> None:
    """A crash between the two leaves a row of which the journal knows nothing."""
    send_before_commit(monkeypatch)
    monkeypatch.setattr(Simulation, "_check_written", lambda month, key: None)
    assert caught(memory, "doubles")


def test_sending_before_the_commit_is_caught_when_it_is_done(memory: SteppingStore, monkeypatch: Patch) -> None:
    """Also where nothing comes of it."""
    send_before_commit(monkeypatch)
    assert caught(memory, "broken")


def test_sending_again_after_a_crash_is_caught(memory: SteppingStore, monkeypatch: Patch) -> None:
    """What a crash left open has almost always arrived."""

    def resend(journal: Journal, now: Standing) -> int:
        left = [call for call in now.doubts if call.outcome is Outcome.OPEN]
        for call in left:
            journal.finish(call, Ending(Outcome.NOT_SENT))
        return len(left)

    monkeypatch.setattr(engine, "recover", resend)
    assert caught(memory, "doubles")


def test_believing_absence_at_once_is_caught(memory: SteppingStore, monkeypatch: Patch) -> None:
    """The effect comes after the reading that did not show it."""
    monkeypatch.setattr(doubt, "waits", lambda worker, call: 0.0)
    assert caught(memory, "doubles")


def test_taking_a_fault_for_a_refusal_is_caught(memory: SteppingStore, monkeypatch: Patch) -> None:
    """An answer that says nothing of payroll's own proves nothing."""
    make = calls.make

    def refused(posting: GuardedPosting, call: Call, able: Abilities) -> Ending:
        ending = make(posting, call, able)
        return replace(ending, outcome=Outcome.REFUSED) if ending.outcome is Outcome.UNKNOWN else ending

    monkeypatch.setattr(worker, "make", refused)
    assert caught(memory, "doubles")


@pytest.mark.parametrize("mutant", ["believes what it did", "never looks"])
def test_an_engine_without_a_closing_check_is_caught(memory: SteppingStore, monkeypatch: Patch, mutant: str) -> None:
    """Only the closing check sees that payroll repeated an effect, or that a clerk took our row away."""

    def believe(step: Closing) -> None:
        if mutant != "never looks":
            step.worker.journal.close({job.id: "" for job in step.jobs})

    monkeypatch.setattr(Closing, "make", believe)
    assert caught(memory, "doubles")


def test_two_workers_without_an_epoch_are_caught(memory: SteppingStore, monkeypatch: Patch) -> None:
    """One that was frozen wakes up and sends what another has sent meanwhile."""

    @contextmanager
    def unasked(journal: Journal) -> Iterator[CompanyConnection]:
        with journal.store.journal(journal.company) as connection:
            yield connection

    monkeypatch.setattr(Journal, "_transaction", unasked)
    monkeypatch.setattr(Journal, "check", lambda journal: None)
    monkeypatch.setattr(Lease, "seconds_left", lambda lease: SECONDS)
    monkeypatch.setattr(Lease, "renew", lambda lease: None)
    monkeypatch.setattr(Lease, "seconds_left", lambda lease: SECONDS)
    assert caught(memory, "doubles")


def test_a_worker_that_sends_after_its_lease_is_caught(memory: SteppingStore, monkeypatch: Patch) -> None:
    """One that was frozen after it had asked whose the run is sends what another has sent meanwhile."""
    monkeypatch.setattr(Lease, "seconds_left", lambda lease: 1000 * SECONDS)
    assert caught(memory, "doubles")


def test_taking_our_other_rows_for_strange_ones_is_caught(memory: SteppingStore, monkeypatch: Patch) -> None:
    """An equal row of another entry is neither what is in doubt nor a double."""
    monkeypatch.setattr(worker, "_ids", lambda posted: frozenset())
    assert caught(memory, "broken")


def test_sending_for_ever_what_payroll_does_not_take_is_caught(memory: SteppingStore, monkeypatch: Patch) -> None:
    """Twice absent after the same fault means that somebody must look into it."""

    def absent(journal: Journal, call: Call) -> None:
        with journal._transaction() as connection:
            journal._settle(connection, call, Outcome.ABSENT)
            for job in call.jobs:
                state = connection.run(sql.HOLD_ENTRY, entries=[job.id]).one().state
                journal._move(connection, job.id, state, LEADS_TO[Outcome.ABSENT])

    monkeypatch.setattr(Journal, "absent", absent)
    assert caught(memory, "broken")
