"""Rules about what is read: people and rows, complete or not at all, and in the words of the contract."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from pydantic import BaseModel

from hub.errors import ContractError, HubError
from hub.models import Model
from hub.provider import Capability
from hub.testing.conformance.bench import Bench, Opened, raised
from hub.testing.conformance.rule import POSTS, READS, SYNCS, Group, NotApplicable, can, expect, rule
from hub.testing.conformance.watching import named
from hub.testing.faults import rewritten

MANY = 205
"""So many people do not fit on one page of a usual API."""

ENDLESS = "endless-pages"
"""A fault of the remote's own: every page of people says that there is another one."""

MOST_CALLS = 1000
CANARY = "kanarie-7f3a91"
MALFORMED = f'<{CANARY}>{{"{CANARY}": [{CANARY}'.encode()


@rule("sync-is-complete", "Whoever is missing from a sync is taken for somebody who left.", Group.READING, SYNCS)
def sync_is_complete(bench: Bench) -> None:
    """Everybody of all administrations is there once, also who left or has yet to start."""
    _everybody(bench, bench.open())


@rule(
    "sync-pages-to-the-end",
    "Most APIs give people in pages, and a company grows past the first one.",
    Group.READING,
    SYNCS,
    after=("sync-is-complete",),
)
def sync_pages_to_the_end(bench: Bench) -> None:
    """A remote with many people gives them all, each once."""
    _everybody(bench, bench.open(bench.remote(employees=MANY)))


def _everybody(bench: Bench, opened: Opened) -> None:
    people = opened.workforce.employees
    wanted = bench.kit.people(opened.remote)
    ids = {(one.administration, one.id) for one in people}
    expect(len(ids) == len(people), "somebody is in the sync twice")
    expect(len(people) == wanted, f"the sync holds {len(people)} of {wanted} people")
    known = {one.id for one in opened.activation.administrations}
    expect(all(one.id and one.administration in known for one in people), "somebody has no id, or no administration")


@rule(
    "endless-paging-stops",
    "A remote that always names a next page would keep a night's sync going for ever.",
    Group.READING,
    SYNCS,
    after=("sync-pages-to-the-end",),
)
def endless_paging_stops(bench: Bench) -> None:
    """Where the pages never end, a sync raises an error within a thousand calls."""
    opened = bench.open()
    if ENDLESS not in opened.remote.own_faults:
        raise NotApplicable(f"its remote has no fault {ENDLESS}")
    opened.remote.inject(ENDLESS)
    with ThreadPoolExecutor(1) as beside:
        syncing = beside.submit(opened.sync)
        while not wait([syncing], 0.02).done and opened.calls.total() < MOST_CALLS:
            pass
        endless = not syncing.done()
        opened.remote.stop()  # so that it ends in any case
    expect(not endless, f"a sync was still asking for pages after {MOST_CALLS} calls")
    expect(
        isinstance(syncing.exception(), HubError), "a sync of endless pages was taken, where an error must be raised"
    )


@rule("sync-is-repeatable", "The hub tells what changed by comparing two syncs.", Group.READING, SYNCS)
def sync_is_repeatable(bench: Bench) -> None:
    """Two syncs of a remote that did not change are equal."""
    first = bench.open()
    expect(first.sync() == first.sync() == bench.open(first.remote).sync(), "two syncs of the same people differ")


@rule("sync-writes-nothing", "A sync runs every night, and nobody looks.", Group.READING, SYNCS)
def sync_writes_nothing(bench: Bench) -> None:
    """The remote holds the same before and after."""
    opened = bench.open()
    before = opened.held
    opened.sync()
    expect(opened.held == before, "sync_workforce changed something at the remote")


@rule(
    "slot-reads-the-same-twice",
    "A doubt is settled by two readings that agree.",
    Group.READING,
    READS,
    POSTS,
)
def slot_reads_the_same_twice(bench: Bench) -> None:
    """Two readings of a slot that nobody touched are equal, in order too."""
    opened = bench.open()
    for kind in opened.kinds:
        for amount in (700, 800):
            opened.post(opened.entry(kind, amount))
        expect(opened.read(kind) == opened.read(kind), f"two readings of the same {kind} differ")


