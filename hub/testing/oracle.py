"""An oracle for random months: what payroll should hold, worked out without any code of the hub that does so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import NamedTuple

from hub.durations import AMSTERDAM
from hub.intake.shapes import ComponentAmount, Deletion, Timecard, Unit
from hub.timecards import GROUPS

ALL = frozenset(GROUPS)
EMPLOYEES = {"m1": "e1", "m2": "e2", "m3": "e3"}
CENTRES = {"bar": "1", "kitchen": "2", "": ""}
MINUTES_UNDER = {"worked": "100", "sunday": "150", "night": "100"}
GROUP_OF = {
    "worked": "worked", "sunday": "surcharges", "night": "surcharges",
    "days": "days", "meals": "meals", "travel": "allowances",
}  # fmt: skip


class Place(NamedTuple):
    """Where an amount is in the ledger."""

    employee: str
    code: str
    centre: str | None


@dataclass(frozen=True)
class Sent:
    """What the test told the hub of a card last. For the oracle `member` is an employee and `venue` a cost centre."""

    revision: int
    member: str
    venue: str
    day: int
    worked: int
    sunday: int
    night: int
    meals: int
    travel: int
    approved: bool = True
    deleted: bool = False

    def timecard(self, name: str) -> Timecard | Deletion:
        """Return what the host sends of it."""
        if self.deleted:
            return Deletion(id=name, revision=self.revision)
        start = datetime(2026, 10, self.day, 8, tzinfo=AMSTERDAM)
        amounts = (
            ("surcharge:sunday", Unit.MINUTES, self.sunday),
            ("surcharge:night", Unit.MINUTES, self.night),
            ("meals", Unit.PIECES, self.meals),
            ("allowance:travel", Unit.CENTS, self.travel),
        )
        return Timecard(
            id=name,
            revision=self.revision,
            member=self.member,
            venue=self.venue,
            date=date(2026, 10, self.day),
            start=start,
            end=start + timedelta(minutes=self.worked),
            status="approved" if self.approved else "written",
            amounts=tuple(ComponentAmount(component=one, unit=unit, amount=number) for one, unit, number in amounts),
        )


def some_card(random: Random) -> Sent:
    """Return a first revision of whatever a host could send."""
    return Sent(
        revision=1,
        member=random.choice(["m1", "m1", "m2", "m3"]),
        venue=random.choice(["bar", "kitchen", ""]),
        day=random.randint(1, 3),
        worked=random.choice([20, 50, 440, 440, 475, 481]),
        sunday=random.choice([0, 0, 20]),
        night=random.choice([0, 0, 10]),
        meals=random.choice([0, 0, 1]),
        travel=random.choice([0, 0, 1234]),
        approved=random.random() < 0.8,
    )


def owed(cards: Mapping[str, tuple[Sent, frozenset[str]]]) -> dict[Place, int]:
    """Return what payroll should hold of these cards, of the groups named with each: hundredths, rounded once."""
    minutes: dict[Place, int] = defaultdict(int)
    whole: dict[Place, int] = defaultdict(int)
    days: dict[Place, set[int]] = defaultdict(set)
    for one, groups in cards.values():
        who, centre = one.member, one.venue or None
        for component, code in MINUTES_UNDER.items():
            if GROUP_OF[component] in groups:
                minutes[Place(who, code, centre)] += getattr(one, component)
        if "meals" in groups:
            whole[Place(who, "200", centre)] += 100 * one.meals
        if "allowances" in groups:
            whole[Place(who, "300", centre)] += one.travel
        if "days" in groups:
            days[Place(who, "days", None)].add(one.day)
    rounded = {
        place: int((Decimal(sum_) * 100 / 60).quantize(Decimal(1), ROUND_HALF_UP)) for place, sum_ in minutes.items()
    }
    counted = {place: 100 * len(dates) for place, dates in days.items()}
    return {place: amount for place, amount in {**rounded, **whole, **counted}.items() if amount}
