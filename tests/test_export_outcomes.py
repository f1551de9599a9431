"""What goes wrong on the way: changes after the plan, lost answers, refusals, what has drifted at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hub.administrations import Booking
from hub.export.report import RunView
from hub.export.states import RunState
from hub.intake.shapes import Deletion
from hub.models import Entry, Kind, PostedEntry
from hub.process import Process
from hub.store.exports import Attempt
from hub.store.exports import Entry as EntryRow
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.testing.correcting import reasons
from hub.testing.ledger import LedgerProvider

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


# -- after the export -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        (card("a", minutes=540, revision=2), 1700),
        (card("a", minutes=60, revision=2), 900),
        (Deletion(id="a", revision=2), 800),
    ],
    ids=["longer", "shorter", "deleted"],
)
def test_a_card_that_changes_after_it_turned_white_is_put_right(company: Company, change: Any, hours: int) -> None:
    """Together with a late card of the same person; another person's hours come beside that."""
    company.cards(card("a"))
    company.export()
    company.cards(change, card("b", day=6), card("c", "m2"))
    assert company.export().state == RunState.DONE
    assert (company.ledger.totals()["e1", "100"], company.ledger.totals()["e2", "100"]) == (hours, 800)
    assert company.white() >= {"b", "c"}
    assert company.plan().lines == ()


def test_a_mapping_that_moves_after_the_export_does_not_pay_again(company: Company) -> None:
    """The hours leave the old code before they come under the new one, with those of a late card."""
    company.cards(card("a"))
    company.export()
    company.ledger.codes = (*company.ledger.codes, company.ledger.codes[0].model_copy(update={"code": "101"}))
    company.plan()
    company.hub.map("acme", "ledger", Booking("worked", "101"))
    company.cards(card("b", day=6))
    assert company.export().state == RunState.DONE
    assert company.ledger.totals() == {("e1", "101"): 1600, ("e1", "days"): 200}


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


def test_a_lost_answer_is_read_back_and_confirmed(company: Company) -> None:
    """What payroll took is found at once, under the id that it gave, and is not sent again."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "lost"]
    run = company.export()
    assert run.state == RunState.DONE
    assert [one.evidence for one in company.rows(EntryRow)] == ["answer", "read back", "answer", "answer"]
    assert company.ledger.totals() == PAID
    assert (len(company.ledger.posted), company.white()) == (4, {"a", "b"})


def in_doubt(company: Company) -> RunView:
    """Export two cards of two people; the hours of the first vanish on their way, and no answer comes."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "vanished"]
    return company.export()


def test_what_is_not_there_yet_waits_and_the_others_go(company: Company) -> None:
    """Nothing more is sent in its slot: not by this run, not by running it again, not by a new plan."""
    run = in_doubt(company)
    assert (run.state, run.white) == (RunState.IN_DOUBT, ("b",))
    assert [one.state for one in run.entries] == ["verified", "in doubt", "verified", "verified"]
    posted = len(company.ledger.posted)
    assert company.hub.run("acme", run.plan).state == RunState.IN_DOUBT
    assert reasons(company.plan()) == {"a": "in_doubt"}
    assert (len(company.ledger.posted), company.white()) == (posted, {"b"})


def test_what_did_not_come_within_the_settle_time_is_sent_again_once(company: Company, clock: FakeClock) -> None:
    """A second before it is over nothing happens; then two readings agree, and it goes."""
    run = in_doubt(company)
    clock.forward(SETTLE - 1)
    assert company.hub.run("acme", run.plan).state == RunState.IN_DOUBT
    clock.forward(1)
    assert company.hub.run("acme", run.plan).state == RunState.DONE
    assert company.ledger.totals() == PAID
    assert [one.outcome for one in company.rows(Attempt)].count("absent") == 1


def test_what_comes_late_is_found_and_not_sent_again(company: Company, clock: FakeClock) -> None:
    """A request that was on its way for a quarter of an hour is the same posting."""
    asked: list[Entry] = []
    company.ledger.watch = lambda entry, key: asked.append(entry)
    run = in_doubt(company)
    clock.forward(SETTLE)
    company.ledger.put(asked[1])
    assert company.hub.run("acme", run.plan).state == RunState.DONE
    assert company.ledger.totals() == PAID


