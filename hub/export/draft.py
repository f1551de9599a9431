"""From the basis to the lines of a plan: target − confirmed per key, with every card accounted for. Pure.

An employee is frozen, and nothing of that person goes out, while something exported no longer fits the cards or the
outcome of an earlier posting is not settled: sending a part would pay twice or too little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.export.basis import Basis
from hub.intake.shapes import Timecard
from hub.models import Entry, Finding, Kind, Model, Severity, Slot
from hub.timecards import Contribution, Key, Place, Target, Targets, Where, group_of, hold, targets


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
    found = targets(basis.cards, _where(basis, blocks), basis.rules, basis.scope.groups)
    frozen = {**_frozen(basis, found), **blocks.employees}
    fresh = [card for card in basis.cards if card.id in found.places and not _is_white(basis, card)]
    waiting = [card for card in fresh if found.places[card.id].employee in frozen]
    findings = [one.finding for one in found.held if not _is_white(basis, one.card)]
    held = [one for one in findings if one.severity is Severity.BLOCK]
    held += [_waits(card, frozen[found.places[card.id].employee]) for card in waiting]
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
        exported=tuple(card for card in basis.cards if card.id in found.places and _is_white(basis, card)),
        targets=found,
    )


def _where(basis: Basis, blocks: Blocks) -> Where:
    def where(card: Timecard) -> Place | Finding | None:
        return blocks.cards.get(card.id) or basis.placing(card)

    return where


def _order(item: tuple[Key, Target]) -> tuple[str, str, str, str]:
    key = item[0]
    return key.employee, key.kind, key.code, key.cost_centre or ""


def _is_white(basis: Basis, card: Timecard) -> bool:
    return basis.exported.get(card.id) == card.revision and not card.deleted


def _frozen(basis: Basis, found: Targets) -> dict[str, Why]:
    """Return the employees of whom something exported no longer fits, or is not settled."""
    frozen: dict[str, Why] = {}
    placed = {place.employee for place in found.places.values()}
    for key in basis.unsettled:
        frozen[key.employee] = Why(
            "in_doubt", "an earlier posting for this person is in doubt", "Settle that first: hub export show RUN."
        )
    for employee in {*_changed(basis, found), *(key.employee for key in _too_low(basis, found))} & placed:
        frozen.setdefault(
            employee,
            Why(
                "correction_needed",
                "something exported for this person no longer fits the timecards",
                "Correct the difference in payroll by hand: corrections are not sent yet.",
            ),
        )
    return frozen


def _changed(basis: Basis, found: Targets) -> Iterator[str]:
    """Yield the employees with a card that was changed, deleted or held after it was exported."""
    kept_out = {one.card.id for one in found.held}
    for card in basis.cards:
        if card.id in basis.exported and (not _is_white(basis, card) or card.id in kept_out):
            yield from (one.id for one in basis.placing.linked.get(card.member, ()))


def _too_low(basis: Basis, found: Targets) -> Iterator[Key]:
    """Yield the confirmed keys of the selected groups that now come to less than what was confirmed."""
    nothing = Target()
    for key, amount in basis.confirmed.items():
        groups = {group_of(component) for _, component in basis.posted.get(key, ())}
        if groups & set(basis.scope.groups) and found.by_key.get(key, nothing).amount < amount:
            yield key


def _waits(card: Timecard, why: Why) -> Finding:
    return hold(card, why.code, why.text, why.action)


def _line(basis: Basis, key: Key, target: Target, blocks: Blocks) -> Iterator[Line]:
    if key.kind is Kind.DAYS and key.employee in blocks.kept_days:
        return
    before = basis.confirmed.get(key, 0)
    sets = key.kind is Kind.DAYS
    posted = basis.posted.get(key, frozenset())
    fresh = tuple(one for one in target.contributions if (one.timecard, one.component) not in posted)
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
