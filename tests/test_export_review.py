"""Ways in which somebody could be paid twice, too much, too little or not at all: each once a bug, now a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from hub.administrations import Booking
from hub.errors import InputError
from hub.export.basis import Scope
from hub.export.report import PlanView
from hub.export.states import RunState
from hub.hookspecs import hookimpl
from hub.intake.shapes import ComponentAmount, Deletion, Timecard, Unit
from hub.models import (
    ActivateRequest,
    Activation,
    Contract,
    ContractType,
    Entry,
    Finding,
    Kind,
    PeriodType,
    PostedEntry,
    Severity,
    ValidateRequest,
)
from hub.periods import Calendar
from hub.process import Process
from hub.provider import Provider
from hub.testing.company import START, Company, card, employee, ledger_company
from hub.testing.ledger import BOOKS, LedgerProvider

ALL_TYPES = {"contract_types": tuple(ContractType)}


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


def reasons(view: PlanView) -> dict[str, str]:
    return {one.finding.timecard: one.finding.code for one in (*view.held, *view.left)}


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
    """The difference on meals that were exported already went out, fed by no card and so checked by nothing."""
    company.hub.map("acme", "ledger", Booking("meals", "300", rate=405))
    company.cards(card("a", **MEAL))
    company.export()
    company.hub.map("acme", "ledger", Booking("meals", "300", rate=500))
    company.cards(card("b", day=6, **MEAL))
    plan = company.plan()
    assert (plan.lines, reasons(plan)) == ((), {"b": "correction_needed"})


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
    """A white card counted towards the target of an administration that had never posted it."""
    two.cards(card("a", venue="bar"))
    two.export()
    two.hub.assign_venue("acme", "ledger", "bar", "2")
    assert plan_two(two).lines == ()
    assert reasons(two.plan()) == {"a": "correction_needed"}


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
    """The white card counted for the newly linked employee, who was paid what the other had already."""
    company.cards(card("a"))
    company.export()
    company.hub.link("acme", "ledger", "e1", None)
    company.hub.link("acme", "ledger", "e2", "m1")
    plan = company.plan()
    assert (plan.lines, reasons(plan)) == ((), {"a": "correction_needed"})


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
    company.ledger.script = ["lost"]
    company.hub.run("acme", plans[0])
    run = company.hub.run("acme", plans[1])
    assert ([one.state for one in run.entries], len(company.ledger.posted)) == (["changed"], 1)


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
    assert {one.kind: one.state for one in run.entries} == {"days": "changed", "hours": "confirmed"}
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


# -- cards that change ------------------------------------------------------------------------------------------------


def in_part(company: Company) -> None:
    """Export card a with its hours confirmed and its meal refused."""
    company.cards(card("a", **MEAL))
    company.ledger.script = ["", "", "refused"]
    assert company.export().in_part == ("a",)


def test_a_refused_entry_goes_again_in_a_new_plan_and_only_that(company: Company) -> None:
    """The hours of the card are in payroll already."""
    in_part(company)
    run = company.export()
    assert [(one.code, one.amount) for one in run.entries] == [("200", 100)]
    assert (run.white, company.ledger.totals()["e1", "100"]) == (("a",), 800)


def test_a_card_changed_after_it_was_exported_in_part_does_not_turn_white_unpaid(company: Company) -> None:
    """The hour more went out in an entry without a card; refused, the card was white nonetheless."""
    in_part(company)
    company.cards(card("a", minutes=540, revision=2))
    plan = company.plan()
    assert (plan.lines, reasons(plan)) == ((), {"a": "correction_needed"})


def test_a_card_corrected_in_what_was_refused_goes_on(company: Company) -> None:
    """Its hours are as they were confirmed, so only what is new about it is sent."""
    in_part(company)
    company.cards(card("a", revision=2, **with_amount("meals", Unit.PIECES, 2)))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "200"): 200, ("e1", "days"): 100}
    assert company.white() == {"a"}


def test_a_deleted_card_is_not_hidden_by_a_late_one_of_the_same_length(company: Company) -> None:
    """The late card turned white with the hours of the other, which somebody was about to take out by hand."""
    in_part(company)
    company.cards(Deletion(id="a", revision=2), card("b", day=6))
    plan = company.plan()
    assert (plan.lines, reasons(plan)) == ((), {"b": "correction_needed"})


def test_a_card_approved_anew_without_a_change_needs_no_correction(company: Company) -> None:
    """Everything that was posted of it still fits: it turns white again without a call, and nobody waits."""
    company.cards(card("a"))
    company.export()
    company.cards(card("a", status="written", revision=2))
    company.cards(card("a", revision=3), card("b", day=6))
    run = company.export()
    assert (run.white, company.white()) == (("a", "b"), {"a", "b"})
    assert company.ledger.totals() == {("e1", "100"): 1600, ("e1", "days"): 200}


NOVEMBER = card("x").start + timedelta(days=31)


@pytest.mark.parametrize(
    "change",
    [
        card("a", status="written", revision=2),
        card("a", category="leave", revision=2),
        Deletion(id="a", revision=2),
        card("a", "m2", revision=2),
        card("a", date=NOVEMBER.date(), start=NOVEMBER, end=NOVEMBER + timedelta(hours=8), revision=2),
        card("a", minutes=60, revision=2),
    ],
    ids=["not approved", "leave", "deleted", "another person", "another period", "shorter"],
)
def test_what_payroll_holds_too_much_is_told(company: Company, change: Timecard | Deletion) -> None:
    """Without another card of that person the plan said nothing of what had to be corrected."""
    company.cards(card("a"))
    company.export()
    company.cards(change)
    plan = company.plan()
    assert (plan.lines, [one.finding.code for one in plan.held]) == ((), ["correction_needed"])


@pytest.mark.parametrize(
    "change",
    [
        Deletion(id="a", revision=2),
        card("a", "m2", revision=2),
        card("a", date=NOVEMBER.date(), start=NOVEMBER, end=NOVEMBER + timedelta(hours=8), revision=2),
    ],
    ids=["deleted", "another person", "another period"],
)
def test_a_late_card_does_not_hide_what_must_be_corrected(company: Company, change: Timecard | Deletion) -> None:
    """A late card of the same length made the sum fit, and turned white without being sent."""
    company.cards(card("a"))
    company.export()
    company.cards(change, card("b", day=6))
    plan = company.plan()
    assert (plan.lines, reasons(plan)["b"]) == ((), "correction_needed")


def test_a_day_that_moves_within_the_period_is_counted_anew(company: Company) -> None:
    """Two shifts on one day become two days; the hours are not touched."""
    company.cards(card("a"), card("b"))
    company.export()
    company.cards(card("b", day=6, revision=2))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 1600, ("e1", "days"): 200}
    assert company.white() == {"a", "b"}


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
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 1800, ("e1", "days"): 200}
    assert company.white() == {"a", "b"}


def test_only_the_chosen_contract_type_goes_out(company: Company) -> None:
    """What is left of a card under another type waits for its own export."""
    contract_changes(company)
    company.cards(card("a", day=5, **MEAL), card("b", day=20))
    company.ledger.script = ["", "", "refused"]
    company.export()
    run = company.export(contract_types=(ContractType.FIXED_HOURS,))
    assert {(one.code, one.amount) for one in run.entries} == {("days", 200), ("100", 800)}
    assert company.white() == {"b"}


# -- what is said -----------------------------------------------------------------------------------------------------


class Strict(LedgerProvider):
    """A payroll that says beforehand what it would refuse."""

    says: Finding

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        return (self.says,) if request.entries else ()


def blocking(**more: Any) -> type[Strict]:
    finding = Finding(code="no", severity=Severity.BLOCK, text="not so", action="change it", **more)
    return type("Made", (Strict,), {"says": finding})


@pytest.mark.parametrize("about", [{"entry": 0}, {"employee": "e1"}, {"timecard": "a"}, {"member": "m1"}, {}])
def test_a_block_holds_what_white_cards_would_still_send(
    company: Company, providers: Callable[..., None], about: dict[str, Any]
) -> None:
    """Only cards that were going could be blocked: meals left out the first time went out whatever was said."""
    company.cards(card("a", **MEAL))
    company.export(groups=("worked", "days"))
    providers(blocking(**about))
    plan = company.plan()
    assert (plan.lines, reasons(plan)) == ((), {"a": "no"})


def test_a_finding_about_a_team_member_blocks_nobody_else(company: Company, providers: Callable[..., None]) -> None:
    """A house's rule that knows only members would otherwise stop the whole export."""
    company.cards(card("a"), card("b", "m2"))
    providers(blocking(member="m1"))
    assert reasons(company.plan()) == {"a": "no"}


