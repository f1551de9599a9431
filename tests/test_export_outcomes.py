"""What goes wrong on the way: changes after the plan, doubts, refusals, crashes; and what the journal says of it."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from hub.administrations import Booking
from hub.export import engine
from hub.export.engine import Engine
from hub.export.journal import Ending, begin, finish
from hub.export.report import PlanView
from hub.export.states import ALLOWED, EntryState, Outcome, RunState, check_transition, run_state
from hub.intake.shapes import Deletion
from hub.models import Entry, Kind, PostedEntry, Slot
from hub.process import Process
from hub.store.companies import Audit
from hub.store.exports import Attempt
from hub.store.exports import Entry as EntryRow
from hub.store.session import CompanySession
from hub.testing.company import Company, card, ledger_company
from hub.testing.ledger import LedgerPosting


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


def reasons(view: PlanView) -> dict[str, str]:
    return {one.finding.timecard: one.finding.code for one in (*view.held, *view.left)}


# -- after the export -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [card("a", minutes=540, revision=2), card("a", minutes=60, revision=2), Deletion(id="a", revision=2)]
)
def test_a_card_that_changes_after_it_turned_white_sends_nothing_more(company: Company, change: Any) -> None:
    """Corrections are not sent yet: the person waits, with a reason, and others are not touched."""
    company.cards(card("a"))
    company.export()
    company.cards(change, card("b", day=6), card("c", "m2"))
    plan = company.plan()
    assert reasons(plan)["b"] == "correction_needed"
    assert {one.employee for one in plan.lines} == {"e2"}


def test_a_mapping_that_moves_after_the_export_does_not_pay_again(company: Company) -> None:
    """The hours under the old code would otherwise be posted once more under the new one."""
    company.cards(card("a"))
    company.export()
    company.ledger.codes = (*company.ledger.codes, company.ledger.codes[0].model_copy(update={"code": "101"}))
    company.plan()
    company.hub.map("acme", "ledger", Booking("worked", "101"))
    company.cards(card("b", day=6))
    plan = company.plan()
    assert (plan.lines, reasons(plan)) == ((), {"b": "correction_needed"})


def test_a_card_that_changes_between_plan_and_run_is_not_sent(company: Company) -> None:
    """What was released is what is sent, or nothing."""
    company.cards(card("a"), card("b", "m2"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.cards(card("a", minutes=60, revision=2))
    run = company.hub.run("acme", plan.id)
    assert run.state == RunState.DONE_IN_PART
    assert company.ledger.totals() == {("e2", "100"): 800, ("e2", "days"): 100}
    assert company.white() == {"b"}


def test_two_released_plans_for_the_same_cards_pay_once(company: Company) -> None:
    """The second finds that something was posted under its keys and sends nothing."""
    company.cards(card("a"))
    plans = [company.plan(), company.plan()]
    for plan in plans:
        company.hub.release("acme", plan.id, "Robin")
        run = company.hub.run("acme", plan.id)
    assert {one.state for one in run.entries} == {"changed"}
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100}


# -- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["lost", "vanished", "same id"])
def test_an_unknown_outcome_stops_the_run_and_stays_in_doubt(company: Company, word: str) -> None:
    """Nothing more is sent: not by this run, not by running it again, not by a new plan."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "", "", word] if word == "same id" else [word]
    run = company.export()
    posted = len(company.ledger.posted)
    assert run.state == RunState.IN_DOUBT
    assert [one.state for one in run.entries].count("in doubt") == 1
    assert company.hub.run("acme", run.plan).state == RunState.IN_DOUBT
    assert len(company.ledger.posted) == posted
    doubtful = next(one for one in run.entries if one.state == "in doubt")
    waiting = {"e1": "a", "e2": "b"}[doubtful.employee]
    assert reasons(company.plan())[waiting] == "in_doubt"
    assert waiting not in company.white()


@pytest.mark.parametrize("word", ["not sent", "not executed"])
def test_what_certainly_did_not_happen_is_sent_when_the_run_goes_on(company: Company, word: str) -> None:
    """The run pauses with the reason, keeps the entry planned, and posts each once when it is run again."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", word]
    run = company.export()
    assert run.state == RunState.PAUSED
    assert "ledger" in run.paused
    assert company.hub.run("acme", run.plan).state == RunState.DONE
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100, ("e2", "100"): 800, ("e2", "days"): 100}


def test_a_refusal_keeps_its_card_green_and_lets_the_others_go(company: Company) -> None:
    """The reason is shown, the card is confirmed in part only, the run is done in part."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "refused"]
    run = company.export()
    assert (run.state, run.white, run.in_part) == (RunState.DONE_IN_PART, ("b",), ("a",))
    assert [one.reason for one in run.entries if one.state == "refused"] == ["The ledger refuses this."]


