"""The part of `hub.hub.Hub` that says under which code a component could be booked, and why. A person chooses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub.activation import connection_row
from hub.administrations import reached, unmapped
from hub.intake.shapes import Unit
from hub.models import Code, Kind
from hub.store.companies import Mapping
from hub.store.database import Store

WORDS = {
    "worked": ("uren", "gewerkt", "hours", "worked"),
    "days": ("dagen", "days"),
    "meals": ("maaltijd", "meal"),
    "sunday": ("zondag",),
    "saturday": ("zaterdag",),
    "evening": ("avond",),
    "night": ("nacht",),
    "holiday": ("feestdag",),
    "travel": ("reis",),
    "tips": ("fooi",),
}
"""Words in the titles of codes that say the same as a component's name."""


@dataclass(frozen=True)
class Suggestion:
    """A code that a component could be booked under. `reason` is one of `told`, `same name`, `similar name`, `used`."""

    component: str
    code: str
    kind: Kind
    title: str
    reason: str


class Suggesting:
    """What a hub can propose. `Hub` is one of these; nothing else is."""

    store: Store

    def suggestions(self, company: str, provider: str) -> tuple[Suggestion, ...]:
        """Propose codes for the components that have none yet, the surest first of each."""
        with self.store.read(company) as session:
            connection_row(session, provider)
            codes = [code for one in reached(session, provider) for code in one.body.codes]
            elsewhere = session.all(Mapping, Mapping.provider != provider)
            open_ = unmapped(session, provider)
        used = {(row.component, row.code) for row in elsewhere}
        return tuple(one for component in open_ for one in _for(component, codes, used))


def _for(component: str, codes: Iterable[Code], used: set[tuple[str, str]]) -> Iterator[Suggestion]:
    ranked = ((_reason(component, code, used), code) for code in dict.fromkeys(codes) if _fits(component, code))
    order = ("told", "same name", "similar name", "used")
    for reason, code in sorted(
        ((reason, code) for reason, code in ranked if reason), key=lambda one: (order.index(one[0]), one[1].code)
    ):
        yield Suggestion(component, code.code, code.kind, code.title, reason)


def _reason(component: str, code: Code, used: set[tuple[str, str]]) -> str:
    name = component.rpartition(":")[2]
    said = {code.title.casefold(), code.code.casefold()}
    if code.component == component:
        return "told"
    if name in said:
        return "same name"
    if any(word in code.title.casefold() for word in (name, *WORDS.get(name, ()))):
        return "similar name"
    return "used" if (component, code.code) in used else ""


def _fits(component: str, code: Code) -> bool:
    """Leave out what could not be booked: time takes an hour code, and money a wage code."""
    sort = component.partition(":")[0]
    unit = {"worked": Unit.MINUTES, "surcharge": Unit.MINUTES, "allowance": Unit.CENTS}.get(sort, Unit.PIECES)
    return code.kind is {Unit.MINUTES: Kind.HOURS, Unit.CENTS: Kind.WAGE}.get(unit, code.kind)