def test_a_finding_about_an_entry_that_there_is_not_blocks_all(
    company: Company, providers: Callable[..., None]
) -> None:
    """What a rule meant is not known, so nothing goes."""
    company.cards(card("a"))
    providers(blocking(entry=99))
    assert reasons(company.plan()) == {"a": "no"}


def typed(company: Company, change: Callable[[list[PostedEntry]], None]) -> str:
    """Export a card, let a clerk change the hours in payroll, and return what the plan of a late card warns of."""
    company.cards(card("a"))
    company.export()
    slot = next(one for one in company.ledger.rows if one.kind is Kind.HOURS)
    change(company.ledger.rows[slot])
    company.cards(card("b", day=6))
    return " ".join(one.text for one in company.plan().warnings)


def test_the_warning_says_how_much_others_typed(company: Company) -> None:
    """It said the total, our own included."""
    text = typed(company, lambda rows: rows.append(PostedEntry(id="x", kind=Kind.HOURS, code="100", amount=500)))
    assert "5.00" in text


def test_what_somebody_took_out_of_payroll_is_said(company: Company) -> None:
    """The person is paid too little, and the text spoke of amounts that were too many."""
    text = typed(company, lambda rows: rows.clear())
    assert "8.00 less" in text


def test_a_card_that_a_later_run_completed_is_not_shown_as_in_part(company: Company) -> None:
    """Somebody would go and look for an amount that is there."""
    in_part(company)
    company.export()
    assert company.hub.show("acme", 1).in_part == ()


