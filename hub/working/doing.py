"""Doing one job: it is held while it is done, and ends with a result, with what is wrong, or is put off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from hub.errors import HubError, NotSent, Transient, UnknownOutcome
from hub.holder import this_worker
from hub.hub import Hub
from hub.jobs.holding import SECONDS, fail, finish, keep, put_off, take
from hub.jobs.kinds import JobKind
from hub.logs import get_logger
from hub.store.jobs import Job
from hub.working.tasks import TASKS, Later

MOST_TRIES = 4
"""How often a job is begun while payroll cannot be reached, before somebody hears of it."""

MOST_SECONDS = 900.0
"""The longest pause that a job keeps to, whatever payroll asks for."""

_log = get_logger(__name__)


class Failed(HubError):
    """The hub itself failed while it did a job."""

    who = "operator"


def do(hub: Hub, company: str, number: int, ends: threading.Event) -> bool:
    """Do a job; return False where there is nothing to do now. When `ends` is set it stops in good order."""
    job = take(hub.store, company, number, hub.clock, this_worker())
    if job is None:
        return False
    with _held(hub, job):
        _do(hub, job, ends)
    return True


def _do(hub: Hub, job: Job, ends: threading.Event) -> None:
    try:
        result = TASKS[JobKind(job.kind)](hub, job, ends)
    except Later as later:
        put_off(hub.store, job, hub.clock, later.seconds, later.result)
    except (Transient, NotSent, UnknownOutcome) as error:
        away = int(job.detail.get("away", 0)) + 1
        if away >= MOST_TRIES:
            fail(hub.store, job, hub.clock, error)
        else:
            put_off(
                hub.store,
                job,
                hub.clock,
                min(getattr(error, "retry_after", None) or 2.0**away, MOST_SECONDS),
                job.result,
                away,
            )
    except HubError as error:
        fail(hub.store, job, hub.clock, error)
    except (OperationalError, InterfaceError):  # the database was away: nobody holds the job any more when it is back
        _log.warning("database away", job=job.id)
    except Exception as error:  # noqa: BLE001 - one job that fails must not end the worker
        _log.error("job failed", job=job.id, kind=job.kind, error=type(error).__name__)
        fail(hub.store, job, hub.clock, Failed("The hub failed while it did this: the operator must look in the log."))
    else:
        finish(hub.store, job, hub.clock, result)


@contextmanager
def _held(hub: Hub, job: Job) -> Iterator[None]:
    """Say again and again, in the background, that the worker of a job is there."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(SECONDS / 4):
            try:
                if not keep(hub.store, job, hub.clock):
                    return
            except DBAPIError:  # it is away for a moment; whoever takes the job meanwhile has it
                continue

    thread = threading.Thread(target=beat, name=f"job {job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