def test_what_is_not_taken_twice_is_held_with_the_reason(company: Company, clock: FakeClock) -> None:
    """The same would happen a third time: a person must look why."""
    run = in_doubt(company)
    clock.forward(SETTLE)
    company.ledger.script = ["vanished"]
    assert company.hub.run("acme", run.plan).state == RunState.IN_DOUBT
    clock.forward(SETTLE)
    again = company.hub.run("acme", run.plan)
    assert again.state == RunState.DONE_IN_PART
    assert [one.state for one in again.entries] == ["verified", "held", "verified", "verified"]
    assert again.entries[1].reason.startswith("payroll did not take it, twice, and the answer was the same: ")
    assert company.white() == {"b"}


def test_an_amount_that_was_set_and_is_not_there_is_set_again_when_it_cannot_come_any_more(
    company: Company, clock: FakeClock
) -> None:
    """Setting it twice does no harm, but the first setting could come after a later one."""
    company.cards(card("a"))
    company.ledger.script = ["vanished"]
    run = company.export()
    assert run.state == RunState.IN_DOUBT
    clock.forward(SETTLE)
    assert company.hub.run("acme", run.plan).state == RunState.DONE
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100}


def test_an_id_that_another_entry_has_is_for_a_person(company: Company, clock: FakeClock) -> None:
    """It proves nothing: however long one waits, only somebody who looks in payroll can tell."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "", "", "same id"]
    run = company.export()
    clock.forward(SETTLE)
    assert company.hub.run("acme", run.plan).state == RunState.NEEDS_DECISION
    doubtful = company.hub.show("acme", run.id).entries[3]
    assert (doubtful.state, doubtful.reason) == (
        "needs decision",
        "the provider gave an id that belongs to entry 2",
    )
    assert doubtful.action == "Look in payroll and settle it."
    assert reasons(company.plan()) == {"b": "in_doubt"}
    assert (len(company.ledger.posted), company.white()) == (4, {"a"})


@pytest.mark.parametrize("word", ["not sent", "not executed"])
def test_what_certainly_did_not_happen_is_sent_when_the_run_goes_on(company: Company, word: str) -> None:
    """The run pauses with the reason, keeps the entry planned, and posts each once when it is run again."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", word]
    run = company.export()
    assert run.state == RunState.PAUSED
    assert "ledger" in run.paused
    assert company.hub.run("acme", run.plan).state == RunState.DONE
    assert company.ledger.totals() == PAID


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


# -- the closing check ------------------------------------------------------------------------------------------------


def hours_of(company: Company, who: str) -> list[PostedEntry]:
    """Return the rows that payroll holds in the slot of somebody's hours."""
    return next(rows for slot, rows in company.ledger.rows.items() if (slot.kind, slot.employee) == (Kind.HOURS, who))


@pytest.mark.parametrize(
    ("meddle", "reason"),
    [
        (lambda rows: rows.clear(), "row 1 is no longer in payroll"),
        (
            lambda rows: rows.append(rows.pop().model_copy(update={"amount": 700})),
            "row 1 was changed in payroll to 7.00 under 100",
        ),
        (
            lambda rows: rows.append(rows[0].model_copy(update={"id": "x"})),
            "payroll holds it more than once: rows 1 and x",
        ),
    ],
    ids=["gone", "changed", "twice"],
)
def test_what_is_otherwise_at_the_close_has_drifted(
    company: Company, meddle: Callable[[list[PostedEntry]], None], reason: str
) -> None:
    """It is shown with what to do, stays as it is in payroll, and counts as posted."""
    company.cards(card("a"), card("b", "m2"))

    def touch(entry: Entry, key: str) -> None:  # while the last entry goes out, the first has long been confirmed
        if entry.slot.employee == "e2" and entry.slot.kind is Kind.HOURS:
            meddle(hours_of(company, "e1"))

    company.ledger.watch = touch
    run = company.export()
    rows = list(hours_of(company, "e1"))
    assert run.state == RunState.DRIFTED
    assert [one.state for one in run.entries] == ["verified", "drifted", "verified", "verified"]
    assert (run.entries[1].reason, run.entries[1].action) == (reason, "Look in payroll and settle it.")
    assert company.plan().lines == ()
    assert hours_of(company, "e1") == rows


def test_a_hub_without_the_closing_check_is_caught(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant sees no difference, and a double stays in payroll without a word."""
    monkeypatch.setattr("hub.export.posting.closing.closing", lambda *_: "")
    company.cards(card("a"))

    def double(entry: Entry, key: str) -> None:
        if entry.slot.kind is Kind.HOURS:
            company.ledger.put(entry)

    company.ledger.watch = double
    assert company.export().state == RunState.DONE
    assert company.ledger.totals()["e1", "100"] == 1600