def test_a_white_card_that_sends_more_stays_white_in_its_first_run(company: Company) -> None:
    """Its later run took its name away from the first, which then showed it as confirmed in part."""
    company.cards(card("a", **MEAL))
    company.export(groups=("worked",))
    company.export()
    assert company.hub.show("acme", 1).in_part == ()


def test_a_provider_that_takes_no_days_says_how_to_go_on(company: Company) -> None:
    """The action named a mapping that there is not."""
    company.ledger.codes = tuple(one for one in company.ledger.codes if one.kind is not Kind.DAYS)
    company.cards(card("a"))
    held = company.plan().held
    assert [one.finding.code for one in held] == ["unmapped_component"]
    assert "--only" in held[0].finding.action


def test_an_entry_that_became_changed_is_planned_anew(company: Company) -> None:
    """Nobody is forgotten: what was not sent is in the next plan, once."""
    company.cards(card("a"))
    plan = released(company)
    company.cards(card("a", minutes=540, revision=2))
    company.hub.run("acme", plan)
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 900, ("e1", "days"): 100}
    assert company.white() == {"a"}


def test_cards_that_change_while_the_run_goes_on_are_sent_in_part_and_told(company: Company) -> None:
    """The days went, then the card changed: the hours do not go, and the next plan says what no longer fits."""
    company.cards(card("a"))
    plan = released(company)

    def change(entry: Entry, key: str) -> None:
        company.ledger.watch = lambda entry, key: None
        company.cards(card("a", minutes=540, day=6, revision=2))

    company.ledger.watch = change
    run = company.hub.run("acme", plan)
    assert [one.state for one in run.entries] == ["confirmed", "changed"]
    assert company.white() == set()
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 900, ("e1", "days"): 100}
