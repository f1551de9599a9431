"""What a reading of a slot says about a call in doubt, and about entries at the close of a run. Pure.

The provider's insert has no key that could be asked for, so the evidence is a difference of ids: rows that are there
now, were not there just before the call, and belong to none of our other entries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.export.posting.jobs import Call, Job
from hub.export.states import Change
from hub.models import Entry, PostedEntry

Rows = Sequence[PostedEntry]


class Verdict(StrEnum):
    """What one complete reading says: it was done, it is not there (yet), or only a person can tell."""

    FOUND = "found"
    ABSENT = "absent"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Judgement:
    """A verdict; `rows` are those found, one per job, or else the candidates; `why` is for a person."""

    verdict: Verdict
    rows: tuple[PostedEntry, ...] = ()
    why: str = ""


ABSENT = Judgement(Verdict.ABSENT)


def judge(call: Call, rows: Rows, ours: Collection[str]) -> Judgement:
    """Judge a call in doubt by what its slot holds now. `ours` are the ids of our other entries."""
    job = call.jobs[0]
    if job.change is not Change.POST:
        return _of_row(job, rows, call.before, ours)
    if job.entry.sets:
        return _of_set(job.entry, rows)
    return _of_posts(call.jobs, rows, call.before, ours)


def _of_set(entry: Entry, rows: Rows) -> Judgement:
    """Judge an amount that was set: payroll holds it, or setting it again does no harm."""
    held = [row for row in rows if row.code == entry.code]
    if sum(row.amount for row in held) == entry.amount:
        return Judgement(Verdict.FOUND, tuple(held[:1]) or (_nothing(entry),))
    return ABSENT


def _nothing(entry: Entry) -> PostedEntry:
    """Return what setting to nothing leaves: no row, and none is needed."""
    return PostedEntry(id="", kind=entry.slot.kind, code=entry.code, amount=entry.amount)


def _of_posts(jobs: Sequence[Job], rows: Rows, before: Rows, ours: Collection[str]) -> Judgement:
    """Judge added rows: each job needs one of its own, and there may be no more that are equal."""
    new = candidates(rows, before, ours)
    found: list[PostedEntry] = []
    seen: list[PostedEntry] = []
    for job in jobs:
        like = _exact([row for row in new if fits(row, job.entry)], job.entry)
        seen += [row for row in like if row not in seen]
        free = [row for row in like if row not in found]
        found += free[:1]
    if not seen:
        return ABSENT
    if len(found) == len(jobs) == len(seen):
        return Judgement(Verdict.FOUND, tuple(found))
    why = f"{len(seen)} new rows in payroll could be this" if len(seen) > len(jobs) else "only a part of it is there"
    return Judgement(Verdict.UNCLEAR, tuple(seen), why)


def _exact(rows: list[PostedEntry], entry: Entry) -> list[PostedEntry]:
    """Return the rows that carry the entry's own comment, where a reading tells comments; else all."""
    return [row for row in rows if row.comment and row.comment == entry.comment] or rows


def _of_row(job: Job, rows: Rows, before: Rows, ours: Collection[str]) -> Judgement:
    """Judge a row that was to be changed or taken away."""
    old = job.old
    if old is None:
        return Judgement(Verdict.UNCLEAR, why="it is not known which row this was about")
    there = next((row for row in rows if row.id == old.id), None)
    if job.change is Change.WITHDRAW:
        return _of_withdrawal(old, there)
    if there is None:
        return _of_successor(job, rows, before, ours)
    if fits(there, job.entry):
        return Judgement(Verdict.FOUND, (there,))
    return ABSENT if same(there, old) else Judgement(Verdict.UNCLEAR, (there,), "somebody changed this row meanwhile")


def _of_withdrawal(old: PostedEntry, there: PostedEntry | None) -> Judgement:
    if there is None:
        return Judgement(Verdict.FOUND, (old,))
    return ABSENT if same(there, old) else Judgement(Verdict.UNCLEAR, (there,), "somebody changed this row meanwhile")


def _of_successor(job: Job, rows: Rows, before: Rows, ours: Collection[str]) -> Judgement:
    """Judge a change after which the row has another id, or is gone."""
    new = [row for row in candidates(rows, before, ours) if fits(row, job.entry)]
    if len(new) == 1:
        return Judgement(Verdict.FOUND, tuple(new))
    return Judgement(Verdict.UNCLEAR, tuple(new), "the row that was to be changed is gone")


def candidates(rows: Rows, before: Rows, ours: Collection[str]) -> list[PostedEntry]:
    """Return the rows that are new since `before` and that none of our entries has."""
    old = {row.id for row in before}
    return [row for row in rows if row.id not in old and row.id not in ours]


def fits(row: PostedEntry, entry: Entry) -> bool:
    """Tell whether a row is what an entry asked for; a cost centre counts only where a reading tells it."""
    return (row.code, row.amount) == (entry.code, entry.amount) and row.cost_centre in (None, entry.cost_centre)


def same(row: PostedEntry, other: PostedEntry) -> bool:
    """Tell whether two readings show the same amount in a row."""
    return (row.id, row.code, row.amount) == (other.id, other.code, other.amount)


def agree(first: Rows, second: Rows) -> bool:
    """Tell whether two readings of a slot say the same, in whatever order."""
    return sorted(first, key=repr) == sorted(second, key=repr)


def closing(job: Job, rows: Rows, before: Rows, ours: Collection[str]) -> str:
    """Say how payroll differs from a confirmed job when its run closes; empty where it does not.

    `before` is the slot as it was before the job's first attempt: an equal row that is new since then and nobody's is
    a double, or as good as one for a person to look at. `ours` are the ids of all our entries, this one's too.
    """
    if job.change is Change.REBOOK:
        return ""
    if job.entry.sets:
        held = sum(row.amount for row in rows if row.code == job.entry.code)
        return "" if held == job.entry.amount else f"payroll holds {_shown(held)} instead of {_shown(job.entry.amount)}"
    there = next((row for row in rows if row.id == job.posted_id), None)
    if job.change is Change.WITHDRAW:
        return f"row {job.posted_id} is in payroll again" if there and job.old and same(there, job.old) else ""
    if there is None:
        return f"row {job.posted_id} is no longer in payroll"
    if not fits(there, job.entry):
        return f"row {there.id} was changed in payroll to {_shown(there.amount)} under {there.code}"
    twice = [row.id for row in candidates(rows, before, ours) if fits(row, job.entry)]
    return f"payroll holds it more than once: rows {_listed([there.id, *twice])}" if twice else ""


def _shown(amount: int) -> str:
    return f"{amount / 100:.2f}"


def _listed(ids: Iterable[str]) -> str:
    return " and ".join(ids)
