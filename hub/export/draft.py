"""From the basis to the lines of a plan: target − confirmed per key, with every card accounted for. Pure.

An employee is frozen, and nothing of that person goes out, while something exported no longer fits the cards or the
outcome of an earlier posting is not settled: sending a part would pay twice or too little.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hub.export.basis import Basis
from hub.intake.shapes import Timecard
from hub.models import Entry, Finding, Kind, Model, Severity, Slot
from hub.timecards import (
    GROUPS,
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
    targets,
)


class Line(Model):
    """One key of a plan, amounts in hundredths: `target` in the end, `before` confirmed by us, `amount` to be sent.

    `payroll` is what payroll holds under this code now, ours and foreign; None where it was not read.
    """

    employee: str
    kind: Kind
    code: str
    cost_centre: str | None = None
    target: int
    before: int = 0
    amount: int
    sets: bool = False
    payroll: int | None = None
    contributions: tuple[Contribution, ...] = ()

    @property
    def state(self) -> str:
        """`already` where nothing is to be sent, `new` where we sent nothing yet, else `changed`."""
        if not self.amount or (self.sets and self.target == self.before):
            return "already"
        return "changed" if self.before else "new"


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
    going: tuple[Timecard, ...]
    held: tuple[Finding, ...]
    left: tuple[Finding, ...]
    exported: tuple[Timecard, ...]
    targets: Targets


def draft(basis: Basis, blocks: Blocks) -> Draft:
    """Work out the lines with what is blocked so far."""
    found = targets(basis.cards, _where(basis, blocks), basis.rules, basis.scope.groups, basis.pairs)
    misfits = _misfits(basis, found)
    frozen = {**_frozen(basis, found, misfits), **blocks.employees}
    fresh = [card for card in basis.cards if card.id in found.places and card.id not in basis.white]
    waiting = [card for card in fresh if found.places[card.id].employee in frozen]
    findings = [one.finding for one in found.held if _to_be_told(basis, one)]
    held = [one for one in findings if one.severity is Severity.BLOCK]
    held += [_waits(card, frozen[found.places[card.id].employee]) for card in waiting]
    held += _untold(basis, misfits, tuple(held), {found.places[card.id].employee for card in waiting})
    return Draft(
        lines=tuple(
            line
            for key, target in sorted(found.by_key.items(), key=_order)
            if key.employee not in frozen
            for line in _line(basis, key, target, blocks)
        ),
        going=tuple(card for card in fresh if card not in waiting),
        held=tuple(held),
        left=tuple(one for one in findings if one.severity is not Severity.BLOCK),
        exported=tuple(card for card in basis.cards if card.id in found.places and card.id in basis.white),
        targets=found,
    )


def _where(basis: Basis, blocks: Blocks) -> Where:
    """Place the cards; one of which something is posted elsewhere, or refused and not selected now, stays out."""
    revisions = {(one.timecard, one.revision) for each in basis.posted.values() for one in each}

    def where(card: Timecard) -> Place | Finding | None:
        moved = card.date not in basis.period and (card.id, card.revision) not in revisions
        if card.deleted or moved:
            return None
        place = blocks.cards.get(card.id) or basis.placing(card)
        if not isinstance(place, Place) or place.left:
            return place
        if card.id in basis.elsewhere:
            return _elsewhere(card)
        return replace(place, left=_refused(basis, card))

    return where


def _elsewhere(card: Timecard) -> Finding:
    return hold(
        card,
        "exported_elsewhere",
        "this timecard was exported to another administration, wage period or payroll, in part at least",
        "Take it out by hand there if it belongs here, and add it here by hand: corrections are not sent yet.",
    )


def _refused(basis: Basis, card: Timecard) -> Finding | None:
    """Hold a card of which payroll refused a component that this export leaves out: it would turn white unpaid."""
    for component, _, _ in components(card, GROUPS):
        if (card.id, component) in basis.refused and group_of(component) not in basis.scope.groups:
            text = f"payroll refused {component} of this timecard, and this export leaves it out"
            return hold(card, "refused_before", text, "Solve the refusal and plan again with it: --only.")
    return None


def _order(item: tuple[Key, Target]) -> tuple[str, str, str, str]:
    key = item[0]
    return key.employee, key.kind, key.code, key.cost_centre or ""


CORRECTION = Why(
    "correction_needed",
    "something exported for this person no longer fits the timecards",
    "Correct the difference in payroll by hand: corrections are not sent yet.",
)


HELD = Why(
    "exported_timecard_held",
    "an exported timecard of this person cannot be placed as it was",
    "Solve what is said of that timecard first.",
)
IN_DOUBT = Why("in_doubt", "an earlier posting for this person is in doubt", "Settle that first: hub export show RUN.")


def _frozen(basis: Basis, found: Targets, misfits: Mapping[str, set[str]]) -> dict[str, Why]:
    """Return the employees of whom something posted no longer fits, or is not settled."""
    blocked = {one.card.id for one in found.held if one.finding.severity is Severity.BLOCK}
    frozen = {one: HELD if cards and cards <= blocked else CORRECTION for one, cards in misfits.items()}
    cards = {one.timecard for each in basis.unsettled.values() for one in each}
    doubtful = {key.employee for key in basis.unsettled} | _placed(found, cards)
    return {**frozen, **dict.fromkeys(doubtful, IN_DOUBT)}


def _placed(found: Targets, cards: Iterable[str]) -> set[str]:
    """Return the employees whom these cards would go to now."""
    return {found.places[card].employee for card in cards if card in found.places}


def _misfits(basis: Basis, found: Targets) -> dict[str, set[str]]:
    """Return the employees of whom something posted would not be posted so today, each with the cards that show it.

    Per key the cards must give what they gave, and that must come to what was confirmed: a card that was changed,
    deleted, moved or held, and a code, rate, venue or link that is another now, all show here.
    """
    misfits: dict[str, set[str]] = {}
    nothing = Target()
    for key in {*basis.confirmed, *basis.posted, *found.posted}:
        now = found.posted.get(key, nothing)
        was, is_ = _given(basis.posted.get(key, ())), _given(now.contributions)
        if was != is_ or now.amount != basis.confirmed.get(key, 0):
            cards = {one[0] for one in (was ^ is_) or was}
            for employee in {key.employee, *_placed(found, cards)}:
                misfits.setdefault(employee, set()).update(cards)
    return misfits


def _given(contributions: Iterable[Contribution]) -> set[tuple[str, str, str, int]]:
    return {(one.timecard, one.component, one.unit, one.amount) for one in contributions}


def _to_be_told(basis: Basis, one: Held) -> bool:
    """Tell of a green card always, of a white one only if it is ours and something it holds cannot go."""
    blocked = one.finding.severity is Severity.BLOCK
    return one.card.id not in basis.white or (blocked and one.card.id not in basis.elsewhere)


def _waits(card: Timecard, why: Why) -> Finding:
    return hold(card, why.code, why.text, why.action)


def _untold(
    basis: Basis, misfits: Mapping[str, set[str]], held: Iterable[Finding], waiting: Collection[str]
) -> Iterator[Finding]:
    """Yield a finding for each person with a misfit of whom no card waits: somebody must hear of it."""
    told = {one.timecard for one in held}
    cards = {card.id: card for card in basis.cards}
    for employee, shown in misfits.items():
        new = sorted(shown - told)
        if new and employee not in waiting:
            yield _waits(cards[new[0]], CORRECTION).model_copy(update={"employee": employee})


def _line(basis: Basis, key: Key, target: Target, blocks: Blocks) -> Iterator[Line]:
    if key.kind is Kind.DAYS and key.employee in blocks.kept_days:
        return
    before = basis.confirmed.get(key, 0)
    sets = key.kind is Kind.DAYS
    fresh = tuple(one for one in target.contributions if (one.timecard, one.component) not in basis.pairs)
    unchanged = target.amount == before
    yield Line(
        employee=key.employee,
        kind=key.kind,
        code=key.code,
        cost_centre=key.cost_centre,
        target=target.amount,
        before=before,
        amount=0 if unchanged else target.amount if sets else target.amount - before,
        sets=sets,
        contributions=() if unchanged else fresh,
    )


def entries_of(basis: Basis, lines: tuple[Line, ...]) -> tuple[Entry, ...]:
    """Return the entries that the lines would send, in their order."""
    return tuple(entry_of(basis, line) for line in lines)


def entry_of(basis: Basis, line: Line) -> Entry:
    """Return the entry that a line would send."""
    slot = Slot(administration=basis.scope.administration, employee=line.employee, period=basis.period, kind=line.kind)
    return Entry(
        slot=slot,
        code=line.code,
        cost_centre=line.cost_centre,
        amount=line.amount,
        sets=line.sets,
        unprotected=basis.scope.past_period,
    )