def test_a_slot_that_cannot_be_read_is_not_posted_to(company: Company) -> None:
    """Without knowing what is there, nothing is sent."""
    company.cards(card("a"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.ledger.readable = False
    run = company.hub.run("acme", plan.id)
    assert (run.state, company.ledger.posted) == (RunState.PAUSED, [])


def test_a_crash_while_sending_leaves_a_doubt_never_a_second_posting(company: Company) -> None:
    """The process dies inside the call; the next run finds the open attempt and stops."""
    company.cards(card("a"), card("b", "m2"))

    def die(entry: Entry, key: str) -> None:
        raise KeyboardInterrupt

    company.ledger.watch = die
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    with pytest.raises(KeyboardInterrupt):
        company.hub.run("acme", plan.id)
    company.ledger.watch = lambda entry, key: None
    run = company.hub.run("acme", plan.id)
    assert run.state == RunState.IN_DOUBT
    assert company.ledger.posted == []


def overtaken(company: Company, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let another worker do the whole run between one worker's look at what is planned and its first posting.

    Returns how often the most posted entry was posted.
    """
    company.cards(card("a"), card("b", "m2"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    read = LedgerPosting.read

    def read_late(posting: LedgerPosting, slot: Slot) -> tuple[PostedEntry, ...]:
        monkeypatch.setattr(LedgerPosting, "read", read)
        company.hub.run("acme", plan.id)
        return read(posting, slot)

    monkeypatch.setattr(LedgerPosting, "read", read_late)
    company.hub.run("acme", plan.id)
    return max(Counter((one.slot, one.code) for one in company.ledger.posted).values())


def test_a_worker_that_was_overtaken_posts_nothing_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an entry is, is read anew in the transaction that takes it up."""
    assert overtaken(company, monkeypatch) == 1


def test_an_engine_that_trusts_what_it_read_before_is_caught(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant writes the state that it remembers over the one in the database, and so pays again."""

    def begin_from_memory(session: CompanySession, row: EntryRow, before: Sequence[PostedEntry]) -> Attempt | None:
        row.state = EntryState.PLANNED
        return begin(session, row, before)

    monkeypatch.setattr(engine, "begin", begin_from_memory)
    assert overtaken(company, monkeypatch) == 2


def test_two_workers_at_once_never_pay_twice(company: Company) -> None:
    """At worst an entry that was under way is left in doubt, visibly."""
    company.cards(*(card(f"a{day}", day=day) for day in range(5, 9)), card("b", "m2"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        with contextlib.suppress(RuntimeError):  # a worker whose entry another one took for lost
            company.hub.run("acme", plan.id)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert max(Counter((one.slot, one.code) for one in company.ledger.posted).values()) == 1


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

    def send_first(self: Engine, row: EntryRow) -> str:
        slot = Slot(administration=row.administration, employee=row.employee, period=self.period, kind=Kind(row.kind))
        entry = Entry(slot=slot, code=row.code, cost_centre=row.cost_centre, amount=row.amount, sets=row.sets)
        answer = self.posting.post(entry, "early")
        with self.store.write(self.company) as session:
            row = session.merge(row)
            attempt = begin(session, row, ())
            assert attempt and isinstance(answer, PostedEntry)
            finish(session, row, attempt, Ending(Outcome.ACCEPTED, posted_id=answer.id))
        return ""

    monkeypatch.setattr(Engine, "_send", send_first)
    assert committed_before_every_call(company) == [False] * 4


def test_every_change_of_state_has_its_audit_row(company: Company) -> None:
    """Each entry went from planned to sending to confirmed, and the trail says so, in order."""
    company.cards(card("a"))
    company.export()
    trail = [row.detail for row in company.rows(Audit) if row.action == "entry"]
    assert trail == [{"from": "planned", "to": "sending"}, {"from": "sending", "to": "confirmed"}] * 2


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


@pytest.mark.parametrize("old", list(EntryState))
def test_only_transitions_in_the_table_are_allowed(old: EntryState) -> None:
    """In particular a doubt never becomes planned by itself, and what is confirmed stays so."""
    for new in EntryState:
        if new in ALLOWED[old]:
            check_transition(old, new)
        else:
            with pytest.raises(RuntimeError):
                check_transition(old, new)


def test_the_state_of_a_run_follows_from_its_entries() -> None:
    """A doubt weighs most; what is still to do comes next; only all confirmed is done."""
    state = EntryState
    assert run_state([state.CONFIRMED, state.IN_DOUBT, state.PLANNED], True) is RunState.IN_DOUBT
    assert run_state([state.CONFIRMED, state.PLANNED], True) is RunState.PAUSED
    assert run_state([state.CONFIRMED, state.PLANNED], False) is RunState.RUNNING
    assert run_state([state.CONFIRMED, state.REFUSED], False) is RunState.DONE_IN_PART
    assert run_state([state.CONFIRMED], False) is RunState.DONE
    assert run_state([], False) is RunState.DONE
