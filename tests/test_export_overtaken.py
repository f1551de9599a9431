"""Plans that others overtook, and contracts that change within a period: what was released is sent, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from hub.administrations import Booking
from hub.errors import InputError
from hub.export.states import RunState
from hub.intake.shapes import ComponentAmount, Unit
from hub.models import (
    Contract,
    ContractType,
    Kind,
    PeriodType,
    PostedEntry,
)
from hub.periods import Calendar
from hub.process import Process
from hub.testing.company import START, Company, card, employee, ledger_company

ALL_TYPES = {"contract_types": tuple(ContractType)}


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


def with_amount(component: str, unit: Unit, amount: int) -> dict[str, Any]:
    return {"amounts": (ComponentAmount(component=component, unit=unit, amount=amount),)}


MEAL = with_amount("meals", Unit.PIECES, 1)
SUNDAY = with_amount("surcharge:sunday", Unit.MINUTES, 60)


def released(company: Company, **more: Any) -> int:
    """Make a plan and release it."""
    plan = company.plan(**more).id
    company.hub.release("acme", plan, "Robin")
    return plan


def clerk_sets_days(company: Company, amount: int) -> None:
    """A clerk types days worked into payroll for every employee whose days were looked at."""
    for slot in [one for one in company.ledger.rows if one.kind is Kind.DAYS]:
        company.ledger.rows[slot] = [PostedEntry(id="", kind=Kind.DAYS, code="days", amount=amount)]


# -- plans that others overtook ---------------------------------------------------------------------------------------


def test_two_released_plans_under_two_codes_pay_once(company: Company) -> None:
    """A mapping moved between them: the second posted the same hours under the other code."""
    company.cards(card("a"))
    first = released(company)
    company.ledger.codes = (*company.ledger.codes, company.ledger.codes[0].model_copy(update={"code": "101"}))
    company.plan()
    company.hub.map("acme", "ledger", Booking("worked", "101"))
    second = released(company)
    company.hub.run("acme", first)
    run = company.hub.run("acme", second)
    assert {one.state for one in run.entries} == {"changed"}
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100}


def test_a_run_that_goes_on_after_a_link_moved_does_not_pay_two_people(company: Company) -> None:
    """It paused before the hours; a later plan paid them to the person who is linked now."""
    company.cards(card("a"))
    company.ledger.script = ["not sent"]
    paused = company.export()
    assert paused.state == RunState.PAUSED
    company.hub.link("acme", "ledger", "e1", None)
    company.hub.link("acme", "ledger", "e2", "m1")
    company.export()
    company.hub.run("acme", paused.plan)
    assert company.ledger.totals() == {("e2", "100"): 800, ("e2", "days"): 100}


def test_a_doubt_stops_its_person_in_every_released_plan(company: Company) -> None:
    """Another plan, released before, went on with the person's other amounts."""
    company.cards(card("a", **MEAL))
    plans = [released(company, groups=("worked",)), released(company, groups=("meals",))]
    company.ledger.script = ["vanished"]
    assert company.hub.run("acme", plans[0]).state == RunState.IN_DOUBT
    run = company.hub.run("acme", plans[1])
    assert ([one.state for one in run.entries], company.ledger.posted) == (["changed"], [])


def test_a_card_without_an_entry_that_changed_after_the_plan_stays_green(company: Company) -> None:
    """It turned white at the start of the run, at a revision that nobody has any more."""
    company.cards(card("a"))
    company.export(groups=("days",))
    company.cards(card("b"))
    plan = released(company, groups=("days",))
    company.cards(card("b", day=6, revision=2))
    company.hub.run("acme", plan)
    assert [one.exported_revision for one in company.hub.timecards("acme")] == [1, None]


def test_days_typed_after_the_plan_are_not_overwritten(company: Company) -> None:
    """Whoever released the plan had not seen them."""
    company.cards(card("a"))
    plan = released(company)
    clerk_sets_days(company, 1500)
    run = company.hub.run("acme", plan)
    assert {one.kind: one.state for one in run.entries} == {"days": "changed", "hours": "verified"}
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 1500}


def test_days_that_a_plan_showed_are_overwritten_if_they_are_the_same_still(company: Company) -> None:
    """With --days overwrite what was shown may go, and nothing else."""
    company.cards(card("a"), card("b", "m2"))
    company.plan()
    clerk_sets_days(company, 1500)
    plan = released(company, days="overwrite")
    slot = next(one for one in company.ledger.rows if one.kind is Kind.DAYS and one.employee == "e2")
    company.ledger.rows[slot] = [PostedEntry(id="", kind=Kind.DAYS, code="days", amount=1600)]
    company.hub.run("acme", plan)
    totals = company.ledger.totals()
    assert (totals["e1", "days"], totals["e2", "days"]) == (100, 1600)


def test_a_plan_is_not_run_in_a_period_that_is_counted_otherwise_now(company: Company) -> None:
    """It would be posted with other dates than those that were released."""
    company.cards(card("a"))
    plan = released(company)
    company.hub.set_wage_period(
        "acme", "ledger", "1", Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 5)), None
    )
    with pytest.raises(InputError, match="plan again"):
        company.hub.run("acme", plan)
    assert company.ledger.posted == []


# -- contracts --------------------------------------------------------------------------------------------------------


def contract_changes(company: Company) -> None:
    """From 16 October e1 works on fixed hours."""
    contracts = (
        Contract(id="z", start=START, end=date(2026, 10, 15), weekly_hours=0, type=ContractType.ZERO_HOURS),
        Contract(id="f", start=date(2026, 10, 16), weekly_hours=3800, type=ContractType.FIXED_HOURS),
    )
    company.ledger.employees[0] = employee("e1", contracts=contracts)
    company.hub.apply_sync("acme", company.hub.plan_sync("acme", "ledger"))


@pytest.mark.parametrize("script", [[], ["refused"], ["", "refused"]], ids=["all went", "no days", "no hours"])
def test_a_contract_that_changes_type_within_the_period_is_paid_in_full(company: Company, script: list[str]) -> None:
    """The second export took off what the first had posted, or let the person wait for ever."""
    contract_changes(company)
    company.cards(card("a", day=5), card("b", day=20, minutes=600))
    company.ledger.script = script
    company.export()
    company.export(contract_types=(ContractType.FIXED_HOURS,))
    company.cards(card("c", "m2"))
    company.export()
    assert company.ledger.totals() == {
        ("e2", "100"): 800,
        ("e2", "days"): 100,
        ("e1", "100"): 1800,
        ("e1", "days"): 200,
    }
    assert company.white() == {"a", "b", "c"}


def test_only_the_chosen_contract_type_goes_out(company: Company) -> None:
    """What is left of a card under another type waits for its own export."""
    contract_changes(company)
    company.cards(card("a", day=5, **MEAL), card("b", day=20))
    company.ledger.script = ["", "", "refused"]
    company.export()
    run = company.export(contract_types=(ContractType.FIXED_HOURS,))
    assert {(one.code, one.amount) for one in run.entries} == {("days", 200), ("100", 800)}
    assert company.white() == {"b"}
