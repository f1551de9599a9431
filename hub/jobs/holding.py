"""Who does a job: one worker at a time, for as long as it says so again and again; one job of a connection at a time.

A worker that dies stops saying so, and whoever comes next begins the job again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from hub.clock import Clock
from hub.errors import HubError
from hub.holder import is_gone
from hub.jobs.kinds import OPEN, JobState
from hub.store.database import Store
from hub.store.jobs import Job
from hub.store.session import CompanySession

SECONDS = 12.0
"""How long a job is held after its worker last said so."""


def take(store: Store, company: str, number: int, clock: Clock, holder: str) -> Job | None:
    """Take a job that is due; None where there is nothing to do, or another worker has it or its connection."""
    with store.write(company) as session:
        now = clock.moment().at
        row = session.exec(select(Job).where(Job.id == number).with_for_update()).first()
        if row is None or row.state not in OPEN or row.due_at > now or _held(row, now) or _busy(session, row, now):
            return None
        row.state, row.holder, row.held_until, row.tries = JobState.RUNNING, holder, _until(now), row.tries + 1
        session.add(row)
        return row


def _held(row: Job, now: datetime) -> bool:
    return bool(row.held_until and row.held_until > now and not is_gone(row.holder))


def _busy(session: CompanySession, row: Job, now: datetime) -> bool:
    """Tell whether another job of the same connection is being done."""
    same = session.all(Job, Job.provider == row.provider, Job.state == JobState.RUNNING, col(Job.id) != row.id)
    return bool(row.provider) and any(_held(one, now) for one in same)


def keep(store: Store, job: Job, clock: Clock) -> bool:
    """Say that the worker of a job is still there; return False where it is its job no more."""
    with store.write(job.company_id) as session:
        row = _ours(session, job)
        if row:
            row.held_until = _until(clock.moment().at)
            session.add(row)
        return row is not None


def finish(store: Store, job: Job, clock: Clock, result: Mapping[str, Any]) -> None:
    """End a job with what it made."""
    _end(store, job, clock, JobState.DONE, dict(result), {})


def fail(store: Store, job: Job, clock: Clock, error: HubError) -> None:
    """End a job with what is wrong and who must act."""
    _end(store, job, clock, JobState.FAILED, job.result, {"who": error.who, "text": error.text})


def _end(
    store: Store, job: Job, clock: Clock, state: JobState, result: dict[str, Any], problem: dict[str, Any]
) -> None:
    with store.write(job.company_id) as session:
        row = _ours(session, job)
        if row:
            row.state, row.result, row.problem, row.ended_at = state, result, problem, clock.moment().at
            row.holder, row.held_until = "", None
            session.add(row)


def put_off(store: Store, job: Job, clock: Clock, seconds: float, result: Mapping[str, Any]) -> None:
    """Let a job wait for some seconds and be begun again, with what it made so far."""
    with store.write(job.company_id) as session:
        row = _ours(session, job)
        if row:
            row.state, row.result, row.due_at = (
                JobState.WAITING,
                dict(result),
                clock.moment().at + timedelta(0, seconds),
            )
            row.holder, row.held_until = "", None
            session.add(row)


def _ours(session: CompanySession, job: Job) -> Job | None:
    """Return the row of a job if it is still held as it was taken."""
    row = session.exec(select(Job).where(Job.id == job.id).with_for_update()).first()
    return row if row and row.state == JobState.RUNNING and (row.holder, row.tries) == (job.holder, job.tries) else None


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=SECONDS)


def due(store: Store, now: datetime, at_most: int = 1000) -> list[tuple[str, int, str]]:
    """Return the company, number and provider of jobs that wait, or that nobody holds any more; oldest first."""
    columns = (Job.company_id, Job.id, Job.provider, Job.held_until, Job.holder)
    wanted = select(*columns).where(col(Job.state).in_(OPEN), col(Job.due_at) <= now)  # type: ignore[call-overload]
    with store.everywhere() as session:
        rows = session.exec(wanted.order_by(Job.due_at, Job.id).limit(at_most)).all()
    return [
        (company, number, provider)
        for company, number, provider, until, holder in rows
        if until is None or until <= now or is_gone(holder)
    ]
