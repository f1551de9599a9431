"""States as data: what an entry can be, which changes are allowed, and what a run is, given its entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class EntryState(StrEnum):
    """How far an entry is."""

    PLANNED = "planned"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    IN_DOUBT = "in doubt"
    CHANGED = "changed"


ALLOWED: Mapping[EntryState, frozenset[EntryState]] = {
    EntryState.PLANNED: frozenset({EntryState.SENDING, EntryState.CHANGED}),
    EntryState.SENDING: frozenset({EntryState.CONFIRMED, EntryState.REFUSED, EntryState.IN_DOUBT, EntryState.PLANNED}),
    EntryState.CONFIRMED: frozenset(),
    EntryState.REFUSED: frozenset(),
    EntryState.IN_DOUBT: frozenset(),
    EntryState.CHANGED: frozenset(),
}
"""Every transition that may happen. SENDING goes back to PLANNED only when it is certain that nothing was done."""

UNSETTLED = frozenset({EntryState.SENDING, EntryState.IN_DOUBT})
"""Payroll may or may not hold these: nothing more is sent for their key."""


POSTED = UNSETTLED | {EntryState.CONFIRMED}
"""Payroll holds these or may hold them: what fed them is not sent in another entry."""


class Outcome(StrEnum):
    """How an attempt ended. An empty outcome in the journal is an attempt that is still open."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_EXECUTED = "not executed"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


LEADS_TO: Mapping[Outcome, EntryState] = {
    Outcome.ACCEPTED: EntryState.CONFIRMED,
    Outcome.REFUSED: EntryState.REFUSED,
    Outcome.NOT_EXECUTED: EntryState.PLANNED,
    Outcome.NOT_SENT: EntryState.PLANNED,
    Outcome.UNKNOWN: EntryState.IN_DOUBT,
}


class RunState(StrEnum):
    """What a run is; always worked out from its entries, never stored."""

    RUNNING = "running"
    PAUSED = "paused"
    IN_DOUBT = "in doubt"
    DONE = "done"
    DONE_IN_PART = "done in part"


def check_transition(old: EntryState, new: EntryState) -> None:
    """Raise `RuntimeError` for a transition that is not in the table."""
    if new not in ALLOWED[old]:
        raise RuntimeError(f"an entry may not go from {old} to {new}")


def run_state(entries: Iterable[EntryState], paused: bool) -> RunState:
    """Work out the state of a run from the states of its entries."""
    states = set(entries)
    if EntryState.IN_DOUBT in states:
        return RunState.IN_DOUBT
    if states & {EntryState.PLANNED, EntryState.SENDING}:
        return RunState.PAUSED if paused else RunState.RUNNING
    return RunState.DONE if states <= {EntryState.CONFIRMED} else RunState.DONE_IN_PART
