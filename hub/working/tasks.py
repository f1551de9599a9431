"""What each kind of job does, with the facade's own operations. All of them may be begun again after a crash."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from hub.administrations import period_on
from hub.events.kinds import EventKind
from hub.export.deciding.reread import newest
from hub.export.posting.signals import MOVED_ON
from hub.export.report import RunView
from hub.export.scope import Scope
from hub.export.states import RunState
from hub.hub import Hub
from hub.jobs.holding import keep
from hub.jobs.kinds import JobKind
from hub.keeping.removal import forget_answers, forget_receipts
from hub.kept import ANSWERS_KEPT
from hub.models import WagePeriod
from hub.provider import Capability, Support
from hub.registry import find
from hub.store.jobs import Job
from hub.workforce import Step

Result = dict[str, Any]


class Later(Exception):
    """A job is not finished: it is to be begun again after some seconds. `result` is what there is so far."""

    def __init__(self, seconds: float, result: Result) -> None:
        super().__init__(seconds)
        self.seconds, self.result = seconds, result


def _sync(hub: Hub, job: Job, _ends: threading.Event) -> Result:
    plan = hub.plan_sync(job.company_id, job.provider)
    apply = job.detail.get("apply", True)
    if not keep(hub.store, job, hub.clock):  # it was given up meanwhile, or another worker has it: this plan is old
        return {}
    if apply:
        hub.apply_sync(job.company_id, plan, actor=job.actor)
    conflicts = [{"employee": one.employee.id, "why": one.why} for one in plan.of(Step.CONFLICT)]
    return {"applied": apply, "counts": {str(k): v for k, v in plan.counts.items()}, "conflicts": conflicts}


def _plan(hub: Hub, job: Job, _ends: threading.Event) -> Result:
    made = hub.plan(job.company_id, Scope.model_validate(job.detail["scope"]), actor=job.actor)
    return {"plan": made.id, "entries": len(made.lines), "timecards": made.timecards, "held": len(made.held)}


def _run(hub: Hub, job: Job, ends: threading.Event) -> Result:
    view = hub.run(job.company_id, job.detail["plan"], actor=job.actor, ends=ends)
    result = {"run": view.id, "state": view.state, "counts": view.counts}
    now = hub.clock.moment().at
    if view.held_until and view.held_until > now:
        raise Later((view.held_until - now).total_seconds(), result)
    if view.paused == MOVED_ON:
        raise Later(0, result)
    if view.state in (RunState.RUNNING, RunState.IN_DOUBT):
        raise Later(_pause(view, now, job.tries), result)
    return result


def _pause(view: RunView, now: datetime, tries: int) -> float:
    """Return in how many seconds something can be found out; longer and longer where payroll could not be asked."""
    again = [one.again_at for one in view.entries if one.again_at]
    waits = (min(again) - now).total_seconds() if again else 0.0
    return waits + 1 if waits > 0 else min(2.0 ** min(tries, 10), 900.0)


def _check(hub: Hub, job: Job, _ends: threading.Event) -> Result:
    if find(job.provider, hub.process.providers).support(Capability.READ_BACK) in (Support.NO, Support.NOT_BUILT):
        return {"slots": 0}
    marked = hub.store.mark.known(job.company_id)
    with hub.store.read(job.company_id) as session:
        hub.store.mark.check(job.company_id, *newest(session), known=marked)
    found = hub.reread(job.company_id, job.provider, actor=job.actor)
    return {"slots": found.slots, "drifted": list(found.drifted), "unexplained": len(found.unexplained)}


def _remind(hub: Hub, job: Job, _ends: threading.Event) -> Result:
    """Tell of each administration whose wage period ends soon with approved hours that are not exported."""
    last = hub.today + timedelta(days=hub.schedule(job.company_id, job.provider).remind_days)
    told = []
    for one in hub.administrations(job.company_id, job.provider):
        with hub.store.read(job.company_id) as session:
            period = period_on(session, job.provider, one.body.id, hub.today) if one.active else None
        if period is None or period.end > last:
            continue
        scope = hub.scope(job.company_id, job.provider, one.body.id, period.year, period.number)
        view = hub.validate(job.company_id, scope)
        if view.timecards or view.held:
            told.append({**_named(one.body.id, period), "timecards": view.timecards})
    with hub.store.write(job.company_id) as session:
        for each in told:
            session.tell(EventKind.REMINDER, job.provider, **each)
    return {"told": len(told)}


def _named(administration: str, period: WagePeriod) -> Result:
    return {"administration": administration, "year": period.year, "number": period.number, "ends": f"{period.end}"}


def _tidy(hub: Hub, job: Job, _ends: threading.Event) -> Result:
    forget_answers(hub.store, hub.clock.moment().at - ANSWERS_KEPT)
    forget_receipts(hub.store, hub.today)
    return hub.sweep(job.company_id).model_dump(mode="json")


TASKS: Mapping[JobKind, Callable[[Hub, Job, threading.Event], Result]] = {
    JobKind.SYNC: _sync,
    JobKind.PLAN: _plan,
    JobKind.RUN: _run,
    JobKind.CHECK: _check,
    JobKind.REMIND: _remind,
    JobKind.TIDY: _tidy,
}
"""What a worker calls for a job, until it must end. Raises the errors of the hub, and `Later`."""
