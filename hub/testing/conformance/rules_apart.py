"""Rules about instances: the connections of two companies share nothing, and an instance leaves nothing behind."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

from hub.provider import Capability
from hub.testing.conformance.bench import Bench, Opened
from hub.testing.conformance.rule import POSTS, READS, Group, can, expect, rule
from hub.testing.conformance.watching import kept


@rule(
    "connections-share-nothing",
    "Two companies on one provider must never see or change each other's payroll.",
    Group.CONNECTION,
    POSTS,
    READS,
    after=("posted-is-readable",),
)
def connections_share_nothing(bench: Bench) -> None:
    """What one connection posts is at its own remote and not at the other, also when both are at work."""
    ours, theirs = bench.open(), bench.open(bench.remote(employees=4))
    _ = theirs.employee, theirs.posting
    untouched = theirs.held
    for kind in ours.kinds:
        ours.post(ours.entry(kind))
        expect(ours.read(kind), f"{kind} that was posted does not show on its own connection")
        expect(not theirs.read(kind), f"another connection reads {kind} that it did not post")
    expect(theirs.held == untouched, "posting on one connection changed the remote of another")


@rule(
    "nothing-outlives-an-instance",
    "What is kept by a class or a module is shared by all companies in the process.",
    Group.CONNECTION,
    after=("connections-share-nothing",),
)
def nothing_outlives_an_instance(bench: Bench) -> None:
    """Work on a second connection leaves the provider's classes and modules as they were."""
    _work(bench.open())
    before = kept(bench.provider)
    _work(bench.open(bench.remote(employees=4)))
    after = kept(bench.provider)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    expect(not changed, f"{', '.join(changed)} changed with the work of a connection")


def _work(opened: Opened) -> None:
    if can(opened.kit.provider, Capability.SYNC_WORKFORCE):
        _ = opened.workforce
    for kind in opened.kinds:
        opened.post(opened.entry(kind))


@rule(
    "new-instance-does-the-same",
    "The hub makes an instance anew for every run, and does not activate it again.",
    Group.CONNECTION,
    POSTS,
    READS,
    after=("posted-is-readable",),
)
def new_instance_does_the_same(bench: Bench) -> None:
    """A connection that was never activated itself reads what another posted, and posts."""
    first = bench.open()
    for kind in first.kinds:
        posted = first.post(first.entry(kind))
        rows = bench.again(first).posting.read(first.slot(kind))
        expect(posted.id in [row.id for row in rows], f"a new instance does not read the {kind} that was posted before")
        bench.again(first).post(first.entry(kind, 900))
