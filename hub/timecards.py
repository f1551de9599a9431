"""Approved timecards → entries: who is paid where, under which code, and how much. Pure: no store, no network.

Minutes are summed and rounded once per entry, to hundredths of an hour: three cards of 7 h 20 make 22.00, where
rounding each would make 21.99. Days worked are distinct business dates. What blocks one component holds the whole card.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from hub.intake.shapes import Category, ComponentAmount, Timecard, TimecardStatus, Unit
from hub.models import Finding, Kind, Severity

_MINUTES, _DAYS = Unit.MINUTES, Kind.DAYS  # looked up a million times for one plan


class Amount(NamedTuple):
    """How much of a component a card holds, in whole minutes, pieces or cents."""

    component: str
    unit: Unit
    amount: int


class Card(NamedTuple):
    """What matters of a timecard to a plan; `minutes` are those worked, the rest is as in `hub.intake.shapes`.

    `exported_revision` and `exported_by` say at which revision and by which run it turned white last.
    """

    id: str
    revision: int
    member: str
    venue: str
    date: date
    minutes: int
    status: TimecardStatus
    category: Category
    amounts: tuple[Amount, ...]
    deleted: bool
    exported_revision: int | None
    exported_by: str

    @property
    def white(self) -> bool:
        """Whether payroll holds it at its revision."""
        return self.exported_revision == self.revision and not self.deleted


def colour(status: str, category: str, revision: int, exported: int | None) -> str:
    """Return the colour under which users of the planning product know a timecard."""
    if exported == revision:
        return "white"
    if category != "worked":
        return {"leave": "purple"}.get(category, "red")
    return {"planned": "blue", "written": "orange", "approved": "green"}[status]


AnyCard = Timecard | Card
"""A timecard as the host gave it, or as it is read for a plan."""


class Rule(NamedTuple):
    """Where a component is booked. `rate` is in euro cents a piece, for pieces booked as money."""

    kind: Kind
    code: str
    rate: int | None = None


@dataclass(frozen=True)
class Place:
    """Where the hours of a card go: an employee of the administration, and the cost centre of the venue.

    `left` says why the card stays out of this export; then only what was posted of it before counts.
    """

    employee: str
    cost_centre: str | None = None
    left: Finding | None = None


class Key(NamedTuple):
    """What makes one entry within an administration and wage period."""

    employee: str
    kind: Kind
    code: str
    cost_centre: str | None


class Contribution(NamedTuple):
    """What one timecard gives to one entry: minutes, pieces or cents; 0 where it gives nothing any more.

    A card `goes` with an entry unless that only takes something out for it: then it does not turn white by that. `day`
    is its business date (YYYY-MM-DD) where a file tells of days; empty elsewhere.
    """

    timecard: str
    revision: int
    component: str
    unit: Unit
    amount: int
    goes: bool = True
    day: str = ""


@dataclass
class Target:
    """What payroll should hold for one key in the end, with where it comes from."""

    contributions: list[Contribution] = field(default_factory=list)
    minutes: int = 0
    hundredths: int = 0
    days: set[date] = field(default_factory=set)

    @property
    def amount(self) -> int:
        """The amount in hundredths, rounded once to the nearest (a minute is 5/3, so a half never occurs)."""
        return (self.minutes * 10 + 3) // 6 + self.hundredths + 100 * len(self.days)

    def add(self, one: Contribution, day: date, rule: Rule) -> None:
        """Count what a card of this business date gives."""
        self.contributions.append(one)
        if rule.kind is _DAYS:
            self.days.add(day)
        elif one.unit is _MINUTES:
            self.minutes += one.amount
        else:
            self.hundredths += _money_or_pieces(one.unit, one.amount, rule)


Where = Callable[[AnyCard], Place | Finding | None]
"""Says where a card's hours go, what keeps them out, or None where they are no concern of this export."""


@dataclass(frozen=True)
class Held:
    """A card that does not go out, and why."""

    card: AnyCard
    finding: Finding


@dataclass
class Targets:
    """All targets by key, the cards that stay out, and where the others go."""

    by_key: dict[Key, Target] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)


Pairs = Collection[tuple[str, str]]
"""Cards and components: (timecard, component)."""


def targets(
    cards: Iterable[AnyCard], where: Where, rules: Mapping[str, Rule], selected: Collection[str], posted: Pairs = ()
) -> Targets:
    """Turn cards into targets.

    `rules` maps components to codes; `selected` says which groups of components go out: `worked`, `surcharges`, `days`,
    `meals`, `allowances`. What was `posted` counts whatever is selected: payroll holds it.
    """
    books = _Books(rules, selected, posted)
    for card in cards:
        place = where(card)
        if isinstance(place, Finding):
            books.result.held.append(Held(card, place))
        elif place:
            books.take(card, place)
    return books.result


Part = tuple[str, Unit, int]
"""What a card holds of one component: component, unit and amount."""


