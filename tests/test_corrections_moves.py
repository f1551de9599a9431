"""Corrections of what moves elsewhere, and of what others changed meanwhile, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.administrations import Booking
from hub.intake.shapes import Deletion
from hub.models import Kind, PostedEntry
from hub.process import Process
from hub.testing.company import Company, card, ledger_company
from hub.testing.correcting import changes, reasons, rows


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


# -- what moves -------------------------------------------------------------------------------------------------------


def test_a_card_that_moves_to_another_person_is_taken_out_first(company: Company) -> None:
    """One run: the second person's row is sent only after the first one's is gone."""
    company.cards(card("a"), card("b", day=6))
    company.export()
    company.cards(card("a", "m2", revision=2))
    run = company.export()
    assert run.state == "done"
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100, ("e2", "100"): 800, ("e2", "days"): 100}
    assert company.white() == {"a", "b"}
    assert company.plan().lines == ()


def test_a_card_is_not_paid_to_the_second_person_where_the_first_one_keeps_it(company: Company) -> None:
    """Payroll refuses to take it out: then it does not go anywhere else."""
    company.cards(card("a"))
    company.export(groups=("worked",))
    company.cards(card("a", "m2", revision=2))
    plan = company.plan(groups=("worked",))
    company.hub.release("acme", plan.id, "Robin")
    company.ledger.script = ["refused"]
    run = company.hub.run("acme", plan.id)
    assert {one.employee: one.state for one in run.entries} == {"e1": "refused", "e2": "changed"}
    assert rows(company) == [("e1", "1", 800)]
    assert company.white() == set()


def test_two_people_who_were_taken_for_each_other(company: Company) -> None:
    """Neither could come first: the amounts are taken out, and the next plan books them where they belong."""
    company.cards(card("a", minutes=480), card("b", "m2", minutes=240))
    company.export(groups=("worked",))
    company.cards(card("a", "m2", minutes=480, revision=2), card("b", minutes=240, revision=2))
    company.export(groups=("worked",))
    company.export(groups=("worked",))
    assert company.ledger.totals() == {("e1", "100"): 400, ("e2", "100"): 800}
    assert company.white() == {"a", "b"}
    assert company.plan(groups=("worked",)).lines == ()


def test_a_code_that_moves_takes_the_hours_along(company: Company) -> None:
    """They leave the old code and go under the new one."""
    company.cards(card("a"))
    company.export()
    company.hub.map("acme", "ledger", Booking("worked", "150"))
    plan = company.plan()
    assert changes(plan) == [("e1", "100", "withdraw", -800), ("e1", "150", "post", 800)]
    company.export()
    assert company.ledger.totals() == {("e1", "150"): 800, ("e1", "days"): 100}


def test_a_broken_setting_takes_nothing_out(company: Company) -> None:
    """A link that is gone is no reason to take hours out of payroll: the person waits."""
    company.cards(card("a"), card("b", day=6))
    company.export()
    company.hub.link("acme", "ledger", "e1", None)
    company.cards(card("a", minutes=540, revision=2))
    plan = company.plan()
    assert (plan.lines, set(reasons(plan).values())) == ((), {"not_in_payroll"})


# -- what others did meanwhile ----------------------------------------------------------------------------------------


def test_a_correction_is_sent_only_as_it_was_released(company: Company) -> None:
    """The card changed once more after the plan: the row is left alone."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=540, revision=2))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.cards(card("a", minutes=600, revision=3))
    run = company.hub.run("acme", plan.id)
    assert ([one.state for one in run.entries], rows(company)) == (["changed"], [("e1", "1", 800)])


def test_two_released_corrections_of_one_row_change_it_once(company: Company) -> None:
    """The second was planned on what the first one changed."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=540, revision=2))
    plans = [company.plan().id for _ in range(2)]
    for number in plans:
        company.hub.release("acme", number, "Robin")
    states = [[one.state for one in company.hub.run("acme", number).entries] for number in plans]
    assert (states, rows(company)) == ([["verified"], ["changed"]], [("e1", "1", 900)])


def test_a_change_whose_answer_was_lost_is_found(company: Company) -> None:
    """The old id with the new amount: it was done."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=540, revision=2))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.ledger.script = ["lost"]
    run = company.hub.run("acme", plan.id)
    assert ([one.state for one in run.entries], rows(company)) == (["verified"], [("e1", "1", 900)])


def test_rows_that_others_typed_are_not_touched(company: Company) -> None:
    """Neither changed nor taken away, whatever their code and amount."""
    company.cards(card("a"))
    company.export()
    slot = next(slot for slot in company.ledger.rows if slot.kind is Kind.HOURS)
    company.ledger.rows[slot].insert(0, PostedEntry(id="x", kind=Kind.HOURS, code="100", amount=800))
    company.cards(Deletion(id="a", revision=2))
    company.export()
    assert rows(company) == [("e1", "x", 800)]


def test_a_row_that_a_clerk_changed_is_not_overwritten(company: Company) -> None:
    """It is ours, but what it holds is somebody else's decision."""
    company.cards(card("a"))
    company.export()
    slot = next(slot for slot in company.ledger.rows if slot.kind is Kind.HOURS)
    company.ledger.rows[slot][0] = company.ledger.rows[slot][0].model_copy(update={"amount": 750})
    company.cards(card("a", minutes=540, revision=2))
    run = company.export()
    assert ([one.state for one in run.entries], rows(company)) == (["changed"], [("e1", "1", 750)])
    assert "no longer in payroll as it was posted" in run.entries[0].reason
