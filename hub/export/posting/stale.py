"""Whether what was planned still holds, asked in the transaction that writes the attempt down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from hub.export.posting import statements as sql
from hub.export.posting.jobs import Job
from hub.export.posting.reconcile import same
from hub.export.states import IN_PAYROLL, UNSETTLED, Change, EntryState
from hub.models import PostedEntry
from hub.store.prepared import CompanyConnection

AHEAD = UNSETTLED | {EntryState.PLANNED}
SETTLED = IN_PAYROLL | {EntryState.SUPERSEDED}


class Waits(Exception):
    """What this entry books elsewhere is still to be taken out, by another entry of the same run: later, then."""


def stale(connection: CompanyConnection, provider: str, run: int, jobs: Sequence[Job]) -> str:
    """Say what changed since these entries were planned: a timecard, or what else was posted of its cards or keys.

    Raises `Waits` where another entry of this run must come first.
    """
    cards = connection.run(sql.CARDS_OF_ENTRIES, entries=[job.id for job in jobs]).all()
    for one in cards:
        if one.revision != one.planned or (one.deleted and one.amount):
            return f"timecard {one.id} changed after the plan was made"
    ids = sorted({one.id for one in cards})
    return _fed_elsewhere(connection, provider, run, jobs, ids) or _posted_beside(connection, provider, run, jobs)


def _fed_elsewhere(
    connection: CompanyConnection, provider: str, run: int, jobs: Sequence[Job], cards: Sequence[str]
) -> str:
    """Say which card is booked under another key: whatever code, person, period or connection that is."""
    keys = {job.id: full_key(provider, job) for job in jobs}
    booked: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for one in connection.run(sql.FED_ELSEWHERE, entries=list(keys), cards=cards, run=run):
        key = tuple(getattr(one, name) for name in sql.KEY)
        if key != keys[one.mine]:
            booked[(one.timecard, one.component, *key)].append(one)
    for (card, *_), entries in booked.items():
        if _is_booked(run, entries):
            return f"timecard {card} was exported otherwise after the plan was made"
    return ""


def _is_booked(run: int, entries: Sequence[Any]) -> bool:
    """Tell whether the newest entry leaves something of a card under a key; raises `Waits` if it is being taken out."""
    if any(one.run == run and not one.amount and one.state in AHEAD for one in entries):
        raise Waits
    settled = [one for one in entries if one.state in SETTLED]
    return any(one.state in UNSETTLED for one in entries) or bool(settled and settled[-1].amount)


def full_key(provider: str, job: Job) -> tuple[Any, ...]:
    """Return what a job shares with the entries that add up to one target, in the order of `statements.KEY`."""
    return provider, job.slot.administration, *job.for_period, job.slot.employee, *job.key


def _posted_beside(connection: CompanyConnection, provider: str, run: int, jobs: Sequence[Job]) -> str:
    """Say whether another posting of this person is not settled, or what was confirmed of a key is not what it was."""
    slot, (year, number) = jobs[0].slot, jobs[0].for_period
    others = connection.run(
        sql.BESIDE,
        provider=provider,
        administration=slot.administration,
        for_year=year,
        for_number=number,
        employee=slot.employee,
    ).all()
    if any(one.state in UNSETTLED and one.run != run for one in others):
        return "another posting for this person is in doubt"
    for job in jobs:
        why = _key_changed(job, [one for one in others if (one.kind, one.code, one.cost_centre) == job.key])
        if why:
            return why
    return ""


def _key_changed(job: Job, same: Sequence[Any]) -> str:
    if any(one.state in UNSETTLED for one in same):
        return "another posting for this person is in doubt"
    if confirmed(same) != job.before:
        return "something was posted under this code after the plan was made"
    corrected = next((one for one in same if one.id == job.replaces), None)
    if job.replaces and (corrected is None or corrected.state not in IN_PAYROLL):
        return "the row that this corrects was corrected after the plan was made"
    if corrected is not None and corrected.state != EntryState.VERIFIED:
        return "the row that this corrects has drifted, or is not verified yet: settle that first"
    return ""


def typed_over(jobs: Sequence[Job], before: Sequence[PostedEntry]) -> str:
    """Say whether something would be overwritten that payroll holds otherwise than when the plan was released."""
    for job in jobs:
        if job.old and not any(same(row, job.old) for row in before):
            return f"row {job.old.id} is no longer in payroll as it was posted"
        holds = sum(row.amount for row in before if row.code == job.entry.code)
        if job.entry.sets and holds not in (0, job.before, job.shown, job.entry.amount):
            return "payroll holds another amount than when the plan was made"
    return ""


def confirmed(entries: Sequence[Any]) -> int:
    """Add up what payroll took of the entries of one key, oldest first; an amount that was set counts as set last."""
    total = 0
    for one in entries:
        if one.state in IN_PAYROLL and one.change in (Change.POST, Change.REPLACE):
            total = one.amount if one.sets else total + one.amount
    return total