@rule("results-survive-json", "What crosses the contract is stored, and may cross to another process.", Group.READING)
def results_survive_json(bench: Bench) -> None:
    """Every result, written as JSON and read again, is equal."""
    for one in _results(bench.open()):
        text = one.model_dump_json(warnings=False)
        try:
            same = type(one).model_validate_json(text) == one
        except ValueError:
            same = False
        expect(same, f"{type(one).__name__} is not what it was after it was written as JSON")


@rule(
    "amounts-are-whole-hundredths",
    "A float loses cents; the contract knows only whole hundredths.",
    Group.READING,
)
def amounts_are_whole_hundredths(bench: Bench) -> None:
    """No result holds a float, however deep."""
    for one in _results(bench.open()):
        expect(not any(isinstance(value, float) for value in _values(one)), f"{type(one).__name__} holds a float")


def _results(opened: Opened) -> Iterator[Model]:
    """Yield one of every result that the provider gives."""
    yield opened.activation
    if can(opened.kit.provider, Capability.SYNC_WORKFORCE):
        yield opened.workforce
    for kind in opened.kinds:
        yield opened.post(opened.entry(kind))
        if can(opened.kit.provider, Capability.READ_BACK):
            yield from opened.read(kind)


def _values(value: Any) -> Iterator[object]:  # noqa: ANN401 - whatever a model holds
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, dict):
        value = (*value.keys(), *value.values())
    if isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _values(one)
    else:
        yield value


# -- answers that are wrong -------------------------------------------------------------------------------------------


@rule(
    "fault-reaches-the-caller",
    "An answer that did not come is not an empty answer: nobody works there, or nothing was posted, would be a lie.",
    Group.READING,
)
def fault_reaches_the_caller(bench: Bench) -> None:
    """A reading whose answer is lost, or is the web page of a gateway, raises an error."""
    opened = bench.open()
    for what, read in _readings(opened):
        for fault in ("reset", "cut-body", "html-502"):
            with opened.spoilt(fault):
                raised(read, f"{what} answered by {fault}")


@rule(
    "malformed-answer-is-told",
    "An answer that cannot be right is for the provider's author, and trying again does not help.",
    Group.READING,
    after=("fault-reaches-the-caller",),
)
def malformed_answer_is_told(bench: Bench) -> None:
    """A reading answered by what is no JSON and no XML raises `ContractError`."""
    for what, error in _malformed(bench):
        expect(isinstance(error, ContractError), f"{what} with a malformed answer raises {type(error).__name__}")


@rule(
    "malformed-answer-is-not-quoted",
    "An answer may hold anything about people; an error is shown and logged.",
    Group.READING,
    after=("fault-reaches-the-caller", "malformed-answer-is-told"),
)
def malformed_answer_is_not_quoted(bench: Bench) -> None:
    """The error of a malformed answer quotes nothing of it."""
    for what, error in _malformed(bench):
        quoted = CANARY in f"{error} {error.text} {error.detail} {vars(error)!r}"
        expect(not quoted, f"the error of {what} quotes the answer")


def _malformed(bench: Bench) -> Iterator[tuple[str, HubError]]:
    """Yield the error of each reading whose answer is malformed."""
    opened = bench.open()
    for what, read in _readings(opened):
        with named("malformed", rewritten(lambda _: MALFORMED)) as fault, opened.spoilt(fault):
            yield what, raised(read, f"{what} with a malformed answer")


def _readings(opened: Opened) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield every way of reading, each on what the good remote was asked before."""
    provider = opened.kit.provider
    if can(provider, Capability.SYNC_WORKFORCE):
        _ = opened.employee
        yield "a sync", opened.sync
    if can(provider, Capability.READ_BACK) and opened.kinds:
        kind = opened.kinds[0]
        opened.read(kind)
        yield "a reading of a slot", lambda: opened.read(kind)
