"""Doing one job: it is held while it is done, and ends with a result, with what is wrong, or is put off.

A job is done in a thread of its own: a plugin may hang for ever, and then nobody waits for that thread any more.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from hub.clock import Moment
from hub.errors import ContractError, HubError, NotSent, Transient, UnknownOutcome
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

HOURS, HOURS_OF_RUN = 6.0, 24.0
"""After how many hours a job is given up: a run may have tens of thousands of calls to make, anything else is read."""

HANGS = "This was given up after {hours:.0f} hours: the provider's plugin does not come back, its author must mend it."

AWAY = (OperationalError, InterfaceError, NoConnectionFree)
"""What is raised where the database is away or too busy to answer."""

_log = get_logger(__name__)


class Failed(HubError):
    """The hub itself failed while it did a job."""

    who = "operator"


def do(hub: Hub, company: str, number: int, ends: threading.Event) -> bool:
    """Do a job; return False where there is nothing to do now. When `ends` is set it stops in good order."""
    job = take(hub.store, company, number, hub.clock, this_worker())
    if job is None:
        return False
    began = hub.clock.moment()
    made = _in_thread(hub, job, ends)
    if _held(hub, job, made, began):
        made.result()
    return True


def _in_thread(hub: Hub, job: Job, ends: threading.Event) -> Future[None]:
    """Do a job in a thread of its own: one that hangs for ever keeps no place for ever."""
    made: Future[None] = Future()

    def work() -> None:
        try:
            _do(hub, job, ends)
        except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that waits
            made.set_exception(error)
        else:
            made.set_result(None)

    threading.Thread(target=work, name=f"job {job.id}", daemon=True).start()
    return made


def _held(hub: Hub, job: Job, made: Future[None], began: Moment) -> bool:
    """Say again and again that the worker of a job is there; return True when it is done, False if it is given up."""
    hours = HOURS_OF_RUN if job.kind == JobKind.RUN else HOURS
    while not wait([made], SECONDS / 4).done:
        try:
            if hub.clock.moment().seconds_since(began.at, began.ticks, began.boot) > hours * 3600:
                _log.error("job given up", job=job.id, kind=job.kind)
                fail(hub.store, job, hub.clock, ContractError(HANGS.format(hours=hours)))
                return False
            keep(hub.store, job, hub.clock)
        except (DBAPIError, *AWAY):  # for a moment; whoever takes the job meanwhile has it
            continue
    return True


def _do(hub: Hub, job: Job, ends: threading.Event) -> None:
    try:
        _ended(hub, job, ends)
    except AWAY:  # nobody holds the job any more when the database is back
        _log.warning("database away", job=job.id)


def _ended(hub: Hub, job: Job, ends: threading.Event) -> None:
    """Do a job and write down how it ended. Raises `AWAY`."""
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
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - one job that fails must not end the worker
        _log.error("job failed", job=job.id, kind=job.kind, error=type(error).__name__)
        fail(hub.store, job, hub.clock, Failed("The hub failed while it did this: the operator must look in the log."))
    else:
        finish(hub.store, job, hub.clock, result)
