"""Runs that nobody carries out and that are not finished: a crash left them, or a doubt that had to settle first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, exists, or_, select

from hub.export.posting.signals import MOVED_ON
from hub.export.states import EntryState
from hub.holder import is_gone
from hub.jobs.asking import ask_run, of_plan
from hub.jobs.kinds import OPEN
from hub.store.database import Store
from hub.store.exports import Entry, Plan, Run

GOES_ON = (EntryState.PLANNED, EntryState.SENDING, EntryState.PENDING, EntryState.IN_DOUBT)
"""The states of entries with which a worker can still do something."""

WORKER = "hub"

AGAIN = timedelta(minutes=10)
"""How long after a job of a run ended another one is asked for."""


def ask_for_unfinished(store: Store, now: datetime) -> int:
    """Ask for each unfinished run; return how many. What a person or a refusal paused waits for a person."""
    with store.everywhere() as session:
        of_run = col(Entry.company_id) == Run.company_id, col(Entry.run) == Run.id
        left = exists().where(*of_run, col(Entry.state).in_(GOES_ON))
        free = or_(col(Run.held_until).is_(None), col(Run.held_until) <= now, col(Run.holder) != "")
        columns = (Run.company_id, Run.plan, Plan.provider, Run.held_until, Run.holder)
        wanted = select(*columns).where(  # type: ignore[call-overload]
            col(Run.paused).in_(("", MOVED_ON)), left, free, Plan.id == Run.plan, Plan.company_id == Run.company_id
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
        last = next(iter(of_plan(session, plan, provider)), None)
        if last and (last.state in OPEN or (last.ended_at and last.ended_at > now - AGAIN)):
            return False
        ask_run(session, plan, provider, actor=WORKER, now=now)
        return True
