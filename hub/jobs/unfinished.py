"""Runs that nobody carries out and that are not finished: a crash left them, or a doubt that had to settle first."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

from sqlmodel import col, exists, or_, select

from hub.export.posting.signals import MOVED_ON
from hub.export.states import EntryState
from hub.holder import is_gone
from hub.jobs.asking import ask_run, of_plan
from hub.jobs.kinds import OPEN, JobState
from hub.store.companies import Connection
from hub.store.database import Store
from hub.store.exports import Entry, Plan, Run

GOES_ON = (EntryState.PLANNED, EntryState.SENDING, EntryState.PENDING, EntryState.IN_DOUBT)
"""The states of entries with which a worker can still do something."""

WORKER = "hub"

AGAIN = timedelta(minutes=10)
"""How long after a job of a run ended another one is asked for; twice as long after each that failed."""

LONGEST = timedelta(days=1)


def ask_for_unfinished(store: Store, now: datetime) -> int:
    """Ask for each unfinished run; return how many.

    What a person or a refusal paused waits for a person, and what is switched off until it is on again.
    """
    with store.everywhere() as session:
        of_run = col(Entry.company_id) == Run.company_id, col(Entry.run) == Run.id
        left = exists().where(*of_run, col(Entry.state).in_(GOES_ON))
        free = or_(col(Run.held_until).is_(None), col(Run.held_until) <= now, col(Run.holder) != "")
        on = (
            Connection.company_id == Plan.company_id,
            Connection.provider == Plan.provider,
            col(Connection.active),
        )
        columns = (Run.company_id, Run.plan, Plan.provider, Run.held_until, Run.holder)
        wanted = select(*columns).where(  # type: ignore[call-overload]
            col(Run.paused).in_(("", MOVED_ON)), left, free, *on, Plan.id == Run.plan, Plan.company_id == Run.company_id
        )
        rows = session.exec(wanted).all()
    found = [
        (company, plan, provider)
        for company, plan, provider, until, holder in rows
        if until is None or until <= now or is_gone(holder)
    ]
    return sum(_asked(store, *one, now) for one in found)


def _asked(store: Store, company: str, plan: int, provider: str, now: datetime) -> bool:
    """Ask for a run, unless that was done already or failed a moment ago."""
    with store.write(company) as session:
        jobs = of_plan(session, plan, provider)
        last = next(iter(jobs), None)
        failed = len(list(takewhile(lambda one: one.state == JobState.FAILED, jobs)))
        wait = min(AGAIN * 2 ** min(failed, 10), LONGEST)
        if last and (last.state in OPEN or (last.ended_at and last.ended_at > now - wait)):
            return False
        ask_run(session, plan, provider, actor=WORKER, now=now)
        return True
