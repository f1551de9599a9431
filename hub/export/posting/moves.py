"""How an entry goes from one state to the next, within a transaction: checked, with its audit row and its cards."""

from __future__ import annotations

from hub.clock import Clock
from hub.export.posting import statements as sql
from hub.export.posting.jobs import Job
from hub.export.posting.trail import WORKER, audit, one_row, slot_of, turn_green, turn_white
from hub.export.states import IN_PAYROLL, EntryState, check_entry
from hub.store.prepared import CompanyConnection


def move(
    connection: CompanyConnection,
    clock: Clock,
    entry: int,
    old: EntryState,
    new: EntryState,
    why: str = "",
    action: str = "",
) -> None:
    """Give an entry another state, with the reason and what somebody must do. Raises `RuntimeError`."""
    check_entry(old, new)
    one_row(connection.run(sql.MOVE, entry=entry, old_state=old, new_state=new, new_reason=why, new_action=action))
    audit_move(connection, clock, entry, old, new)


def audit_move(
    connection: CompanyConnection,
    clock: Clock,
    entry: int,
    old: EntryState,
    new: EntryState,
    actor: str = WORKER,
    **more: object,
) -> None:
    """Write who gave an entry another state, and what more is to be known of it."""
    audit(connection, clock, "entry", f"entry {entry}", {"from": old, "to": new, **more}, actor)


def supersede(connection: CompanyConnection, clock: Clock, provider: str, job: Job) -> None:
    """Let go of the entries whose row this one took the place of: one that it names, or an amount set earlier."""
    if not job.replaces and not job.entry.sets:
        return
    for one in connection.run(sql.IN_SLOT, **slot_of(provider, job.slot)).all():
        earlier = one.sets and one.code == job.entry.code and one.id < job.id and job.entry.sets
        if one.state in IN_PAYROLL and (one.id == job.replaces or earlier):
            move(connection, clock, one.id, EntryState(one.state), EntryState.SUPERSEDED)


def whiten(connection: CompanyConnection, clock: Clock, run: int, entry: int) -> None:
    """Turn the cards white of which every entry of the run is in payroll, now that this entry is.

    Those that it takes out of payroll are no longer white.
    """
    if connection.has_other_writers:  # another slot may be confirming the rest of the cards now
        connection.run(sql.CARDS_OF_ENTRIES, entries=[entry])
    for one in connection.run(sql.WHITE, entry=entry, run=run).all():
        turn_white(connection, clock, run, one.timecard, one.revision)
    for one in connection.run(sql.GONE, entry=entry).all():
        turn_green(connection, clock, run, one.timecard)


def claimed(connection: CompanyConnection, provider: str, job: Job, posted_id: str) -> int | None:
    """Return another entry that has this row, but for the one whose row the job changes."""
    where = {"provider": provider, "administration": job.slot.administration, "kind": job.slot.kind}
    for (entry,) in connection.run(sql.CLAIMED, **where, posted_id=posted_id):
        if entry not in (job.id, job.replaces):
            return int(entry)
    return None
