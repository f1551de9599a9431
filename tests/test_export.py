"""Plan, release, run: through Hub, on both databases, against a payroll in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import select

from hub.durations import AMSTERDAM
from hub.errors import InputError
from hub.export.states import RunState
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Unit
from hub.models import Contract, ContractType, Kind, PostedEntry
from hub.process import Process
from hub.store.exports import Plan
from hub.testing.company import START, Company, card, employee, ledger_company
from hub.testing.correcting import reasons


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


# -- the main job -----------------------------------------------------------------------------------------------------


def test_approved_cards_are_posted_once_and_turn_white(company: Company) -> None:
    """Each amount is in payroll, each card white, and the same cards offered again send nothing."""
    company.cards(card("a"), card("b", day=6), card("c", "m2"))
    run = company.export()
    assert run.state == RunState.DONE
    assert company.ledger.totals() == {
        ("e1", "100"): 1600,
        ("e1", "days"): 200,
        ("e2", "100"): 800,
        ("e2", "days"): 100,
    }
    assert company.white() == {"a", "b", "c"}
    again = company.plan()
    assert (again.lines, again.already) == ((), 3)


def test_a_late_card_costs_one_more_row_and_no_second_rounding(company: Company) -> None:
    """Three cards of 7 h 20 in two exports are 22.00 hours, where rounding each makes 21.99."""
    company.cards(card("a", minutes=440), card("b", minutes=440, day=6))
    company.export()
    company.cards(card("c", minutes=440, day=7))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 2200, ("e1", "days"): 300}
    assert [
        row.amount for slot in company.ledger.rows for row in company.ledger.rows[slot] if slot.kind is Kind.HOURS
    ] == [1467, 733]


def test_a_late_card_that_changes_nothing_turns_white_without_a_call(company: Company) -> None:
    """A second shift on a day that was counted already, with only the days exported, needs no posting."""
    company.cards(card("a"))
    company.export(groups=("days",))
    company.cards(
        card("b", start=datetime(2026, 10, 5, 18, tzinfo=AMSTERDAM), end=datetime(2026, 10, 5, 20, tzinfo=AMSTERDAM))
    )
    posted = len(company.ledger.posted)
    run = company.export(groups=("days",))
    assert (len(company.ledger.posted), run.state) == (posted, RunState.DONE)
    assert company.white() == {"a", "b"}


def test_what_was_left_out_first_goes_later(company: Company) -> None:
    """Meals that were not ticked the first time go out the second time, and hours do not go again."""
    meal = (ComponentAmount(component="meals", unit=Unit.PIECES, amount=1),)
    company.cards(card("a", amounts=meal))
    company.export(groups=("worked",))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "200"): 100, ("e1", "days"): 100}


def test_a_plan_must_be_released_by_somebody(company: Company) -> None:
    """Neither an unreleased plan runs nor a release without a name counts."""
    company.cards(card("a"))
    plan = company.plan()
    with pytest.raises(InputError, match="not released"):
        company.hub.run("acme", plan.id)
    with pytest.raises(InputError, match="by a person"):
        company.hub.release("acme", plan.id, "  ")
    assert not company.ledger.posted


def test_a_plan_that_was_tampered_with_is_not_run(company: Company) -> None:
    """The run carries out what was released and nothing else."""
    company.cards(card("a"))
    plan = company.plan()
    company.hub.release("acme", plan.id, "Robin")
    with company.hub.store.write("acme") as session:
        row = session.exec(select(Plan)).one()
        lines = [{**line, "amount": line["amount"] * 10} for line in row.body["lines"]]
        row.body = {**row.body, "lines": lines}
        session.add(row)
    with pytest.raises(InputError, match="not what was released"):
        company.hub.run("acme", plan.id)
    assert not company.ledger.posted


def test_rows_of_others_do_not_change_the_hash_and_are_told(company: Company) -> None:
    """A clerk who typed hours under the same code is a warning, not another plan."""
    company.cards(card("a"))
    before = company.plan()
    slot = company.ledger.rows  # a clerk's row in the slot that the plan read
    read = next(one for one in slot if one.kind is Kind.HOURS)
    company.ledger.rows[read].append(PostedEntry(id="clerk", kind=Kind.HOURS, code="100", amount=500))
    after = company.plan()
    assert after.hash == before.hash
    assert [one.code for one in after.warnings] == ["others_in_payroll"]


# -- what stays and why -----------------------------------------------------------------------------------------------


def test_every_card_that_stays_says_why(company: Company) -> None:
    """Not approved, not worked, unknown, not linked, not in service, not exported contract type."""
    company.ledger.employees += [
        employee("e3", starts=date(2026, 10, 10)),
        employee("e4", contracts=(Contract(id="x", start=START, weekly_hours=3800, type=ContractType.FIXED_HOURS),)),
    ]
    company.hub.import_members("acme", Reading(good=[Member(id=one, name=one) for one in ("m3", "m4", "m5")]))
    company.hub.apply_sync("acme", company.hub.plan_sync("acme", "ledger"))
    company.hub.link("acme", "ledger", "e3", "m3")
    company.hub.link("acme", "ledger", "e4", "m4")
    company.cards(
        card("a", status="written"), card("b", category="leave"), card("c", "ghost"), card("d", "m5"),
        card("e", "m3", day=9), card("f", "m4"), card("g"),
    )  # fmt: skip
    plan = company.plan()
    assert reasons(plan) == {
        "a": "not_approved",
        "b": "not_worked",
        "c": "unknown_member",
        "d": "not_in_payroll",
        "e": "not_in_service",
        "f": "contract_type_not_exported",
    }
    assert plan.timecards == 1


def test_cards_outside_the_wage_period_are_not_of_this_export(company: Company) -> None:
    """The first and last business date belong to it, the days around it do not."""
    company.cards(card("first", day=1), card("last", day=31))
    late = datetime(2026, 11, 1, 8, tzinfo=AMSTERDAM)
    company.cards(card("next", date=date(2026, 11, 1), start=late, end=late + timedelta(hours=8)))
    run = company.export()
    assert set(run.white) == {"first", "last"}


def test_days_that_payroll_holds_already_are_asked_about(company: Company) -> None:
    """Kept or overwritten only when somebody says so; until then the person's cards wait."""
    company.cards(card("a"))
    company.plan()
    days = next(slot for slot in company.ledger.rows if slot.kind is Kind.DAYS)
    company.ledger.rows[days] = [PostedEntry(id="", kind=Kind.DAYS, code="days", amount=1500)]
    assert reasons(company.plan()) == {"a": "days_in_payroll"}
    company.export(days="keep")
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 1500}
    company.cards(card("b", day=6))
    company.export(days="overwrite")
    assert company.ledger.totals() == {("e1", "100"): 1600, ("e1", "days"): 200}