@dataclass
class _Books:
    """The targets while they are added up; where a component goes is worked out once per employee and centre."""

    rules: Mapping[str, Rule]
    selected: Collection[str]
    posted: Pairs
    result: Targets = field(default_factory=Targets)
    _by_component: dict[tuple[str, str | None, str], Target] = field(default_factory=dict)

    def take(self, card: AnyCard, place: Place) -> None:
        """Book a card that has a place, or hold it."""
        parts = components(card, () if place.left else self.selected, self.posted)
        blocked = _unbookable(card, parts, self.rules)
        stays = blocked or place.left or _nothing_selected(card, parts, self.selected)
        if stays:
            self.result.held.append(Held(card, stays))
        else:
            self.result.places[card.id] = place
        if not blocked:
            self._book(card, place, parts)

    def _book(self, card: AnyCard, place: Place, parts: Iterable[Part]) -> None:
        employee, centre = place.employee, place.cost_centre
        for component, unit, amount in parts:
            target = self._by_component.get((employee, centre, component)) or self._open(place, component)
            target.add(Contribution(card.id, card.revision, component, unit, amount), card.date, self.rules[component])

    def _open(self, place: Place, component: str) -> Target:
        """Return the target that a component goes to; days are of no cost centre."""
        rule = self.rules[component]
        key = Key(place.employee, rule.kind, rule.code, None if rule.kind is Kind.DAYS else place.cost_centre)
        target = self.result.by_key.setdefault(key, Target())
        self._by_component[place.employee, place.cost_centre, component] = target
        return target


def components(card: AnyCard, selected: Collection[str], posted: Pairs = ()) -> list[Part]:
    """Return what a card holds of the selected groups, and what was posted of it."""
    return [
        part
        for part in _everything(card.minutes, card.amounts)
        if group_of(part[0]) in selected or (card.id, part[0]) in posted
    ]


@lru_cache(maxsize=10_000)
def _everything(minutes: int, amounts: tuple[Amount | ComponentAmount, ...]) -> tuple[Part, ...]:
    """Return all that a card holds, the same for all cards that hold as much."""
    worked: tuple[Part, ...] = (("worked", Unit.MINUTES, minutes), ("days", Unit.PIECES, 1)) if minutes else ()
    return (*worked, *((one.component, one.unit, one.amount) for one in amounts if one.amount))


def _nothing_selected(card: AnyCard, parts: Iterable[Part], selected: Collection[str]) -> Finding | None:
    """Leave a card of which this export sends nothing, unless there is nothing to send of it at all."""
    for part in parts:
        if group_of(part[0]) in selected:
            return None
    if not components(card, GROUPS):
        return None
    return left(card, "nothing_selected", "holds nothing of what this export sends")


@lru_cache(maxsize=1_000)
def group_of(component: str) -> str:
    """Return the group that a component goes out with."""
    head = component.partition(":")[0]
    return {"surcharge": "surcharges", "allowance": "allowances"}.get(head, head)


GROUPS = ("worked", "surcharges", "days", "meals", "allowances")


def _unbookable(card: AnyCard, parts: Iterable[Part], rules: Mapping[str, Rule]) -> Finding | None:
    for component, unit, _ in parts:
        if component not in rules:
            text = f"{component} has no code in payroll"
            if component == "days":
                return hold(card, "days_not_taken", text, "Payroll takes no days worked here: plan without them.")
            return hold(card, "unmapped_component", text, "Map it to a code.")
        problem = misfit(unit, rules[component])
        if problem:
            return hold(card, "wrong_kind_of_code", f"{component}: {problem}", "Map it to another code.")
    return None


@lru_cache(maxsize=1_000)
def misfit(unit: Unit, rule: Rule) -> str:
    """Say why a unit cannot be booked under a rule, or return an empty text.

    A wage code takes a hard amount of money and an hour code is multiplied by the wage (Nmbrs help article 214762427).
    """
    if unit is Unit.MINUTES and rule.kind is not Kind.HOURS:
        return "time needs an hour code"
    if unit is Unit.CENTS and rule.kind is not Kind.WAGE:
        return "money needs a wage code; an hour code would be multiplied by the wage"
    if unit is Unit.PIECES and rule.kind is Kind.WAGE and rule.rate is None:
        return "pieces under a wage code need an amount a piece (--rate)"
    return ""


def _money_or_pieces(unit: Unit, amount: int, rule: Rule) -> int:
    """Return hundredths: cents are hundredths of a euro; pieces count whole, or by their rate under a wage code."""
    if unit is Unit.CENTS:
        return amount
    return amount * rule.rate if rule.kind is Kind.WAGE and rule.rate is not None else amount * 100


def hold(card: AnyCard, code: str, text: str, action: str) -> Finding:
    """Return a finding that keeps a card out of the export."""
    return Finding(code=code, severity=Severity.BLOCK, text=text, action=action, timecard=card.id, member=card.member)


def left(card: AnyCard, code: str, text: str) -> Finding:
    """Return a finding for a card that rightly stays: nobody has to do anything about it."""
    return Finding(code=code, severity=Severity.INFO, text=text, action="", timecard=card.id, member=card.member)
