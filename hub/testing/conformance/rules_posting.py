"""Rules about posting: what was accepted is there, exactly, and what was refused is not."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

from hub.errors import HubError, Refused
from hub.models import Kind, PostedEntry
from hub.provider import Capability, Support
from hub.testing.conformance.bench import SAYS_WHAT_TO_DO, Bench, Opened, raised
from hub.testing.conformance.rule import POSTS, READS, Alternatives, Group, NotApplicable, expect, rule

IDEMPOTENT: Alternatives = (Capability.IDEMPOTENT,)

AWKWARD = (1, 29, 57, 435, 733, 100_013)
"""Hundredths that a calculation in floats gets wrong."""


@rule("export-opens-without-a-write", "Opening an export sends nothing by itself.", Group.POSTING, POSTS)
def export_opens_without_a_write(bench: Bench) -> None:
    """The remote holds the same after an export was opened."""
    opened = bench.open()
    _ = opened.employee
    before = opened.held
    _ = opened.posting
    expect(opened.held == before, "export_timecards changed something at the remote")


@rule(
    "posted-is-readable",
    "A posting whose answer is lost is settled by finding its row.",
    Group.POSTING,
    POSTS,
    READS,
)
def posted_is_readable(bench: Bench) -> None:
    """A posting returns what was asked for under an id, and a reading shows just that row more."""
    opened = bench.open()
    for kind in opened.kinds:
        before = opened.read(kind)
        entry = opened.entry(kind)
        posted = opened.post(entry)
        expect(_is(posted, entry.code, entry.amount), f"posting {kind} returned another code or amount than was sent")
        expect(posted.id or entry.sets, f"posting {kind} returned no id")
        new = [row for row in opened.read(kind) if row not in before]
        expect([row.id for row in new] == [posted.id], f"the id of a {kind} row that was posted is not read back")
        expect(_is(new[0], entry.code, entry.amount), f"a {kind} row is read back with another code or amount")


@rule(
    "amounts-are-exact",
    "Hundredths that go wrong by one are wages that are wrong.",
    Group.POSTING,
    POSTS,
    READS,
    after=("posted-is-readable",),
)
def amounts_are_exact(bench: Bench) -> None:
    """Awkward amounts are read back as they were posted, and add up."""
    opened = bench.open()
    for kind in opened.kinds:
        before = sum(row.amount for row in opened.read(kind))
        amounts = (2900,) if kind is Kind.DAYS else AWKWARD
        posted = [opened.post(opened.entry(kind, amount)).amount for amount in amounts]
        expect(posted == list(amounts), f"posting {kind} returned other amounts than were sent")
        total = sum(row.amount for row in opened.read(kind)) - before
        expect(total == sum(amounts), f"{sum(amounts)} hundredths of {kind} were posted, and {total} are read back")


def _is(row: PostedEntry, code: str, amount: int) -> bool:
    return (row.code, row.amount) == (code, amount)


@rule(
    "same-key-adds-nothing",
    "Where an answer is lost the hub sends the same again under the same key, and trusts that it is not paid twice.",
    Group.POSTING,
    POSTS,
    READS,
    IDEMPOTENT,
    after=("posted-is-readable",),
)
def same_key_adds_nothing(bench: Bench) -> None:
    """Sent again under its key, also after a lost answer, an entry is the same row; under another key it is another."""
    grade = bench.provider.support(Capability.IDEMPOTENT)
    if grade is not Support.FULL:
        raise NotApplicable(f"it declares idempotent {grade}: the hub sends nothing again")
    opened = bench.open()
    for kind in (one for one in opened.kinds if one is not Kind.DAYS):  # days are set: the same again adds nothing
        writes = opened.writes(kind)
        for fault in ("", "close"):
            _same_again(opened, kind, fault, writes)


def _same_again(opened: Opened, kind: Kind, fault: str, writes: tuple[str, ...]) -> None:
    before, send = {row.id for row in opened.read(kind)}, opened.sending(opened.entry(kind))
    if fault:
        with opened.spoilt(fault, writes):
            raised(send, f"a posting answered by {fault}")
    first = None if fault else opened.settled(send())
    again = opened.settled(send())
    new = [row.id for row in opened.read(kind) if row.id not in before]
    when = f"after an answer was lost by {fault}" if fault else "after its answer"
    expect(new == [again.id], f"{kind} sent again under its key {when} is there {len(new)} times")
    expect(first in (None, again), f"{kind} sent again under its key is answered as another row")
    other = opened.post(opened.entry(kind))
    expect(other.id not in (*before, *new), f"equal {kind} under another key is not added")


# -- refusals ---------------------------------------------------------------------------------------------------------


@rule(
    "refusal-says-what-to-do",
    "Only Refused is certain; a person must read in it what happened and what to do.",
    Group.POSTING,
    POSTS,
)
def refusal_says_what_to_do(bench: Bench) -> None:
    """What payroll refuses raises `Refused` with a code and a text like `what happened: what to do.` in form."""
    opened = bench.open()
    error = _refusal(opened)
    expect(isinstance(error, Refused), f"what payroll refuses raises {type(error).__name__} instead of Refused")
    expect(getattr(error, "code", ""), "Refused has no code")
    expect(SAYS_WHAT_TO_DO.fullmatch(error.text), "Refused does not say what happened, a colon, and what to do")


@rule("refusal-writes-nothing", "What is refused is sent again once it is corrected.", Group.POSTING, POSTS)
def refusal_writes_nothing(bench: Bench) -> None:
    """The remote holds the same after a refusal."""
    opened = bench.open()
    _ = opened.employee, opened.posting
    before = opened.held
    _refusal(opened)
    expect(opened.held == before, "a posting that was refused changed something at the remote")


@rule(
    "closed-list-is-refused",
    "What payroll refuses for certain must not wait for somebody who looks whether it was done.",
    Group.POSTING,
    POSTS,
    after=("refusal-says-what-to-do",),
)
def closed_list_is_refused(bench: Bench) -> None:
    """Each answer on the closed list of refusals raises `Refused` with a code of its own, and with what to do."""
    if not bench.kit.refusals:
        raise NotApplicable("its remote names no refusals: give `refusals`")
    opened = bench.open()
    codes = set()
    for fault in bench.kit.refusals:
        error = opened.spoilt_post(opened.kinds[0], fault)
        expect(isinstance(error, Refused), f"a posting answered by {fault} raises {type(error).__name__}, not Refused")
        expect(SAYS_WHAT_TO_DO.fullmatch(error.text), f"Refused of {fault} does not say what happened and what to do")
        codes.add(getattr(error, "code", ""))
    expect(len(codes) == len(bench.kit.refusals), "two refusals have the same code")


def _refusal(opened: Opened) -> HubError:
    entry = opened.kit.refused(opened.entry(opened.kinds[0]))
    return raised(lambda: opened.post(entry), "an entry that the remote refuses")
