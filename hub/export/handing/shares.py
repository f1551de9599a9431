"""What each business day gives to an entry: rows made of it add up to the entries, whatever a row is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from hub.intake.shapes import Unit
from hub.models import Kind
from hub.timecards import Contribution

Pair = tuple[str, str]
Given = Mapping[Pair, Contribution]
"""What timecards give to a key, by timecard and component."""

WEIGHT = {Unit.MINUTES: 10, Unit.PIECES: 600, Unit.CENTS: 6}
"""What one of a unit weighs, in sixths of a hundredth: a minute is 10/6 hundredths of an hour."""


class Share(NamedTuple):
    """What a day gives to an entry: hundredths, and whole minutes where it is nothing but time; else it is `pieces`."""

    day: date
    amount: int
    minutes: int | None
    pieces: bool = False


def shares(
    kind: Kind, amount: int, before: Given, changed: Iterable[Contribution], days: Mapping[str, date], last: date
) -> tuple[Share, ...]:
    """Split an entry's amount over the business days of the timecards that bring it about.

    `before` is what the key had when the entry was planned, `changed` what the entry says of it, `days` the date of
    each timecard. What no timecard accounts for falls on the day `last`.
    """
    after = {**before, **{(one.timecard, one.component): one for one in changed}}
    weigh = _worked if kind is Kind.DAYS else _differences
    weights = weigh(before, after, days)
    if not weights:
        return (Share(last, amount, None),) if amount else ()
    minutes = _minutes(before, after, days) if kind is Kind.HOURS else {}
    order = sorted(weights)
    parts = split(amount, [weights[day] for day in order])
    pieces = kind is Kind.HOURS and any(one.unit is not Unit.MINUTES for one in after.values())
    return tuple(Share(day, part, minutes.get(day), pieces) for day, part in zip(order, parts, strict=True))


def split(amount: int, weights: list[int]) -> list[int]:
    """Split an amount by weights, each running total rounded to the nearest: the parts add up to the amount.

    Weights that cancel out are in sixths of a hundredth; the last part takes what rounding leaves.
    """
    whole, running, done, parts = sum(weights), 0, 0, []
    for weight in weights:
        running += weight
        reached = _nearest(amount * running, whole) if whole else _nearest(running, 6)
        parts.append(reached - done)
        done = reached
    parts[-1] += amount - done
    return parts


def _nearest(dividend: int, divisor: int) -> int:
    if divisor < 0:
        dividend, divisor = -dividend, -divisor
    return (2 * dividend + divisor) // (2 * divisor)


def _worked(before: Given, after: Given, days: Mapping[str, date]) -> dict[date, int]:
    """Return the days that are worked now and were not, and the other way round."""
    was, is_ = ({_day(one, days) for one in given.values() if one.amount} for given in (before, after))
    return {**dict.fromkeys(is_ - was, 600), **dict.fromkeys(was - is_, -600)}


def _differences(before: Given, after: Given, days: Mapping[str, date]) -> dict[date, int]:
    weights: dict[date, int] = defaultdict(int)
    for sign, given in ((1, after), (-1, before)):
        for one in given.values():
            weights[_day(one, days)] += sign * WEIGHT[one.unit] * one.amount
    return {day: weight for day, weight in weights.items() if weight}


def _day(one: Contribution, days: Mapping[str, date]) -> date:
    """Return the day of what a card gave: as it was then, or else as the card is now."""
    return date.fromisoformat(one.day) if one.day else days[one.timecard]


def _minutes(before: Given, after: Given, days: Mapping[str, date]) -> dict[date, int]:
    """Return the minutes per day; nothing where anything but time is counted."""
    if any(one.unit is not Unit.MINUTES for one in (*before.values(), *after.values())):
        return {}
    return {day: weight // WEIGHT[Unit.MINUTES] for day, weight in _differences(before, after, days).items()}
