"""Rules for a provider that writes a slot as a whole: it keeps what it did not write, and what it did not see."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from hub.errors import NotExecuted
from hub.models import Kind, PostedEntry
from hub.provider import Capability
from hub.testing.conformance.bench import Bench, Opened, held, raised
from hub.testing.conformance.rule import POSTS, READS, Alternatives, Group, expect, rule
from hub.testing.simulator import Simulator

PUTS: Alternatives = (Capability.PUT,)


@rule(
    "put-keeps-the-others",
    "Whoever puts back only what the hub knows of a row takes the comment of a clerk away.",
    Group.POSTING,
    POSTS,
    READS,
    PUTS,
    after=("posted-is-readable",),
)
def put_keeps_the_others(bench: Bench) -> None:
    """After a put the remote holds every row that was there, with all that the hub does not know of it."""
    opened = bench.open()
    for kind in _added(opened):
        seen = opened.read(kind)
        opened.kit.typed_by_a_clerk(opened.remote, opened.slot(kind))
        expect(
            len(opened.read(kind)) > len(seen), f"what a clerk typed in as {kind} is not read: mend typed_by_a_clerk"
        )
        before = _rows(opened.remote)
        opened.post(opened.entry(kind))
        gone = before - _rows(opened.remote)
        expect(
            not gone, f"after a put of {kind}, {gone.total()} of {before.total()} rows of others are not as they were"
        )


def _rows(remote: Simulator) -> Counter[str]:
    """Return the rows that a remote holds, as JSON: each object in a list of its state, however deep."""
    return Counter(json.dumps(one, sort_keys=True, default=str) for one in _objects(held(remote)))


def _objects(value: Any) -> Iterator[object]:  # noqa: ANN401 - JSON
    """Yield the objects of JSON that hold no others: what holds rows may change with them, as a version does."""
    inner = list(value.values()) if hasattr(value, "values") else value if isinstance(value, list | tuple) else []
    found = [one for part in inner for one in _objects(part)]
    yield from found
    if not found and hasattr(value, "values"):
        yield value


@rule(
    "put-of-a-changed-slot-is-not-executed",
    "What somebody changed after the hub looked would be overwritten without anybody having seen it.",
    Group.POSTING,
    POSTS,
    READS,
    PUTS,
    after=("posted-is-readable",),
)
def put_of_a_changed_slot_is_not_executed(bench: Bench) -> None:
    """A put that rests on other rows than there are raises `NotExecuted`, and the remote holds the same after it."""
    opened = bench.open()
    for kind in _added(opened):
        rows = (opened.post(opened.entry(kind, 800)), opened.post(opened.entry(kind, 900)))
        found = opened.read(kind)
        expect({row.id for row in rows} <= {row.id for row in found}, f"two rows of {kind} were put, and are not read")
        before = opened.held
        for what, stale in _stale(found):
            error = raised(partial(_put, opened, kind, stale), f"a put after {what}")
            right = isinstance(error, NotExecuted)
            expect(right, f"a put of {kind} after {what} raises {type(error).__name__}, not NotExecuted")
            expect(opened.held == before, f"a put of {kind} after {what} changed something at the remote")


def _stale(found: tuple[PostedEntry, ...]) -> Iterator[tuple[str, tuple[PostedEntry, ...]]]:
    """Yield what may have happened between the reading and the put, and what was read before it."""
    *others, last = found
    yield "a row came", tuple(others)
    yield "a row went", (*found, last.model_copy(update={"id": f"{last.id}0"}))
    yield "an amount changed", (*others, last.model_copy(update={"amount": last.amount + 100}))


def _put(opened: Opened, kind: Kind, before: tuple[PostedEntry, ...]) -> object:
    return opened.posting.put(opened.slot(kind), before, (opened.entry(kind),), f"conformance-{opened.calls.total()}")


def _added(opened: Opened) -> list[Kind]:
    """Return the kinds of which a put adds rows: days are set."""
    return [kind for kind in opened.kinds if kind is not Kind.DAYS]
