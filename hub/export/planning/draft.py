"""From the basis to the lines of a plan: target − confirmed per key, with every card accounted for. Pure.

What was exported and no longer fits is corrected. An employee is frozen, and nothing of that person goes out, while
the outcome of an earlier posting is not settled, or something exported can neither be placed nor corrected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hub.export.planning.basis import Basis
from hub.export.planning.correct import can_correct, corrections
from hub.export.planning.line import Line
from hub.export.planning.misfits import Misfit, find_misfits, placed, take_out_later, without
from hub.models import Entry, Finding, Kind, Severity, Slot
from hub.timecards import (
    GROUPS,
    AnyCard,
    Card,
    Contribution,
    Held,
    Key,
    Place,
    Target,
    Targets,
    Where,
    components,
    group_of,
    hold,
    left,
    targets,
)


@dataclass(frozen=True)
class Why:
    """Why all of an employee's cards wait."""

    code: str
    text: str
    action: str


@dataclass
class Blocks:
    """What later checks found: cards and employees that stay out, and components of days that are kept as they are."""

    cards: dict[str, Finding] = field(default_factory=dict)
    employees: dict[str, Why] = field(default_factory=dict)
    kept_days: set[str] = field(default_factory=set)

    def size(self) -> int:
        """Return how much is blocked, to see whether a check found more."""
        return len(self.cards) + len(self.employees) + len(self.kept_days)


@dataclass(frozen=True)
class Draft:
    """Lines, and what becomes of every card of this export: it goes, is held, is left, or was exported already."""

    lines: tuple[Line, ...]
    going: tuple[AnyCard, ...]
    held: tuple[Finding, ...]
    left: tuple[Finding, ...]
    exported: tuple[AnyCard, ...]
    targets: Targets


def draft(basis: Basis, blocks: Blocks) -> Draft:
    """Work out the lines with what is blocked so far."""
    found = targets(basis.cards, _where(basis, blocks), basis.rules, basis.scope.groups, basis.posted.pairs)
    _leave_days_beside(basis, found)
    misfits = find_misfits(basis, found)
    frozen = {**_frozen(basis, found, misfits), **blocks.employees}
    later = take_out_later(basis, found, misfits, frozen)
    fresh = [card for card in basis.cards if card.id in found.places and card.id not in basis.white]
    waiting = {card.id: card for card in fresh if found.places[card.id].employee in frozen} if frozen else {}
    findings = [one.finding for one in found.held if _to_be_told(basis, one)]
    held = [one for one in findings if one.severity is Severity.BLOCK]
    held += [_waits(card, frozen[found.places[card.id].employee]) for card in waiting.values()]
    held += [_waits(card, LATER) for card in fresh if card.id in later and card.id not in waiting]
    held += _untold(basis, misfits, frozen, held, {found.places[card].employee for card in waiting})
    lines = [
        line
        for key, target in sorted(found.by_key.items(), key=_order)
        if key.employee not in frozen
        for line in _lines(basis, key, target, misfits.get(key), blocks)
    ]
    return Draft(
        lines=tuple(sorted(lines, key=lambda line: not line.corrects)),
        going=tuple(card for card in fresh if card.id not in waiting and card.id not in later),
        held=tuple(held),
        left=tuple(one for one in findings if one.severity is not Severity.BLOCK),
        exported=tuple(card for card in basis.cards if card.id in found.places and card.id in basis.white),
        targets=found,
    )


def _leave_days_beside(basis: Basis, found: Targets) -> None:
    """Leave days out that a file of other dates counted for the same person: a day is worked once."""
    for key, target in found.by_key.items() if basis.days_beside else ():
        if key.kind is Kind.DAYS:
            days = {one.timecard: basis.by_id[one.timecard].date for one in target.contributions}
            beside = {(card, "days") for card, day in days.items() if (key.employee, day) in basis.days_beside}
            found.by_key[key] = without(basis, target, beside - basis.posted.pairs)


