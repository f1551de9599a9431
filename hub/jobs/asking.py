"""Asking for long work: a row that a worker finds. What is asked for by key is asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import select

from hub.errors import NotThere
from hub.jobs.kinds import OPEN, JobKind
from hub.store.jobs import Job
from hub.store.session import CompanySession


def ask(
    session: CompanySession,
    kind: JobKind,
    provider: str = "",
    detail: Mapping[str, Any] | None = None,
    *,
    actor: str,
    now: datetime,
    key: str | None = None,
) -> Job:
    """Return a new job, or the one that was asked for under the same key before."""
    known = session.exec(select(Job).where(Job.key == key)).first() if key else None
    if known:
        return known
    row = Job(
        company_id=session.company,
        kind=kind,
        provider=provider,
        key=key,
        detail=dict(detail or {}),
        actor=actor,
        made_at=now,
        due_at=now,
    )
    session.add(row)
    session.flush()
    return row


def ask_run(session: CompanySession, plan: int, provider: str, *, actor: str, now: datetime) -> Job:
    """Return the job that carries out a released plan: the one that is open, begun at once, or a new one."""
    row = next((one for one in of_plan(session, plan, provider) if one.state in OPEN), None)
    if row is None:
        return ask(session, JobKind.RUN, provider, {"plan": plan}, actor=actor, now=now)
    row.due_at = min(row.due_at, now)
    session.add(row)
    return row


def of_plan(session: CompanySession, plan: int, provider: str) -> list[Job]:
    """Return the jobs that carry out a plan, those that ended among them; newest first."""
    rows = session.all(Job, Job.kind == JobKind.RUN, Job.provider == provider)
    return [one for one in reversed(rows) if one.detail["plan"] == plan]


def job(session: CompanySession, number: int) -> Job:
    """Return a job. Raises `InputError` if there is none of this number."""
    row = session.exec(select(Job).where(Job.id == number)).first()
    if row is None:
        raise NotThere(f"There is no job {number} in company {session.company}.")
    return row
