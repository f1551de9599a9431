"""States as data: what an entry, an attempt and a run can be, with one table of allowed changes for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)


class EntryState(StrEnum):
    """How far an entry is."""

    PLANNED = "planned"
    READY = "ready"
    HANDED_OVER = "handed over"
    SENDING = "sending"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    DRIFTED = "drifted"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    HELD = "held"
    IN_DOUBT = "in doubt"
    NEEDS_DECISION = "needs decision"
    LEFT_OUT = "left out"
    CHANGED = "changed"


ENTRY: Mapping[EntryState, frozenset[EntryState]] = {
    EntryState.PLANNED: frozenset(
        {
            EntryState.SENDING,
            EntryState.CHANGED,
            EntryState.HELD,
            EntryState.NEEDS_DECISION,
            EntryState.CONFIRMED,  # only a rebooking, which needs no call
            EntryState.READY,
        }
    ),
    # In a file: nothing has left the hub until somebody fetches it, and then only a person knows what payroll did.
    EntryState.READY: frozenset({EntryState.HANDED_OVER, EntryState.CHANGED}),
    EntryState.HANDED_OVER: frozenset({EntryState.CONFIRMED, EntryState.REFUSED}),
    EntryState.SENDING: frozenset(
        {
            EntryState.CONFIRMED,
            EntryState.REFUSED,
            EntryState.PENDING,
            EntryState.IN_DOUBT,
            EntryState.PLANNED,  # only where it is certain that nothing was done
        }
    ),
    EntryState.PENDING: frozenset(
        {EntryState.CONFIRMED, EntryState.REFUSED, EntryState.IN_DOUBT, EntryState.NEEDS_DECISION}
    ),
    EntryState.IN_DOUBT: frozenset(
        {EntryState.CONFIRMED, EntryState.PLANNED, EntryState.HELD, EntryState.REFUSED, EntryState.NEEDS_DECISION}
    ),
    # The three that only a named person leaves:
    EntryState.NEEDS_DECISION: frozenset({EntryState.CONFIRMED, EntryState.PLANNED, EntryState.LEFT_OUT}),
    EntryState.DRIFTED: frozenset(
        {EntryState.VERIFIED, EntryState.PLANNED, EntryState.LEFT_OUT, EntryState.SUPERSEDED}
    ),
    EntryState.LEFT_OUT: frozenset({EntryState.PLANNED}),
    EntryState.CONFIRMED: frozenset({EntryState.VERIFIED, EntryState.DRIFTED, EntryState.SUPERSEDED}),
    EntryState.VERIFIED: frozenset({EntryState.DRIFTED, EntryState.SUPERSEDED}),
    EntryState.SUPERSEDED: frozenset(),
    EntryState.REFUSED: frozenset(),
    EntryState.HELD: frozenset(),
    EntryState.CHANGED: frozenset(),
}
"""Every transition of an entry that may happen."""

UNSETTLED = frozenset({EntryState.SENDING, EntryState.PENDING, EntryState.IN_DOUBT, EntryState.NEEDS_DECISION})
"""Payroll may or may not hold these: nothing more is sent in their slot."""

IN_PAYROLL = frozenset(
    {EntryState.HANDED_OVER, EntryState.CONFIRMED, EntryState.VERIFIED, EntryState.DRIFTED},
)
"""Payroll took these: their amounts count as posted. What drifted counts too: a person says what becomes of it.

So does what was handed over in a file, until somebody says that payroll rejected it.
"""

POSTED = UNSETTLED | IN_PAYROLL | {EntryState.SUPERSEDED}
"""Payroll took these or may have: what fed them is not sent in another entry that does not know of them."""


class Change(StrEnum):
    """What an entry does to payroll: add a row (or set an amount), change one of our rows, or take one away.

    A rebooking changes nothing there: other timecards account for an amount that stays as it is.
    """

    POST = "post"
    REPLACE = "replace"
    WITHDRAW = "withdraw"
    REBOOK = "rebook"


class Outcome(StrEnum):
    """How an attempt ended. An open one has no outcome yet; an unknown one ends as found, absent or decided."""

    OPEN = ""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_EXECUTED = "not executed"
    NOT_SENT = "not sent"
    PENDING = "pending"
    UNKNOWN = "unknown"
    FOUND = "found"
    ABSENT = "absent"
    DECIDED = "decided"


ATTEMPT: Mapping[Outcome, frozenset[Outcome]] = {
    Outcome.OPEN: frozenset(
        {
            Outcome.ACCEPTED,
            Outcome.REFUSED,
            Outcome.NOT_EXECUTED,
            Outcome.NOT_SENT,
            Outcome.PENDING,
            Outcome.UNKNOWN,
        }
    ),
    Outcome.PENDING: frozenset({Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.DECIDED}),
    Outcome.UNKNOWN: frozenset({Outcome.FOUND, Outcome.ABSENT, Outcome.REFUSED, Outcome.DECIDED}),
    **dict.fromkeys(
        (
            Outcome.ACCEPTED,
            Outcome.REFUSED,
            Outcome.NOT_EXECUTED,
            Outcome.NOT_SENT,
            Outcome.FOUND,
            Outcome.ABSENT,
            Outcome.DECIDED,
        ),
        frozenset(),
    ),
}
"""Every change of an attempt's outcome that may happen."""