def _where(basis: Basis, blocks: Blocks) -> Where:
    """Place the cards; one of which something is posted elsewhere, or refused and not selected now, stays out."""
    revisions = {(one.timecard, one.revision) for each in basis.posted.given.values() for one in each}
    perhaps_left = {card for card, _ in (*basis.posted.left_out, *basis.posted.refused)}

    def where(card: AnyCard) -> Place | Finding | None:
        moved = card.date not in basis.period and (card.id, card.revision) not in revisions
        if card.deleted or moved:
            return None
        place = blocks.cards.get(card.id) or basis.placing(card)
        if not isinstance(place, Place) or place.left:
            return place
        if card.id in basis.elsewhere:
            return _exported_already(basis, card) or _elsewhere(card)
        stays = (_left_out(basis, card) or _refused(basis, card)) if card.id in perhaps_left else None
        return replace(place, left=stays) if stays else place

    return where


def _left_out(basis: Basis, card: AnyCard) -> Finding | None:
    """Leave a card of which a person decided that something stays out, until it changes."""
    if (card.id, card.revision) in basis.posted.left_out:
        return left(card, "left_out", "a person decided to leave this out")
    return None


def _exported_already(basis: Basis, card: AnyCard) -> Finding | None:
    """Leave a card that went out, as it is now, in a file of other dates; hold it where something of it did not."""
    if not (isinstance(card, Card) and card.white and card.exported_by in basis.overlaps):
        return None
    rest = [one for one, _, _ in components(card, basis.scope.groups) if (card.id, one) not in basis.pairs_beside]
    if not set(rest) - {"days"}:
        return left(card, "exported_already", f"exported in {card.exported_by}")
    text = f"{', '.join(rest)} of this timecard did not go out in {card.exported_by}"
    return hold(card, IN_PART, text, f"Plan {basis.overlaps[card.exported_by]} once more: the rest goes out there.")


IN_PART = "exported_in_part"


def _elsewhere(card: AnyCard) -> Finding:
    return hold(
        card,
        "exported_elsewhere",
        "this timecard was exported to another administration, wage period or payroll, in part at least",
        "Plan an export there, which takes out what belongs here, and then plan this one again.",
    )


def _refused(basis: Basis, card: AnyCard) -> Finding | None:
    """Hold a card of which payroll refused a component that this export leaves out: it would turn white unpaid."""
    for component, _, _ in components(card, GROUPS):
        if (card.id, component) in basis.posted.refused and group_of(component) not in basis.scope.groups:
            text = f"payroll refused {component} of this timecard, and this export leaves it out"
            return hold(card, "refused_before", text, "Solve the refusal and plan again with it.")
    return None


def _order(item: tuple[Key, Target]) -> tuple[str, str, str, str]:
    key = item[0]
    return key.employee, key.kind, key.code, key.cost_centre or ""


CORRECTION = Why(
    "correction_needed",
    "something exported for this person no longer fits the timecards, and the hub may not or cannot correct it",
    "Correct the difference in payroll by hand, or choose another way for corrections.",
)
LATER = Why(
    "moves_later",
    "this is still booked elsewhere in payroll and must be taken out there first",
    "Carry this plan out, then plan again.",
)
LEFT_OUT = Why(
    "correction_left_out",
    "a person decided to leave a correction of this person out",
    "Correct the timecard, or send it after all.",
)
HELD = Why(
    "exported_timecard_held",
    "an exported timecard of this person cannot be placed as it was",
    "Solve what is said of that timecard first.",
)
IN_DOUBT = Why("in_doubt", "an earlier posting for this person is in doubt", "Settle that first.")


