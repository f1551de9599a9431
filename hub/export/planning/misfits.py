"""What was posted and would not be posted so today: a card that was changed, deleted or moved, or a setting that was.

Pure. Per key the cards must give what they gave, and that must come to what was confirmed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hub.export.planning.basis import Basis
from hub.timecards import Contribution, Key, Target, Targets

Pair = tuple[str, str]


@dataclass(frozen=True)
class Misfit:
    """A key of which something posted no longer fits: the cards that show it, the target, and all that changed."""

    cards: frozenset[str]
    target: int
    changed: tuple[Contribution, ...]


def find_misfits(basis: Basis, found: Targets) -> dict[Key, Misfit]:
    """Return the keys with a misfit; each of them has a target in `found` afterwards, if only of nothing."""
    misfits: dict[Key, Misfit] = {}
    posted = basis.posted
    for key in sorted({*posted.confirmed, *posted.given}, key=str):
        now = found.by_key.get(key, Target())
        was, is_ = _by_pair(posted.given.get(key, ())), _by_pair(map(basis.dated, now.contributions))
        gone = {pair for pair, one in was.items() if pair not in is_ or _value(is_[pair]) != _value(one)}
        part = now if was.keys() == is_.keys() else without(basis, now, is_.keys() - was.keys())
        if gone or part.amount != posted.confirmed.get(key, 0):
            found.by_key.setdefault(key, now)
            cards = frozenset(card for card, _ in gone)
            misfits[key] = Misfit(cards, now.amount, tuple(_changed(basis, found, was, is_)))
    return misfits


def _by_pair(contributions: Iterable[Contribution]) -> dict[Pair, Contribution]:
    return {(one.timecard, one.component): one for one in contributions}


def _value(one: Contribution) -> tuple[str, int, str]:
    return one.unit, one.amount, one.day


def _changed(
    basis: Basis, found: Targets, was: Mapping[Pair, Contribution], is_: Mapping[Pair, Contribution]
) -> Iterator[Contribution]:
    """Yield what the cards give now where it is not what they gave; 0 where they give nothing any more."""
    for pair, one in is_.items():
        if pair not in was or _value(was[pair]) != _value(one):
            yield one._replace(goes=one.timecard in found.places)
    for pair, one in was.items():
        if pair not in is_:
            revision = basis.by_id[one.timecard].revision if one.timecard in basis.by_id else one.revision
            yield one._replace(revision=revision, amount=0, goes=one.timecard in found.places)


def placed(found: Targets, cards: Iterable[str]) -> set[str]:
    """Return the employees whom these cards would go to now."""
    return {found.places[card].employee for card in cards if card in found.places}


def take_out_later(basis: Basis, found: Targets, misfits: dict[Key, Misfit], frozen: Collection[str]) -> frozenset[str]:
    """Leave out what is still booked under another key and cannot be taken out there first, in the same plan.

    Of two keys that cards move between, neither could begin before the other: then the cards wait for the next plan.
    Returns those cards.
    """
    booked = {pair: key for key, each in basis.posted.given.items() for pair in _by_pair(each)}
    if not booked:
        return frozenset()
    later: set[str] = set()
    for key, target in found.by_key.items():
        moving = {
            pair
            for pair in _by_pair(target.contributions)
            if booked.get(pair, key) != key and (key in misfits or booked[pair].employee in frozen)
        }
        if moving:
            found.by_key[key] = without(basis, target, moving)
            later |= {card for card, _ in moving}
    if later:
        misfits.update({key: one for key, one in find_misfits(basis, found).items() if key in misfits})
    return frozenset(later)


def without(basis: Basis, target: Target, pairs: Collection[Pair]) -> Target:
    """Return a target without what some cards give to it."""
    rest = Target()
    for one in target.contributions:
        if (one.timecard, one.component) not in pairs:
            rest.add(one, basis.by_id[one.timecard].date, basis.rules[one.component])
    return rest
