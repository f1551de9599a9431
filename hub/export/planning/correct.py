"""Corrections: what was exported no longer fits the cards. Pure.

While the period is open our own rows are changed or taken away, by their ids; else, or where the connection cannot, a
row with the difference is added, in the next open period if this one is closed; else it is left to a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.export.planning.basis import Basis
from hub.export.planning.line import Line
from hub.export.states import Change
from hub.models import Kind
from hub.timecards import Contribution, Key


def can_correct(basis: Basis, key: Key) -> bool:
    """Tell whether the hub can correct a key of this period itself."""
    ways = basis.ways
    if ways.corrections == "manual":
        return False
    return ways.open or (key.kind is not Kind.DAYS and ways.next_open is not None)


def corrections(basis: Basis, key: Key, target: int, changed: tuple[Contribution, ...]) -> tuple[Line, ...]:
    """Return the lines that make payroll hold the target of a key; `changed` says which cards brought that about."""
    before = basis.posted.confirmed.get(key, 0)
    if target == before:
        return _rebooked(key, target, changed)
    plain = Line(
        **key._asdict(), target=target, before=before, amount=target - before, contributions=changed, corrects=True
    )
    if key.kind is Kind.DAYS and basis.ways.sets_days:
        return (plain.model_copy(update={"amount": target, "sets": True}),)
    if not basis.ways.open:
        return (plain.model_copy(update={"period": basis.ways.next_open}),)
    if basis.ways.corrections == "replace":
        lines = tuple(_rows_changed(basis, plain))
        if sum(line.difference for line in lines) == target - before:
            return lines
    return (plain,)


def _rebooked(key: Key, target: int, changed: tuple[Contribution, ...]) -> tuple[Line, ...]:
    """Let other cards account for an amount that stays: what they gave may be booked elsewhere then."""
    if not changed:
        return ()
    line = Line(**key._asdict(), target=target, before=target, amount=0, contributions=changed, corrects=True)
    return (line.model_copy(update={"change": Change.REBOOK}),)


def _rows_changed(basis: Basis, plain: Line) -> Iterator[Line]:
    """Change or take away our rows, the newest first, until they come to the target; what then still lacks is added.

    Ends early where the connection cannot.
    """
    rest, before = plain.amount, plain.before
    ways = basis.ways
    own = [row for row in basis.posted.rows.get(plain.key, ()) if row.here and row.posted_id]
    for row in reversed(own):
        new = row.amount + rest
        keeps = new * row.amount > 0
        if not rest or not (plain.kind in ways.withdraws or (keeps and plain.kind in ways.replaces)):
            break
        change = Change.REPLACE if keeps and plain.kind in ways.replaces else Change.WITHDRAW
        line = plain.model_copy(
            update={
                "change": change,
                "replaces": row.entry,
                "old": row.amount,
                "amount": new if change is Change.REPLACE else 0,
                "before": before,
            }
        )
        yield line
        before += line.difference
        rest -= line.difference
        if keeps:
            break
    if rest and before + rest == plain.target and (before != plain.before):
        yield plain.model_copy(update={"amount": rest, "before": before})