def _frozen(basis: Basis, found: Targets, misfits: Mapping[Key, Misfit]) -> dict[str, Why]:
    """Return the employees of whom nothing goes out: something posted is not settled, or cannot be put right."""
    blocked = {one.card.id for one in found.held if one.finding.severity is Severity.BLOCK}
    frozen: dict[str, Why] = {}
    for key, misfit in misfits.items():
        if misfit.cards & blocked:
            frozen[key.employee] = HELD
        elif any((one.timecard, one.revision) in basis.posted.left_out for one in misfit.changed):
            frozen[key.employee] = LEFT_OUT
        elif misfit.target != basis.posted.confirmed.get(key, 0) and not can_correct(basis, key):
            frozen[key.employee] = CORRECTION
    unsettled = basis.posted.unsettled
    cards = {one.timecard for each in unsettled.values() for one in each}
    doubtful = {key.employee for key in unsettled} | placed(found, cards)
    return {**frozen, **dict.fromkeys(doubtful, IN_DOUBT)}


def _to_be_told(basis: Basis, one: Held) -> bool:
    """Tell of a green card always, of a white one only if it is ours and something it holds cannot go."""
    blocked = one.finding.severity is Severity.BLOCK
    if one.finding.code == IN_PART:
        return True
    return one.card.id not in basis.white or (blocked and one.card.id not in basis.elsewhere)


def _waits(card: AnyCard, why: Why) -> Finding:
    return hold(card, why.code, why.text, why.action)


def _untold(
    basis: Basis,
    misfits: Mapping[Key, Misfit],
    frozen: Mapping[str, Why],
    held: Iterable[Finding],
    waiting: Collection[str],
) -> Iterator[Finding]:
    """Yield a finding for each frozen person with a misfit of whom no card waits: somebody must hear of it."""
    told = {one.timecard for one in held if one.code != LATER.code}  # which says nothing of why it cannot be yet
    cards = basis.by_id
    heard = set(waiting)
    for key, misfit in misfits.items():
        new = sorted((misfit.cards & cards.keys()) - told)
        if new and key.employee in frozen and key.employee not in heard:
            heard.add(key.employee)
            yield _waits(cards[new[0]], frozen[key.employee]).model_copy(update={"employee": key.employee})


def _lines(basis: Basis, key: Key, target: Target, misfit: Misfit | None, blocks: Blocks) -> Iterator[Line]:
    if key.kind is Kind.DAYS and key.employee in blocks.kept_days:
        return
    if misfit:
        yield from corrections(basis, key, target.amount, misfit.changed)
        return
    before = basis.posted.confirmed.get(key, 0)
    sets = key.kind is Kind.DAYS and basis.ways.sets_days
    amount = target.amount
    yield Line(
        **key._asdict(),
        target=amount,
        before=before,
        amount=amount if sets else amount - before,
        sets=sets,
        contributions=() if amount == before else _fresh(basis, key, target),
    )


def _fresh(basis: Basis, key: Key, target: Target) -> tuple[Contribution, ...]:
    """Return what was not posted under this key before."""
    given = {(one.timecard, one.component) for one in basis.posted.given.get(key, ())}
    fresh = target.contributions
    if given:
        fresh = [one for one in fresh if (one.timecard, one.component) not in given]
    return tuple(map(basis.dated, fresh)) if basis.tells_days else tuple(fresh)


def entries_of(basis: Basis, lines: tuple[Line, ...]) -> tuple[Entry, ...]:
    """Return the entries that the lines would send, in their order."""
    return tuple(entry_of(basis, line) for line in lines)


def slot_of(basis: Basis, line: Line) -> Slot:
    """Return the slot that a line would change."""
    period = line.period or basis.period
    return Slot(administration=basis.scope.administration, employee=line.employee, period=period, kind=line.kind)


def entry_of(basis: Basis, line: Line) -> Entry:
    """Return the entry that a line would send."""
    return Entry(
        slot=slot_of(basis, line),
        code=line.code,
        cost_centre=line.cost_centre,
        amount=line.amount,
        sets=line.sets,
        unprotected=basis.scope.past_period,
    )
