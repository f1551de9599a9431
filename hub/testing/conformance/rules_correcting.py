"""Rules about corrections: a row of ours is changed or taken away, and no other one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hub.models import Kind, PostedEntry
from hub.provider import Capability
from hub.testing.conformance.bench import Bench, Opened
from hub.testing.conformance.rule import POSTS, READS, REPLACES, WITHDRAWS, Group, can, expect, rule

_AFTER = ("posted-is-readable", "amounts-are-exact")
_AMOUNTS = (700, 800, 900)
_NEW = 433


@rule(
    "replace-touches-its-own-row",
    "The rows beside it are other days, other runs, or a clerk's.",
    Group.CORRECTING,
    POSTS,
    READS,
    REPLACES,
    after=_AFTER,
)
def replace_touches_its_own_row(bench: Bench) -> None:
    """Of three alike, the middle row gets another amount; the others stay as they are."""
    opened = bench.open()
    for kind in _correctable(opened, Capability.to_replace):
        first, second, third = _three(opened, kind)
        changed = opened.posting.replace(second, opened.entry(kind, _NEW))
        expect(changed.amount == _NEW, f"replacing {kind} returned another amount than was sent")
        rows = _told(opened.read(kind))
        wanted = {first.id: first.amount, changed.id: _NEW, third.id: third.amount}
        expect(rows == wanted, f"after one of three {kind} rows was replaced, the slot does not hold just that change")


@rule(
    "withdraw-touches-its-own-row",
    "The rows beside it are other days, other runs, or a clerk's.",
    Group.CORRECTING,
    POSTS,
    READS,
    WITHDRAWS,
    after=_AFTER,
)
def withdraw_touches_its_own_row(bench: Bench) -> None:
    """Of three alike, the middle row is taken away; the others stay as they are."""
    opened = bench.open()
    for kind in _correctable(opened, Capability.to_withdraw):
        first, second, third = _three(opened, kind)
        opened.posting.withdraw(opened.slot(kind), second)
        rows = _told(opened.read(kind))
        wanted = {first.id: first.amount, third.id: third.amount}
        expect(rows == wanted, f"after one of three {kind} rows was withdrawn, the slot does not hold just the others")


def _correctable(opened: Opened, capability: Callable[[Kind], Capability]) -> Iterator[Kind]:
    return (kind for kind in opened.kinds if can(opened.kit.provider, capability(kind)))


def _three(opened: Opened, kind: Kind) -> tuple[PostedEntry, PostedEntry, PostedEntry]:
    """Post three rows into an empty slot, on one code, and return them."""
    first, second, third = (opened.post(opened.entry(kind, amount)) for amount in _AMOUNTS)
    return first, second, third


def _told(rows: tuple[PostedEntry, ...]) -> dict[str, int]:
    return {row.id: row.amount for row in rows}
