"""A timecard that changes after it turned white: planned, released, and put right in payroll, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest

from hub.durations import AMSTERDAM
from hub.export.report import LineView, PlanView
from hub.export.settings import ExportSettings, keep_export_settings
from hub.intake.shapes import ComponentAmount, Deletion, Unit
from hub.models import Kind
from hub.process import Process
from hub.provider import Capability, Support
from hub.testing.company import Company, card, ledger_company
from hub.testing.correcting import changes, reasons, rows
from hub.testing.ledger import LedgerProvider

TRAVEL = (ComponentAmount(component="allowance:travel", unit=Unit.CENTS, amount=1234),)


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


def choose(company: Company, **settings: object) -> None:
    with company.hub.store.write("acme") as session:
        keep_export_settings(session, "ledger", ExportSettings.model_validate(settings), "Robin")


def line(plan: PlanView, code: str) -> LineView:
    return next(one for one in plan.lines if one.code == code)


# -- while the period is open -----------------------------------------------------------------------------------------


def test_a_card_that_grew_changes_its_row(company: Company) -> None:
    """The row keeps its id and holds the new amount; the card is white again at its new revision."""
    company.cards(card("a"), card("b", "m2"))
    company.export()
    company.cards(card("a", minutes=540, revision=2))
    plan = company.plan()
    assert changes(plan) == [("e1", "100", "replace", 100)]
    assert (line(plan, "100").amount, line(plan, "100").state, plan.totals) == (900, "correction", {"hours 100": 100})
    run = company.export()
    assert run.state == "done"
    assert rows(company) == [("e1", "1", 900), ("e2", "2", 800)]
    assert company.white() == {"a", "b"}
    assert company.plan().lines == ()


def test_a_card_that_shrank_and_one_that_is_gone(company: Company) -> None:
    """Less is taken off the newest row; a row that comes to nothing is taken away, and the days are set again."""
    company.cards(card("a"), card("b", day=6))
    company.export()
    company.cards(card("c", day=7))
    company.export()
    company.cards(card("a", minutes=240, revision=2), Deletion(id="c", revision=2))
    plan = company.plan()
    assert changes(plan) == [
        ("e1", "days", "post", -100),
        ("e1", "100", "withdraw", -800),
        ("e1", "100", "replace", -400),
    ]
    company.export()
    assert rows(company) == [("e1", "1", 1200)]
    assert company.ledger.totals() == {("e1", "100"): 1200, ("e1", "days"): 200}
    assert company.white() == {"a", "b"}
    assert company.plan().lines == ()


def test_a_card_that_is_no_longer_approved_is_taken_out(company: Company) -> None:
    """It is not white by that, and goes again once it is approved."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", status="written", revision=2))
    company.export()
    assert (company.ledger.totals(), company.white()) == ({("e1", "days"): 0}, set())
    company.cards(card("a", revision=3))
    company.export()
    assert (company.ledger.totals(), company.white()) == ({("e1", "days"): 100, ("e1", "100"): 800}, {"a"})


def test_going_back_to_what_was_exported_yields_no_correction(company: Company) -> None:
    """Only the revision is new: nothing is sent, and the card is white again."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=540, revision=2))
    assert company.plan().lines
    company.cards(card("a", revision=3))
    plan = company.plan()
    assert (plan.lines, plan.timecards) == ((), 1)
    company.export()
    assert (len(company.ledger.posted), company.white()) == (2, {"a"})


def test_a_wage_component_is_taken_away_and_posted_anew(company: Company) -> None:
    """Where a row cannot be changed: first the old one goes, then the new one comes."""
    company.cards(card("a", amounts=TRAVEL))
    company.export()
    company.cards(
        card("a", revision=2, amounts=(TRAVEL[0].model_copy(update={"amount": 2000}),)),
    )
    plan = company.plan()
    assert changes(plan) == [("e1", "300", "withdraw", -1234), ("e1", "300", "post", 2000)]
    run = company.export()
    assert (run.state, rows(company, Kind.WAGE)) == ("done", [("e1", "3", 2000)])
    assert company.white() == {"a"}


def test_what_replaces_is_not_sent_where_the_old_row_could_not_be_taken_away(company: Company) -> None:
    """Or the person would be paid both."""
    company.cards(card("a", amounts=TRAVEL))
    company.export()
    company.cards(card("a", revision=2, amounts=(TRAVEL[0].model_copy(update={"amount": 2000}),)))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    company.ledger.script = ["refused"]
    run = company.hub.run("acme", plan.id)
    assert [one.state for one in run.entries] == ["refused", "changed"]
    assert rows(company, Kind.WAGE) == [("e1", "2", 1234)]


def test_two_cards_of_one_row_are_corrected_together(company: Company) -> None:
    """Rounded once over all: 3 × 7 h 20 is 22.00, and 7 h 20 + 7 h 20 + 7 h 25 is 22.08."""
    company.cards(*(card(f"c{day}", minutes=440, day=day) for day in (5, 6, 7)))
    company.export()
    company.cards(card("c7", minutes=445, day=7, revision=2))
    company.export()
    assert rows(company) == [("e1", "1", 2208)]


def test_a_correction_and_a_late_card_make_one_change(company: Company) -> None:
    """The row is brought to what all cards come to."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=240, revision=2), card("b", minutes=60, day=6))
    company.export()
    assert rows(company) == [("e1", "1", 500)]
    assert company.white() == {"a", "b"}
    company.cards(card("b", minutes=120, day=6, revision=2))
    company.export()
    assert rows(company) == [("e1", "1", 600)]


