"""What the engine carries around: a job is an entry with all that its call needs, a call is an attempt of some jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.export.states import Change, EntryState, Outcome
from hub.models import Entry, Kind, PeriodType, PostedEntry, Slot, WagePeriod


@dataclass(frozen=True)
class Job:
    """An entry of a run. `old` is the row that it changes or takes away; amounts are hundredths.

    `before` is what was confirmed of its key and `shown` what payroll held when it was planned.
    """

    id: int
    entry: Entry
    state: EntryState
    change: Change = Change.POST
    before: int = 0
    shown: int | None = None
    replaces: int | None = None
    old: PostedEntry | None = None
    for_period: tuple[int, int] = (0, 0)
    posted_id: str | None = None
    attempt: int | None = None

    @property
    def slot(self) -> Slot:
        """The slot that it goes to."""
        return self.entry.slot

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What it shares with the other entries that add up to one target."""
        return self.slot.kind, self.entry.code, self.entry.cost_centre


@dataclass(frozen=True)
class Call:
    """An attempt that is written down: its jobs, all of one slot, and the slot as it was read before.

    `ended` is when its call ended: in UTC, by the steady clock, and of which machine that is.
    """

    id: int
    key: str
    jobs: tuple[Job, ...]
    before: tuple[PostedEntry, ...]
    outcome: Outcome = Outcome.OPEN
    receipt: str = ""
    fault: str = ""
    ended: tuple[datetime, float | None, str] | None = None

    @property
    def slot(self) -> Slot:
        """The slot of its jobs."""
        return self.jobs[0].slot


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: the rows that payroll holds for its jobs, in their order, and what to tell.

    `fault` is for a person, `action` what somebody must do, `detail` for a log. `retry_after` is in seconds.
    """

    outcome: Outcome
    rows: tuple[PostedEntry | None, ...] = ()
    fault: str = ""
    action: str = ""
    detail: str = ""
    receipt: str = ""
    retry_after: float | None = None


def job_of(row: Any, length: PeriodType) -> Job:  # noqa: ANN401 - a row of the table of entries
    """Return the job of a stored entry; `old` is filled in by whoever knows the entry that it replaces."""
    period = WagePeriod(year=row.year, number=row.number, type=length, start=row.start, end=row.end)
    slot = Slot(administration=row.administration, employee=row.employee, period=period, kind=Kind(row.kind))
    return Job(
        id=row.id,
        entry=Entry(
            slot=slot,
            code=row.code,
            cost_centre=row.cost_centre,
            amount=row.amount,
            sets=row.sets,
            comment=row.comment,
            unprotected=row.unprotected,
        ),
        state=EntryState(row.state),
        change=Change(row.change),
        before=row.before,
        shown=row.shown,
        replaces=row.replaces,
        for_period=(row.for_year, row.for_number),
        posted_id=row.posted_id,
        attempt=row.attempt,
    )


def call_of(row: Any, jobs: Mapping[int, Job]) -> Call:  # noqa: ANN401 - a row of the table of attempts
    """Return the call of a stored attempt."""
    return Call(
        id=row.id,
        key=row.key,
        jobs=tuple(jobs[one] for one in row.entries),
        before=tuple(PostedEntry.model_validate(one) for one in row.before),
        outcome=Outcome(row.outcome),
        receipt=row.receipt,
        fault=row.fault,
        ended=(row.ended_at, row.ended_ticks, row.boot) if row.ended_at else None,
    )


def row_of(job: Job) -> PostedEntry:
    """Return the row that payroll should hold for a confirmed job."""
    return PostedEntry(
        id=job.posted_id or "",
        kind=job.slot.kind,
        code=job.entry.code,
        amount=job.entry.amount,
        cost_centre=job.entry.cost_centre,
    )
