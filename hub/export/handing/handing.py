"""Handing a file over, once: what was planned must still hold, and the cards turn white in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from hub.clock import Clock
from hub.errors import InputError
from hub.export.posting import statements as sql
from hub.export.posting.jobs import Job, job_of
from hub.export.posting.moves import move, whiten
from hub.export.posting.stale import stale
from hub.export.posting.trail import audit, tell_move
from hub.export.states import IN_PAYROLL, EntryState
from hub.models import PeriodType
from hub.store.database import Store
from hub.store.prepared import CompanyConnection

AGAIN = "Make a new plan: this file was never handed over, and must not be."


class _Stale(Exception):
    """What was planned no longer holds; the message says why."""


def hand_over(store: Store, company: str, provider: str, run: int, length: PeriodType, clock: Clock, actor: str) -> int:
    """Mark the entries of a run's file as handed over and turn their cards white; return how many entries.

    What was handed over before stays so. If a timecard changed since the plan, or something else was exported of it,
    the whole file is void: its entries become `changed`. Raises `InputError` then.
    """
    try:
        with store.journal(company) as connection:
            return _hand_over(connection, provider, run, length, clock, actor)
    except _Stale as error:
        why = str(error)
    with store.journal(company) as connection:
        for job in _ready(connection, run, length):
            move(connection, clock, job.id, EntryState.READY, EntryState.CHANGED, why, AGAIN)
            tell_move(connection, clock, run, job.id, EntryState.CHANGED)
    raise InputError(f"The file of run {run} no longer holds: {why}. {AGAIN}")


def _hand_over(
    connection: CompanyConnection, provider: str, run: int, length: PeriodType, clock: Clock, actor: str
) -> int:
    connection.run(sql.HOLD_RUN, run=run).one()
    ready = _ready(connection, run, length)
    if not ready:
        _check_standing(connection, run)
    for job in ready:  # what takes something out comes before what books it elsewhere
        why = stale(connection, provider, run, [job])
        if why:
            raise _Stale(why)
        move(connection, clock, job.id, EntryState.READY, EntryState.HANDED_OVER)
    for job in ready:
        whiten(connection, clock, run, job.id)
    if ready:
        audit(connection, clock, "file handed over", f"run {run}", {"entries": len(ready)}, actor)
    return len(ready)


def _check_standing(connection: CompanyConnection, run: int) -> None:
    """Raise `InputError` where a file was void or rejected: nobody may import it any more."""
    states = {EntryState(one) for (one,) in connection.run(sql.STATES_OF_RUN, run=run)}
    if not states & IN_PAYROLL:
        raise InputError(f"The file of run {run} may not be used: it is {', '.join(sorted(states))}. Make a new plan.")


def _ready(connection: CompanyConnection, run: int, length: PeriodType) -> Sequence[Job]:
    rows = connection.run(sql.ENTRIES_OF_RUN, run=run).all()
    return [job_of(row, length) for row in rows if row.state == EntryState.READY]