# -- the choice of the company ----------------------------------------------------------------------------------------


def test_by_choice_the_difference_is_sent(company: Company) -> None:
    """The row stays as it is; another one holds the difference."""
    choose(company, corrections="delta")
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=240, revision=2))
    company.export()
    assert rows(company) == [("e1", "1", 800), ("e1", "2", -400)]
    company.cards(card("a", minutes=300, revision=3))
    company.export()
    assert rows(company) == [("e1", "1", 800), ("e1", "2", -400), ("e1", "3", 100)]
    assert company.white() == {"a"}


def test_by_choice_a_person_does_it(company: Company) -> None:
    """Nothing of that person goes out; others do."""
    choose(company, corrections="manual")
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=240, revision=2), card("b", "m2"))
    plan = company.plan()
    assert reasons(plan) == {"a": "correction_needed"}
    assert {one.employee for one in plan.lines} == {"e2"}


def test_a_connection_that_cannot_change_rows_sends_the_difference(company: Company) -> None:
    """The choice was to replace; what the provider cannot do is done otherwise."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", minutes=240, revision=2))
    unable = {
        name: grade
        for name, grade in LedgerProvider.capabilities.items()
        if name not in (Capability.REPLACE_HOURS, Capability.WITHDRAW_HOURS)
    }
    with patch.object(LedgerProvider, "capabilities", {**unable, Capability.REPLACE_HOURS: Support.NOT_BUILT}):
        company.export()
    assert rows(company) == [("e1", "1", 800), ("e1", "2", -400)]


# -- a closed period --------------------------------------------------------------------------------------------------


def test_a_closed_period_is_corrected_in_the_open_one(company: Company) -> None:
    """A row with the difference, in the slot of the open period, with a comment that says for which."""
    company.cards(card("a"))
    company.export()
    company.ledger.current = 11
    company.cards(card("a", minutes=240, revision=2))
    plan = company.plan(groups=("worked",))
    assert [(one.code, one.change, one.difference) for one in plan.lines] == [("100", "post", -400)]
    run = company.export(groups=("worked",))
    assert run.state == "done"
    booked = {(slot.period.number, row.amount) for slot, each in company.ledger.rows.items() for row in each}
    assert booked == {(10, 800), (10, 100), (11, -400)}
    assert "corrects 2026-10" in company.ledger.posted[-1].comment
    assert company.white() == {"a"}
    assert company.plan(groups=("worked",)).lines == ()


def test_days_of_a_closed_period_are_left_to_a_person(company: Company) -> None:
    """A number that is set cannot be corrected in another period."""
    company.cards(card("a"))
    company.export()
    company.ledger.current = 11
    company.cards(Deletion(id="a", revision=2))
    plan = company.plan()
    assert (plan.lines, [one.finding.code for one in plan.held]) == ((), ["correction_needed"])


def test_the_difference_of_another_period_is_not_taken_for_a_strangers(company: Company) -> None:
    """The open period's own export sees it in its slot and knows it."""
    day = datetime(2026, 11, 3, 8, tzinfo=AMSTERDAM)
    november_card = card("n", date=day.date(), start=day, end=day + timedelta(hours=8))
    company.cards(card("a"))
    company.export()
    company.ledger.current = 11
    company.cards(card("a", minutes=240, revision=2))
    company.export(groups=("worked",))
    company.cards(november_card)
    plan = company.plan(number=11, groups=("worked",))
    assert (plan.warnings, changes(plan)) == ((), [("e1", "100", "post", 800)])
