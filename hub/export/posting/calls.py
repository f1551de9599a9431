"""Makes the call of an attempt and classifies what happened: certain is only what the contract says is certain."""

from __future__ import annotations

from dataclasses import dataclass

from hub.destination import GuardedPosting
from hub.errors import HubError, NotExecuted, NotSent, Refused, UnknownOutcome
from hub.export.posting.jobs import Call, Ending, Job
from hub.export.posting.reconcile import fits
from hub.export.states import Change, Outcome
from hub.models import Pending, PostedEntry

LOOK = "The hub reads it back; until that is settled nothing more is sent for this person in that slot."


@dataclass(frozen=True)
class Abilities:
    """What a connection can do beside posting."""

    read: bool = True
    idempotent: bool = False
    put: bool = False


def make(posting: GuardedPosting, call: Call, able: Abilities) -> Ending:
    """Make the call of an attempt, once, and say how it ended. Never raises for what a provider does."""
    try:
        if able.put:
            return accepted(call, _put(posting, call))
        return _answered(call, call.jobs[0], _send(posting, call, call.jobs[0]))
    except HubError as error:
        return _failed(error)


def _send(posting: GuardedPosting, call: Call, job: Job) -> PostedEntry | Pending | None:
    if job.change is Change.POST:
        return posting.post(job.entry, call.key)
    if job.old is None:
        raise NotSent("It is not known which row this entry is about.")
    if job.change is Change.REPLACE:
        return posting.replace(job.old, job.entry)
    posting.withdraw(job.slot, job.old)
    return job.old


def _put(posting: GuardedPosting, call: Call) -> tuple[PostedEntry, ...]:
    return posting.put(call.slot, call.before, tuple(job.entry for job in call.jobs), call.key)


def _answered(call: Call, job: Job, answer: PostedEntry | Pending | None) -> Ending:
    if isinstance(answer, Pending):
        return Ending(Outcome.PENDING, fault="the provider has not answered yet", action=LOOK, receipt=answer.id)
    if job.change is Change.WITHDRAW:
        return Ending(Outcome.ACCEPTED, (answer,))
    return accepted(call, (answer,) if answer else ())


def accepted(call: Call, rows: tuple[PostedEntry, ...]) -> Ending:
    """Accept rows that are what was asked for; a new row has an id."""
    for job, row in zip(call.jobs, rows, strict=True):
        if not fits(row, job.entry):
            return _unknown("the provider confirmed something else than was sent")
        if job.change is Change.POST and not job.entry.sets and not row.id:
            return _unknown("the provider gave no id")
    return Ending(Outcome.ACCEPTED, rows)


def _unknown(fault: str) -> Ending:
    return Ending(Outcome.UNKNOWN, fault=fault, action=LOOK)


def _failed(error: HubError) -> Ending:
    if isinstance(error, NotSent):
        return Ending(Outcome.NOT_SENT, fault=error.text, detail=error.detail)
    if isinstance(error, NotExecuted):
        later = getattr(error.reason, "retry_after", None)
        return Ending(Outcome.NOT_EXECUTED, fault=error.text, detail=error.detail, retry_after=later)
    if isinstance(error, Refused):
        return Ending(Outcome.REFUSED, fault=error.text, action=f"For the {error.who}.", detail=error.detail)
    later = error.retry_after if isinstance(error, UnknownOutcome) else None
    return Ending(Outcome.UNKNOWN, fault=error.text, action=LOOK, detail=error.detail, retry_after=later)