LEADS_TO: Mapping[Outcome, EntryState] = {
    Outcome.ACCEPTED: EntryState.CONFIRMED,
    Outcome.REFUSED: EntryState.REFUSED,
    Outcome.NOT_EXECUTED: EntryState.PLANNED,
    Outcome.NOT_SENT: EntryState.PLANNED,
    Outcome.PENDING: EntryState.PENDING,
    Outcome.UNKNOWN: EntryState.IN_DOUBT,
    Outcome.FOUND: EntryState.CONFIRMED,
    Outcome.ABSENT: EntryState.PLANNED,
}
"""What an outcome makes of the entries of the attempt. What a decision makes of them is the person's choice."""


WAS: Mapping[Outcome, EntryState] = {
    Outcome.OPEN: EntryState.SENDING,
    Outcome.PENDING: EntryState.PENDING,
    Outcome.UNKNOWN: EntryState.IN_DOUBT,
}
"""What the entries of an attempt are that is not settled, unless a person is asked."""


class Evidence(StrEnum):
    """How the hub knows that payroll holds an entry."""

    ANSWER = "answer"
    NO_CHANGE = "no change"
    READ_BACK = "read back"
    STATEMENT = "statement"


class RunState(StrEnum):
    """What a run is; always worked out from its entries, never stored."""

    RUNNING = "running"
    PAUSED = "paused"
    READY = "ready"
    HANDED_OVER = "handed over"
    IN_DOUBT = "in doubt"
    NEEDS_DECISION = "needs decision"
    DRIFTED = "drifted"
    DONE = "done"
    DONE_IN_PART = "done in part"


RUN: Mapping[RunState, frozenset[RunState]] = {
    RunState.RUNNING: frozenset(RunState) - {RunState.RUNNING},
    RunState.PAUSED: frozenset(RunState) - {RunState.PAUSED},
    RunState.READY: frozenset({RunState.HANDED_OVER, RunState.DONE_IN_PART}),
    RunState.HANDED_OVER: frozenset({RunState.DONE, RunState.DONE_IN_PART}),
    RunState.IN_DOUBT: frozenset(RunState) - {RunState.IN_DOUBT},
    RunState.NEEDS_DECISION: frozenset(RunState) - {RunState.NEEDS_DECISION},
    RunState.DRIFTED: frozenset(RunState) - {RunState.DRIFTED},
    RunState.DONE: frozenset({RunState.DRIFTED, RunState.DONE_IN_PART, RunState.RUNNING, RunState.PAUSED}),
    RunState.DONE_IN_PART: frozenset({RunState.DRIFTED, RunState.RUNNING, RunState.PAUSED}),
}
"""Every change of a run that may happen. One that is done has no doubts any more and gets none."""


def check_entry(old: EntryState, new: EntryState) -> None:
    """Raise `RuntimeError` for a transition of an entry that is not in its table."""
    _check(ENTRY, old, new, "an entry")


def check_attempt(old: Outcome, new: Outcome) -> None:
    """Raise `RuntimeError` for a change of an attempt that is not in its table."""
    _check(ATTEMPT, old, new, "an attempt")


def check_run(old: RunState, new: RunState) -> None:
    """Raise `RuntimeError` for a change of a run that is not in its table; none at all is no change."""
    if old is not new:
        _check(RUN, old, new, "a run")


def _check(table: Mapping[State, frozenset[State]], old: State, new: State, what: str) -> None:
    if new not in table[old]:
        raise RuntimeError(f"{what} may not go from {old or 'open'} to {new or 'open'}")


def run_state(entries: Iterable[EntryState], paused: bool) -> RunState:
    """Work out the state of a run from the states of its entries, and whether it was stopped."""
    states = set(entries)
    if EntryState.NEEDS_DECISION in states:
        return RunState.NEEDS_DECISION
    if states & {EntryState.IN_DOUBT, EntryState.PENDING}:
        return RunState.IN_DOUBT
    if states & {EntryState.PLANNED, EntryState.SENDING} or (paused and EntryState.CONFIRMED in states):
        return RunState.PAUSED if paused else RunState.RUNNING
    if EntryState.DRIFTED in states:
        return RunState.DRIFTED
    if EntryState.READY in states:
        return RunState.READY
    if EntryState.HANDED_OVER in states:
        return RunState.HANDED_OVER
    return RunState.DONE if states <= IN_PAYROLL | {EntryState.SUPERSEDED} else RunState.DONE_IN_PART
