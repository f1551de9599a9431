"""Ways in which somebody could be paid twice or in the wrong place: each once a bug, now a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from hub.administrations import Booking
from hub.export.planning.basis import Scope
from hub.export.report import PlanView
from hub.hookspecs import hookimpl
from hub.intake.shapes import ComponentAmount, Unit
from hub.models import (
    ActivateRequest,
    Activation,
    ContractType,
    Kind,
    PeriodType,
    PostedEntry,
)
from hub.periods import Calendar
from hub.process import Process
from hub.provider import Provider
from hub.testing.company import Company, card, employee, ledger_company
from hub.testing.correcting import reasons
from hub.testing.ledger import BOOKS, LedgerProvider

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


# -- components and codes ---------------------------------------------------------------------------------------------


def test_two_groups_on_one_code_in_successive_exports_add_up(company: Company) -> None:
    """Surcharges that go out after the hours, under the same code, were posted as minus the hours."""
    company.hub.map("acme", "ledger", Booking("surcharge:sunday", "100"))
    company.cards(card("a", **SUNDAY))
    company.export(groups=("worked",))
    company.export(groups=("surcharges",))
    assert company.ledger.totals() == {("e1", "100"): 900}


def test_a_rate_that_moves_after_the_export_is_not_paid_by_the_way(company: Company) -> None:
    """The difference on meals that were exported already is a correction that a plan shows, with the cards it is of."""
    company.hub.map("acme", "ledger", Booking("meals", "300", rate=405))
    company.cards(card("a", **MEAL))
    company.export()
    company.hub.map("acme", "ledger", Booking("meals", "300", rate=500))
    company.cards(card("b", day=6, **MEAL))
    plan = company.plan()
    corrected = [one for one in plan.lines if one.code == "300"]
    assert [(one.state, one.difference) for one in corrected] == [("correction", -405), ("correction", 1000)]
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 1600, ("e1", "300"): 1000, ("e1", "days"): 200}


def test_a_mapping_for_one_administration_goes_before_one_for_all(company: Company) -> None:
    """Also where it is taken away by mapping it to the same as all: the amounts stay where they are."""
    company.hub.map("acme", "ledger", Booking("meals", "300", rate=405, administration="1"))
    company.cards(card("a", **MEAL))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "300"): 405, ("e1", "days"): 100}


def test_a_card_of_which_the_export_sends_nothing_stays_green(company: Company) -> None:
    """An export of the meals turned every card without a meal white, and its hours were in no payroll."""
    company.cards(card("a"), card("b", "m2", **MEAL))
    run = company.export(groups=("meals",))
    assert run.white == ("b",)
    assert reasons(company.plan(groups=("meals",))) == {"a": "nothing_selected"}


def test_a_card_that_holds_nothing_turns_white(company: Company) -> None:
    """A shift that was all break is done with: nobody has to do anything about it."""
    company.cards(card("a", minutes=60, break_minutes=60))
    plan = company.plan()
    assert (plan.lines, plan.timecards) == ((), 1)
    company.export()
    assert (company.white(), company.ledger.posted) == ({"a"}, [])


def test_what_a_white_card_still_holds_is_told_when_it_has_no_code(company: Company) -> None:
    """The surcharge that was not ticked the first time was forgotten without a word."""
    company.cards(card("a", **with_amount("surcharge:night", Unit.MINUTES, 60)))
    company.export(groups=("worked",))
    assert reasons(company.plan()) == {"a": "unmapped_component"}


@pytest.mark.parametrize("wrong", [{"groups": ("hours",)}, {"days": "Keep"}])
def test_a_scope_with_a_word_that_there_is_not_is_refused(wrong: dict[str, Any]) -> None:
    """An unknown group turned all cards white with nothing sent; another word for days overwrote a clerk's."""
    with pytest.raises(ValidationError):
        Scope(provider="ledger", administration="1", year=2026, number=10, **wrong)


# -- the same hours in two places -------------------------------------------------------------------------------------


class Two(LedgerProvider):
    """The ledger with two administrations."""

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        one = super().activate(request).administrations[0]
        return Activation(administrations=(one, one.model_copy(update={"id": "2", "name": "The other"})))


class Other(LedgerProvider):
    """A second payroll system."""

    name = "other"
    title = "Other"


