"""Approved timecards → entries: who is paid where, under which code, and how much. Pure: no store, no network.

Minutes are summed and rounded once per entry, to hundredths of an hour: three cards of 7 h 20 make 22.00, where
rounding each would make 21.99. Days worked are distinct business dates. What blocks one component holds the whole card.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from hub.intake.shapes import Timecard, Unit
from hub.models import Finding, Kind, Severity


class Rule(NamedTuple):
    """Where a component is booked. `rate` is in euro cents a piece, for pieces booked as money."""

    kind: Kind
    code: str
    rate: int | None = None


@dataclass(frozen=True)
class Place:
    """Where the hours of a card go: an employee of the administration, and the cost centre of the venue."""

    employee: str
    cost_centre: str | None = None


class Key(NamedTuple):
    """What makes one entry within an administration and wage period."""

    employee: str
    kind: Kind
    code: str
    cost_centre: str | None


class Contribution(NamedTuple):
    """What one timecard gives to one entry: minutes, pieces or cents."""

    timecard: str
    revision: int
    component: str
    unit: Unit
    amount: int


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


Where = Callable[[Timecard], Place | Finding | None]
"""Says where a card's hours go, what keeps them out, or None where they are no concern of this export."""


@dataclass(frozen=True)
class Held:
    """A card that does not go out, and why."""

    card: Timecard
    finding: Finding


@dataclass
class Targets:
    """All targets by key, and the cards that are held."""

    by_key: dict[Key, Target] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)


def targets(cards: Iterable[Timecard], where: Where, rules: Mapping[str, Rule], selected: Collection[str]) -> Targets:
    """Turn cards into targets.

    `rules` maps components to codes; `selected` says which groups of components go out: `worked`, `surcharges`, `days`,
    `meals`, `allowances`.
    """
    result = Targets()
    for card in cards:
        place = where(card)
        if place is None:
            continue
        parts = list(components(card, selected))
        finding = place if isinstance(place, Finding) else _unbookable(card, parts, rules)
        if finding:
            result.held.append(Held(card, finding))
        elif isinstance(place, Place):
            result.places[card.id] = place
            _book(result, card, place, parts, rules)
    return result


def components(card: Timecard, selected: Collection[str]) -> Iterable[tuple[str, Unit, int]]:
    """Yield what a card holds of the selected groups: component, unit and amount."""
    if "worked" in selected and card.minutes:
        yield "worked", Unit.MINUTES, card.minutes
    if "days" in selected and card.minutes:
        yield "days", Unit.PIECES, 1
    for one in card.amounts:
        if group_of(one.component) in selected and one.amount:
            yield one.component, one.unit, one.amount


def group_of(component: str) -> str:
    """Return the group that a component goes out with."""
    head = component.partition(":")[0]
    return {"surcharge": "surcharges", "allowance": "allowances"}.get(head, head)


GROUPS = ("worked", "surcharges", "days", "meals", "allowances")


def _unbookable(card: Timecard, parts: list[tuple[str, Unit, int]], rules: Mapping[str, Rule]) -> Finding | None:
    for component, unit, _ in parts:
        if component not in rules:
            return hold(
                card,
                "unmapped_component",
                f"{component} has no code in payroll",
                f"Map it: hub map COMPANY PROVIDER {component} CODE.",
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


def _book(
    result: Targets, card: Timecard, place: Place, parts: list[tuple[str, Unit, int]], rules: Mapping[str, Rule]
) -> None:
    for component, unit, amount in parts:
        rule = rules[component]
        centre = None if rule.kind is Kind.DAYS else place.cost_centre
        target = result.by_key.setdefault(Key(place.employee, rule.kind, rule.code, centre), Target())
        target.contributions.append(Contribution(card.id, card.revision, component, unit, amount))
        if rule.kind is Kind.DAYS:
            target.days.add(card.date)
        elif unit is Unit.MINUTES:
            target.minutes += amount
        else:
            target.hundredths += _money_or_pieces(unit, amount, rule)


def _money_or_pieces(unit: Unit, amount: int, rule: Rule) -> int:
    """Return hundredths: cents are hundredths of a euro; pieces count whole, or by their rate under a wage code."""
    if unit is Unit.CENTS:
        return amount
    return amount * rule.rate if rule.kind is Kind.WAGE and rule.rate is not None else amount * 100


def hold(card: Timecard, code: str, text: str, action: str) -> Finding:
    """Return a finding that keeps a card out of the export."""
    return Finding(code=code, severity=Severity.BLOCK, text=text, action=action, timecard=card.id, member=card.member)
