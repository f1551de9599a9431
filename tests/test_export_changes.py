"""Cards that change around an export, and what plans and runs say: each once a bug, now a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from hub.export.states import RunState
from hub.hookspecs import hookimpl
from hub.intake.shapes import ComponentAmount, Deletion, Timecard, Unit
from hub.models import (
    ContractType,
    Entry,
    Finding,
    Kind,
    PostedEntry,
    Severity,
    ValidateRequest,
)
from hub.process import Process
from hub.provider import Provider
from hub.testing.company import Company, card, ledger_company
from hub.testing.correcting import reasons
from hub.testing.ledger import LedgerProvider

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


@pytest.fixture
def providers(company: Company, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install providers in place of the ledger."""

    def install(*classes: type[Provider]) -> None:
        named = {one.name: one for one in classes}
        monkeypatch.setattr("hub.activation.find", lambda name, allowed: named[name])

    return install


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
    """The hour more goes out in a correction; as long as that is refused, the card is not white."""
    in_part(company)
    company.cards(card("a", minutes=540, revision=2))
    company.ledger.script = ["refused"]
    run = company.export()
    assert ([one.state for one in run.entries], company.white()) == (["refused"], set())
    company.export()
    assert (company.ledger.totals()["e1", "100"], company.white()) == (900, {"a"})


def test_a_card_corrected_in_what_was_refused_goes_on(company: Company) -> None:
    """Its hours are as they were confirmed, so only what is new about it is sent."""
    in_part(company)
    company.cards(card("a", revision=2, **with_amount("meals", Unit.PIECES, 2)))
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "200"): 200, ("e1", "days"): 100}
    assert company.white() == {"a"}


def test_a_deleted_card_is_not_hidden_by_a_late_one_of_the_same_length(company: Company) -> None:
    """What payroll holds is the late one's from then on: when that goes too, nothing is left."""
    in_part(company)
    company.cards(Deletion(id="a", revision=2), card("b", day=6))
    company.export()
    assert (company.ledger.totals(), company.white()) == ({("e1", "100"): 800, ("e1", "days"): 100}, {"b"})
    company.cards(Deletion(id="b", revision=2))
    company.export()
    assert company.ledger.totals() == {("e1", "days"): 0}


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


NOTHING = {("e1", "days"): 0}
MOVED = {("e1", "days"): 0, ("e2", "100"): 800, ("e2", "days"): 100}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (card("a", status="written", revision=2), NOTHING),
        (card("a", category="leave", revision=2), NOTHING),
        (Deletion(id="a", revision=2), NOTHING),
        (card("a", "m2", revision=2), MOVED),
        (card("a", date=NOVEMBER.date(), start=NOVEMBER, end=NOVEMBER + timedelta(hours=8), revision=2), NOTHING),
        (card("a", minutes=60, revision=2), {("e1", "100"): 100, ("e1", "days"): 100}),
    ],
    ids=["not approved", "leave", "deleted", "another person", "another period", "shorter"],
)
def test_what_payroll_holds_too_much_is_taken_out(
    company: Company, change: Timecard | Deletion, left: dict[tuple[str, str], int]
) -> None:
    """Also without another card of that person; a plan shows it, and nothing is left to do after it."""
    company.cards(card("a"))
    company.export()
    company.cards(change)
    assert {one.state for one in company.plan().lines if one.employee == "e1"} == {"correction"}
    company.export()
    assert (company.ledger.totals(), company.plan().lines) == (left, ())


@pytest.mark.parametrize(
    ("change", "more", "white"),
    [
        (Deletion(id="a", revision=2), {}, {"b"}),
        (card("a", "m2", revision=2), {("e2", "100"): 800, ("e2", "days"): 100}, {"a", "b"}),
        (card("a", date=NOVEMBER.date(), start=NOVEMBER, end=NOVEMBER + timedelta(hours=8), revision=2), {}, {"b"}),
    ],
    ids=["deleted", "another person", "another period"],
)
def test_a_late_card_does_not_hide_what_must_be_corrected(
    company: Company, change: Timecard | Deletion, more: dict[tuple[str, str], int], white: set[str]
) -> None:
    """A late card of the same length makes the sum fit: what payroll holds is the late one's then."""
    company.cards(card("a"))
    company.export()
    company.cards(change, card("b", day=6))
    company.export()
    if company.plan().lines:
        company.export()
    assert company.ledger.totals() == {("e1", "100"): 800, ("e1", "days"): 100, **more}
    assert company.white() == white
    assert company.plan().lines == ()


def test_a_day_that_moves_within_the_period_is_corrected_only_where_the_days_change(company: Company) -> None:
    """Moving a day on is the same number of days; two shifts on one day that become two days are a correction."""
    company.cards(card("a"), card("b"), card("c", "m2"))
    company.export()
    company.cards(card("b", day=6, revision=2), card("c", "m2", day=6, revision=2))
    run = company.export()
    assert [(one.employee, one.kind, one.amount, one.state) for one in run.entries] == [("e1", "days", 200, "verified")]
    assert company.white() == {"a", "b", "c"}


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
    assert [one.finding.code for one in held] == ["days_not_taken"]
    assert held[0].finding.action == "Payroll takes no days worked here: plan without them."


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
    assert [one.state for one in run.entries] == ["verified", "changed"]
    assert company.white() == set()
    company.export()
    assert company.ledger.totals() == {("e1", "100"): 900, ("e1", "days"): 100}


def test_a_card_in_doubt_does_not_go_to_another_person(company: Company) -> None:
    """Its link moved while nobody knows whether the first person was paid."""
    company.cards(card("a"), card("b", "m2"))
    company.ledger.script = ["", "vanished"]
    assert company.export().state == RunState.IN_DOUBT
    company.hub.link("acme", "ledger", "e1", None)
    company.hub.link("acme", "ledger", "e2", "m1")
    assert reasons(company.plan(groups=("worked",))) == {"a": "in_doubt", "b": "not_in_payroll"}


def test_a_card_that_moves_to_another_person_goes_with_all_of_it(company: Company) -> None:
    """The hours that the first export left out, and the surcharge that it sent."""
    company.cards(card("a", **SUNDAY))
    company.export(groups=("surcharges",))
    company.cards(card("a", "m2", **SUNDAY, revision=2))
    company.export()
    assert company.ledger.totals() == {("e2", "100"): 800, ("e2", "150"): 100, ("e2", "days"): 100}
    assert company.white() == {"a"}
