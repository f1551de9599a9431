"""What jobs there are, how far one is, and how it is shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from hub.models import Model
from hub.store.jobs import Job


class JobKind(StrEnum):
    """What a job does."""

    SYNC = "sync"
    PLAN = "plan"
    RUN = "run"
    CHECK = "closing check"
    REMIND = "reminder"
    TIDY = "tidying"


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN = (JobState.WAITING, JobState.RUNNING)
"""The states of a job that somebody still has to do, or to end."""


class JobView(Model):
    """A job as it is shown. `result` names what it made; `problem` says what is wrong and `who` must act.

    A job that waits is begun when a worker is free, and not before `due_at`.
    """

    id: int
    kind: JobKind
    provider: str
    state: JobState
    actor: str
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    tries: int
    result: dict[str, Any]
    problem: dict[str, Any]


def job_view(row: Job) -> JobView:
    """Return a job as it is shown."""
    return JobView.model_validate(row.model_dump(include=set(JobView.model_fields)))
