"""What each business day gives to an entry of a file: the rows must add up to the entries, whatever a row is about."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.export.handing.shares import shares, split
from hub.intake.shapes import Unit
from hub.models import Kind
from hub.timecards import Contribution, Rule, Target

DAYS = {f"T{number}": date(2026, 10, 1 + number // 2) for number in range(20)}
LAST = date(2026, 10, 31)


def gives(card: str, amount: int, unit: Unit = Unit.MINUTES) -> Contribution:
    return Contribution(card, 1, "worked", unit, amount)


def held(*each: Contribution) -> dict[tuple[str, str], Contribution]:
    return {(one.timecard, one.component): one for one in each}


@given(st.integers(-100_000, 100_000), st.lists(st.integers(-600, 600), min_size=1, max_size=40))
def test_parts_add_up_to_the_amount(amount: int, weights: list[int]) -> None:
    """Whatever is split by whatever weights, nothing is lost or made."""
    assert sum(split(amount, weights)) == amount


@given(st.dictionaries(st.sampled_from(sorted(DAYS)), st.integers(1, 900), min_size=1))
def test_a_fresh_entry_is_split_over_its_days(minutes: dict[str, int]) -> None:
    """The hundredths add up to the entry as it was rounded once, the minutes to those of the cards of each day."""
    target = Target()
    for card, amount in minutes.items():
        target.add(gives(card, amount), DAYS[card], Rule(Kind.HOURS, "100"))
    found = shares(Kind.HOURS, target.amount, {}, [gives(card, one) for card, one in minutes.items()], DAYS, LAST)
    assert sum(one.amount for one in found) == target.amount
    for one in found:
        assert one.minutes == sum(amount for card, amount in minutes.items() if DAYS[card] == one.day)
        assert abs(one.amount - (one.minutes or 0) * 10 / 6) <= 1


def test_three_cards_of_seven_twenty_make_twenty_two_hours() -> None:
    """Rounding every row by itself would make 21.99."""
    cards = [gives(card, 440) for card in ("T0", "T2", "T4")]
    assert [one.amount for one in shares(Kind.HOURS, 2200, {}, cards, DAYS, LAST)] == [733, 734, 733]


def test_a_correction_says_only_what_changed() -> None:
    """A card of eight hours that becomes six takes two hours back on its own day, and leaves the other days alone."""
    before = held(gives("T0", 480), gives("T2", 480))
    (one,) = shares(Kind.HOURS, -200, before, [gives("T0", 360)], DAYS, LAST)
    assert one == (DAYS["T0"], -200, -120, False)


def test_two_cards_on_a_day_are_one_day_worked() -> None:
    """Days worked are distinct business days."""
    cards = [gives(card, 1, Unit.PIECES) for card in ("T0", "T1", "T2")]
    assert [one[:2] for one in shares(Kind.DAYS, 200, {}, cards, DAYS, LAST)] == [(DAYS["T0"], 100), (DAYS["T2"], 100)]


def test_a_day_goes_when_its_last_card_goes() -> None:
    """Of two cards on a day one may go: the day stays; when both are gone, it is taken back."""
    before = held(*(gives(card, 1, Unit.PIECES) for card in ("T0", "T1")))
    assert shares(Kind.DAYS, 0, before, [gives("T0", 0, Unit.PIECES)], DAYS, LAST) == ()
    both = [gives(card, 0, Unit.PIECES) for card in ("T0", "T1")]
    assert shares(Kind.DAYS, -100, before, both, DAYS, LAST) == ((DAYS["T0"], -100, None, False),)


def test_what_moves_between_days_cancels_out() -> None:
    """An entry of nothing that other cards account for takes from one day what it gives to another."""
    before = held(gives("T0", 60))
    found = shares(Kind.HOURS, 0, before, [gives("T0", 0), gives("T4", 60)], DAYS, LAST)
    assert [(one.day, one.amount, one.minutes) for one in found] == [(DAYS["T0"], -100, -60), (DAYS["T4"], 100, 60)]


def test_what_no_card_accounts_for_falls_on_the_last_day() -> None:
    """An amount that only puts an earlier rejection right has no day of its own."""
    assert shares(Kind.HOURS, 800, {}, [], DAYS, LAST) == ((LAST, 800, None, False),)
    assert shares(Kind.HOURS, 0, {}, [], DAYS, LAST) == ()


@pytest.mark.parametrize(("unit", "amount", "hundredths"), [(Unit.PIECES, 2, 200), (Unit.CENTS, 460, 460)])
def test_pieces_and_money_are_no_minutes(unit: Unit, amount: int, hundredths: int) -> None:
    """Only time has minutes: a meal is no hour, though an hour code may hold it."""
    (one,) = shares(Kind.HOURS, hundredths, {}, [gives("T0", amount, unit)], DAYS, LAST)
    assert one == (DAYS["T0"], hundredths, None, True)