@pytest.fixture
def providers(company: Company, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install providers in place of the ledger."""

    def install(*classes: type[Provider]) -> None:
        named = {one.name: one for one in classes}
        monkeypatch.setattr("hub.activation.find", lambda name, allowed: named[name])

    return install


@pytest.fixture
def two(company: Company, providers: Callable[..., None]) -> Company:
    """A company with two administrations; An (m1) works in both, as e1 in 1 and e9 in 2."""
    providers(Two)
    company.plan()
    company.ledger.employees += [employee("e9", administration="2")]
    hub = company.hub
    hub.set_wage_period("acme", "ledger", "2", Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1)))
    hub.apply_sync("acme", hub.plan_sync("acme", "ledger"))
    hub.link("acme", "ledger", "e9", "m1")
    hub.assign_venue("acme", "ledger", "bar", "1", "A")
    hub.assign_venue("acme", "ledger", "shop", "2")
    return company


def plan_two(company: Company) -> PlanView:
    return company.hub.plan("acme", Scope(provider="ledger", administration="2", year=2026, number=10))


def test_a_venue_that_moves_to_another_administration_is_not_paid_there_again(two: Company) -> None:
    """Not before the first administration took it out of payroll."""
    two.cards(card("a", venue="bar"))
    two.export()
    two.hub.assign_venue("acme", "ledger", "bar", "2")
    assert plan_two(two).lines == ()
    two.export()
    assert (two.ledger.totals(), two.white()) == ({("e1", "days"): 0}, set())
    plan = plan_two(two)
    two.hub.release("acme", plan.id, "Robin")
    two.hub.run("acme", plan.id)
    assert two.ledger.totals() == {("e1", "days"): 0, ("e9", "100"): 800, ("e9", "days"): 100}


def test_a_card_that_is_exported_in_part_stays_where_it_began(two: Company) -> None:
    """Its days were refused here; with its venue elsewhere now, its hours would be paid there again."""
    two.cards(card("a", venue="bar"))
    two.ledger.script = ["refused"]
    two.export()
    two.hub.assign_venue("acme", "ledger", "bar", "2")
    plan = plan_two(two)
    assert (plan.lines, reasons(plan)) == ((), {"a": "exported_elsewhere"})


def test_an_administration_left_alone_is_not_paid_in_another(two: Company) -> None:
    """Hours at a venue of an inactive administration, where the person has a contract, went to the active one."""
    two.hub.use_administration("acme", "ledger", "2", False)
    two.cards(card("a", venue="shop"), card("b", venue="bar", day=6))
    plan = two.plan()
    assert (plan.timecards, reasons(plan)) == (1, {"a": "administration_inactive"})


def test_two_payroll_systems_do_not_both_pay_a_card(company: Company, providers: Callable[..., None]) -> None:
    """The second took the white card for its own to post."""
    hub = company.hub
    providers(LedgerProvider, Other)
    hub.connect("acme", "other", {"book": "other-book"})
    BOOKS["other-book"].employees.append(employee("o1"))
    hub.set_wage_period("acme", "other", "1", Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1)))
    hub.map("acme", "other", Booking("worked", "100"))
    hub.apply_sync("acme", hub.plan_sync("acme", "other"))
    hub.link("acme", "other", "o1", "m1")
    company.cards(card("a"))
    other = hub.plan("acme", Scope(provider="other", administration="1", year=2026, number=10))
    hub.release("acme", other.id, "Robin")
    company.export()
    assert {one.state for one in hub.run("acme", other.id).entries} == {"changed"}
    assert hub.plan("acme", Scope(provider="other", administration="1", year=2026, number=10)).lines == ()
    assert BOOKS.pop("other-book").posted == []


def test_a_link_moved_by_hand_does_not_pay_the_other_person_too(company: Company) -> None:
    """What the first one had is taken out, and only then the newly linked employee gets it."""
    company.cards(card("a"))
    company.export()
    company.hub.link("acme", "ledger", "e1", None)
    company.hub.link("acme", "ledger", "e2", "m1")
    plan = released(company)
    company.ledger.script = ["", "refused"]
    run = company.hub.run("acme", plan)
    assert {(one.employee, one.code): one.state for one in run.entries} == {
        ("e1", "days"): "verified",
        ("e1", "100"): "refused",
        ("e2", "days"): "verified",
        ("e2", "100"): "changed",
    }
    company.export()
    assert company.ledger.totals() == {("e1", "days"): 0, ("e2", "100"): 800, ("e2", "days"): 100}


def test_wage_periods_counted_anew_do_not_pay_a_card_in_the_next_one(company: Company) -> None:
    """Exported in October, it falls into November once the months begin on the fifth."""
    company.cards(card("a", day=2), card("b", day=7))
    company.export()
    company.hub.set_wage_period(
        "acme", "ledger", "1", Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 5)), None
    )
    scope = Scope(provider="ledger", administration="1", year=2026, number=9)
    assert company.hub.plan("acme", scope).lines == ()
    assert [one.state for one in company.plan().lines] == []
