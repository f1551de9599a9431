"""Approved timecards → entries: who is paid where, under which code, and how much. Pure: no store, no network.

Minutes are summed and rounded once per entry, to hundredths of an hour: three cards of 7 h 20 make 22.00, where
rounding each would make 21.99. Days worked are distinct business dates. What blocks one component holds the whole card.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from hub.intake.shapes import Category, Timecard, TimecardStatus, Unit
from hub.models import Finding, Kind, Severity


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

    A card `goes` with an entry unless that only takes something out for it: then it does not turn white by that.
    """

    timecard: str
    revision: int
    component: str
    unit: Unit
    amount: int
    goes: bool = True


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
        if rule.kind is Kind.DAYS:
            self.days.add(day)
        elif one.unit is Unit.MINUTES:
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
    result = Targets()
    for card in cards:
        place = where(card)
        if isinstance(place, Finding):
            result.held.append(Held(card, place))
        elif place:
            _take(result, card, place, rules, (selected, posted))
    return result


def _take(
    result: Targets, card: AnyCard, place: Place, rules: Mapping[str, Rule], wanted: tuple[Collection[str], Pairs]
) -> None:
    """Book a card that has a place, or hold it."""
    selected, posted = wanted
    parts = list(components(card, () if place.left else selected, posted))
    blocked = _unbookable(card, parts, rules)
    stays = blocked or place.left or _nothing_selected(card, selected)
    if stays:
        result.held.append(Held(card, stays))
    else:
        result.places[card.id] = place
    if not blocked:
        _book(result, card, place, [(Contribution(card.id, card.revision, *one), rules[one[0]]) for one in parts])


def components(card: AnyCard, selected: Collection[str], posted: Pairs = ()) -> Iterable[tuple[str, Unit, int]]:
    """Yield what a card holds of the selected groups, and what was posted of it: component, unit and amount."""
    for component, unit, amount in _everything(card):
        if amount and (group_of(component) in selected or (card.id, component) in posted):
            yield component, unit, amount


def _everything(card: AnyCard) -> Iterable[tuple[str, Unit, int]]:
    yield "worked", Unit.MINUTES, card.minutes
    yield "days", Unit.PIECES, 1 if card.minutes else 0
    for one in card.amounts:
        yield one.component, one.unit, one.amount


def _nothing_selected(card: AnyCard, selected: Collection[str]) -> Finding | None:
    """Leave a card of which this export sends nothing, unless there is nothing to send of it at all."""
    if any(components(card, selected)) or not any(components(card, GROUPS)):
        return None
    return left(card, "nothing_selected", "holds nothing of what this export sends")


def group_of(component: str) -> str:
    """Return the group that a component goes out with."""
    head = component.partition(":")[0]
    return {"surcharge": "surcharges", "allowance": "allowances"}.get(head, head)


GROUPS = ("worked", "surcharges", "days", "meals", "allowances")


NO_DAYS = "Payroll takes no days worked here: plan without them, with --only."


def _unbookable(card: AnyCard, parts: list[tuple[str, Unit, int]], rules: Mapping[str, Rule]) -> Finding | None:
    for component, unit, _ in parts:
        if component not in rules:
            return hold(
                card,
                "unmapped_component",
                f"{component} has no code in payroll",
                NO_DAYS if component == "days" else f"Map it: hub map COMPANY PROVIDER {component} CODE.",
            )
        problem = misfit(unit, rules[component])
        if problem:
            return hold(card, "wrong_kind_of_code", f"{component}: {problem}", "Map it to another code.")
    return None


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


def _book(result: Targets, card: AnyCard, place: Place, parts: list[tuple[Contribution, Rule]]) -> None:
    for one, rule in parts:
        centre = None if rule.kind is Kind.DAYS else place.cost_centre
        key = Key(place.employee, rule.kind, rule.code, centre)
        result.by_key.setdefault(key, Target()).add(one, card.date, rule)


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
