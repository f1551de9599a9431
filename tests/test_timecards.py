"""Cards into targets: summed, rounded once, everything accounted for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.durations import AMSTERDAM
from hub.intake.shapes import ComponentAmount, Timecard, Unit
from hub.models import Finding, Kind
from hub.timecards import GROUPS, Key, Place, Rule, Target, Targets, hold, misfit, targets

RULES = {
    "worked": Rule(Kind.HOURS, "100"),
    "days": Rule(Kind.DAYS, "days"),
    "surcharge:sunday": Rule(Kind.HOURS, "150"),
    "meals": Rule(Kind.HOURS, "200"),
    "allowance:travel": Rule(Kind.WAGE, "300"),
}


def card(name: str = "T", *, minutes: int = 60, day: date = date(2026, 10, 5), **more: Any) -> Timecard:
    start = datetime(day.year, day.month, day.day, 8, tzinfo=AMSTERDAM)
    end = start + timedelta(minutes=minutes)
    return Timecard(id=name, member="M", date=day, start=start, end=end, status="approved", **more)


def to_one(_: Timecard) -> Place | Finding | None:
    return Place("E", "1")


def amounts(found: Targets) -> dict[tuple[Kind, str], int]:
    return {(key.kind, key.code): target.amount for key, target in found.by_key.items()}


def test_three_cards_of_7_h_20_make_22_hours() -> None:
    """Rounding each card would make 21.99."""
    cards = [card(str(number), minutes=440) for number in range(3)]
    assert amounts(targets(cards, to_one, RULES, ("worked",))) == {(Kind.HOURS, "100"): 2200}


def test_days_worked_are_distinct_business_dates() -> None:
    """Four shifts on two dates are two days."""
    days = [date(2026, 10, 5), date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 6)]
    cards = [card(str(number), day=day) for number, day in enumerate(days)]
    assert amounts(targets(cards, to_one, RULES, ("days",))) == {(Kind.DAYS, "days"): 200}


def test_every_component_goes_to_its_own_code() -> None:
    """Surcharges are time, meals are pieces, allowances are money."""
    extra = (
        ComponentAmount(component="surcharge:sunday", unit=Unit.MINUTES, amount=30),
        ComponentAmount(component="meals", unit=Unit.PIECES, amount=2),
        ComponentAmount(component="allowance:travel", unit=Unit.CENTS, amount=1250),
    )
    found = targets([card(amounts=extra)], to_one, RULES, GROUPS)
    assert amounts(found) == {
        (Kind.HOURS, "100"): 100,
        (Kind.HOURS, "150"): 50,
        (Kind.HOURS, "200"): 200,
        (Kind.WAGE, "300"): 1250,
        (Kind.DAYS, "days"): 100,
    }


def test_pieces_under_a_wage_code_are_paid_at_their_rate() -> None:
    """Two meals at 4.05 are 8.10 euro, not 2.00."""
    meal = (ComponentAmount(component="meals", unit=Unit.PIECES, amount=2),)
    rules = {**RULES, "meals": Rule(Kind.WAGE, "310", rate=405)}
    assert amounts(targets([card(amounts=meal)], to_one, rules, ("meals",))) == {(Kind.WAGE, "310"): 810}


def test_what_blocks_one_component_holds_the_whole_card() -> None:
    """A card with a surcharge that has no code sends no hours either."""
    extra = (ComponentAmount(component="surcharge:night", unit=Unit.MINUTES, amount=30),)
    found = targets([card(amounts=extra)], to_one, RULES, GROUPS)
    assert not found.by_key
    assert [one.finding.code for one in found.held] == ["unmapped_component"]


def test_a_component_of_a_group_that_stays_home_holds_nothing() -> None:
    """Without surcharges in the export, an unmapped one does not matter."""
    extra = (ComponentAmount(component="surcharge:night", unit=Unit.MINUTES, amount=30),)
    found = targets([card(amounts=extra)], to_one, RULES, ("worked",))
    assert amounts(found) == {(Kind.HOURS, "100"): 100}


@pytest.mark.parametrize(
    ("unit", "rule"),
    [
        (Unit.MINUTES, Rule(Kind.WAGE, "300")),
        (Unit.CENTS, Rule(Kind.HOURS, "100")),
        (Unit.PIECES, Rule(Kind.WAGE, "300")),
    ],
)
def test_an_amount_under_the_wrong_kind_of_code_is_refused(unit: Unit, rule: Rule) -> None:
    """Hours as euros, euros as hours and meals of one euro are wages that nobody meant."""
    assert misfit(unit, rule)


def test_a_card_of_nobodys_concern_is_neither_held_nor_counted() -> None:
    """What belongs to another administration leaves no trace here."""
    found = targets([card()], lambda one: None, RULES, GROUPS)
    assert (found.by_key, found.held) == ({}, [])


def test_a_card_that_cannot_be_placed_is_held_with_the_finding() -> None:
    """The finding of the placing is kept as it is."""
    finding = hold(card(), "not_in_payroll", "unknown", "add")
    assert targets([card()], lambda one: finding, RULES, GROUPS).held[0].finding == finding


@given(st.lists(st.integers(1, 1440), min_size=1, max_size=40))
def test_hours_are_rounded_once_to_the_nearest_hundredth(minutes: list[int]) -> None:
    """The amount equals the exact sum, rounded half up, whatever the cards."""
    exact = Decimal(sum(minutes)) * 100 / 60
    assert Target(minutes=sum(minutes)).amount == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.lists(st.integers(1, 1440), min_size=2, max_size=30), st.randoms())
def test_the_order_of_the_cards_does_not_matter(minutes: list[int], random: Any) -> None:
    """The same cards in any order give the same targets and contributions that add up."""
    cards = [card(str(number), minutes=one) for number, one in enumerate(minutes)]
    before = targets(cards, to_one, RULES, GROUPS)
    random.shuffle(cards)
    after = targets(cards, to_one, RULES, GROUPS)
    assert amounts(before) == amounts(after)
    fed = after.by_key[Key("E", Kind.HOURS, "100", "1")].contributions
    assert sum(one.amount for one in fed) == sum(minutes)
