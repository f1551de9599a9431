"""Who does a job: one worker at a time, for as long as it says so again and again; one job of a connection at a time.

A worker that dies stops saying so, and whoever comes next begins the job again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import case, col, func, select

from hub.clock import Clock
from hub.errors import HubError
from hub.events.kinds import EventKind
from hub.holder import is_gone
from hub.jobs.kinds import OPEN, JobState
from hub.store.database import Store
from hub.store.jobs import Job
from hub.store.session import CompanySession

SECONDS = 12.0
"""How long a job is held after its worker last said so."""

MOST_LOST = 10
"""How many workers may end while they do a job, before it is given up: it may be what ends them."""

KILLS = f"{MOST_LOST} workers ended while they did this: the operator must look why, and ask for it again."


def take(store: Store, company: str, number: int, clock: Clock, holder: str) -> Job | None:
    """Take a job that is due; None where there is nothing to do, or another worker has it or its connection."""
    with store.write(company) as session:
        now = clock.moment().at
        row = _locked(session, number)
        if row is None or row.state not in OPEN or row.due_at > now or _held(row, now) or _busy(session, row, now):
            return None
        lost = int(row.detail.get("lost", 0)) + (row.state == JobState.RUNNING)
        row.detail = {**row.detail, "lost": lost}
        if lost >= MOST_LOST:
            _end(session, row, now, JobState.FAILED, row.result, {"who": "operator", "text": KILLS})
            return None
        row.state, row.holder, row.held_until, row.tries = JobState.RUNNING, holder, _until(now), row.tries + 1
        session.add(row)
        return row


def _locked(session: CompanySession, number: int) -> Job | None:
    """Return a job, with all that are open of its connection locked: two workers look at them one after the other."""
    row = session.exec(select(Job).where(Job.id == number)).first()
    if row is not None and row.provider:
        same = select(Job).where(Job.provider == row.provider, col(Job.state).in_(OPEN))
        session.exec(same.order_by(col(Job.id)).with_for_update().execution_options(populate_existing=True)).all()
    return session.exec(
        select(Job).where(Job.id == number).with_for_update().execution_options(populate_existing=True)
    ).first()


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
    _end_ours(store, job, clock, JobState.DONE, dict(result), {})


def fail(store: Store, job: Job, clock: Clock, error: HubError) -> None:
    """End a job with what is wrong and who must act, and tell of it."""
    _end_ours(store, job, clock, JobState.FAILED, job.result, {"who": error.who, "text": error.text})


def _end_ours(
    store: Store, job: Job, clock: Clock, state: JobState, result: dict[str, Any], problem: dict[str, Any]
) -> None:
    with store.write(job.company_id) as session:
        row = _ours(session, job)
        if row:
            _end(session, row, clock.moment().at, state, result, problem)


def _end(
    session: CompanySession, row: Job, now: datetime, state: JobState, result: dict[str, Any], problem: dict[str, Any]
) -> None:
    row.state, row.result, row.problem, row.ended_at = state, result, problem, now
    row.holder, row.held_until = "", None
    session.add(row)
    if state is JobState.FAILED:
        session.tell(EventKind.JOB_FAILED, row.provider, job=row.id, what=row.kind, who=problem["who"])


def put_off(store: Store, job: Job, clock: Clock, seconds: float, result: Mapping[str, Any], away: int = 0) -> None:
    """Let a job wait for some seconds and be begun again, with what it made so far.

    `away` is how often in a row payroll was away.
    """
    with store.write(job.company_id) as session:
        row = _ours(session, job)
        if row:
            row.state, row.result, row.due_at = (
                JobState.WAITING,
                dict(result),
                clock.moment().at + timedelta(0, seconds),
            )
            row.holder, row.held_until, row.detail = "", None, {**row.detail, "away": away}
            session.add(row)


def _ours(session: CompanySession, job: Job) -> Job | None:
    """Return the row of a job if it is still held as it was taken."""
    row = session.exec(select(Job).where(Job.id == job.id).with_for_update()).first()
    return row if row and row.state == JobState.RUNNING and (row.holder, row.tries) == (job.holder, job.tries) else None


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=SECONDS)


def due(store: Store, now: datetime, at_most: int = 1000) -> list[tuple[str, int, str]]:
    """Return the company, number and provider of jobs that wait, or that nobody holds any more.

    One of each connection that nobody works on, for no more is done at a time; at most so many of each provider, so
    that one that hangs hides no other's. What a person asked for comes first.
    """
    scheduled = col(Job.key).is_not(None)
    running_first = col(Job.state) != JobState.RUNNING, col(Job.held_until).desc()
    order = scheduled, col(Job.due_at), col(Job.id)
    alone = case((col(Job.provider) == "", col(Job.id)), else_=0)  # what belongs to no connection waits for nothing
    connection = col(Job.provider), col(Job.company_id), alone
    place = func.row_number().over(partition_by=connection, order_by=(*running_first, *order)).label("place")
    columns = (Job.company_id, Job.id, Job.provider, Job.held_until, Job.holder, scheduled.label("scheduled"))
    open_ = select(*columns, Job.due_at, place).where(col(Job.state).in_(OPEN), col(Job.due_at) <= now).subquery()  # type: ignore[call-overload]
    first = select(*list(open_.c)[:5]).where(open_.c.place == 1)
    with store.everywhere() as session:
        rows = session.exec(first.order_by(open_.c.scheduled, open_.c.due_at, open_.c.id)).all()
    taken: Counter[str] = Counter()
    found = []
    for company, number, provider, until, holder in rows:
        if (until is None or until <= now or is_gone(holder)) and taken[provider] < at_most:
            taken[provider] += 1
            found.append((company, number, provider))
    return found
