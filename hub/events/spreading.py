"""From an event to its deliveries: one for each endpoint that wants to hear of it, made once.

Here an event of a run also gets its number. Not where it is written: there each of the threads of a run would have to
wait for the others' commits to know the next one, and payroll would wait with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, func, select, tuple_

from hub.store.database import Store
from hub.store.events import Delivery, Endpoint, Event

BATCH = 200
"""How many events are spread in one transaction: few, because on SQLite every other writer waits meanwhile."""

_LOCK = 7061797
"""The number of the lock that PostgreSQL gives to one of those who spread at a time."""


def spread(store: Store, now: datetime) -> int:
    """Make the deliveries of all events that have none yet; return how many events. One worker does so at a time."""
    done = 0
    while (some := _spread_some(store, now)) == BATCH:
        done += some
    return done + some


def _spread_some(store: Store, now: datetime) -> int:
    with store.everywhere() as session:
        if not _is_alone(session):
            return 0
        events = session.exec(
            select(Event).where(col(Event.spread_at).is_(None)).order_by(col(Event.id)).limit(BATCH)
        ).all()
        _number(session, events)
        endpoints = session.exec(select(Endpoint).where(Endpoint.off == "").order_by(col(Endpoint.id))).all()
        for event in events:
            event.spread_at = now
            session.add(event)
        there = _there(session, events)
        session.add_all(one for one in _deliveries(events, endpoints, now) if (one.endpoint, one.event) not in there)
        return len(events)


def _is_alone(session: Session) -> bool:
    """Take the lock, without waiting for it; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})")))


def _number(session: Session, events: Sequence[Event]) -> None:
    """Give the events of each run the numbers that come next."""
    runs = sorted({(event.company_id, event.run) for event in events if event.run})
    last: dict[tuple[str, int], int] = defaultdict(int)
    here = tuple_(col(Event.company_id), col(Event.run)).in_(runs)
    counted = select(Event.company_id, Event.run, func.max(Event.sequence)).where(here)
    for company, run, number in session.exec(counted.group_by(col(Event.company_id), col(Event.run))).all():
        last[company, run] = number
    for event in events:
        if event.run and not event.sequence:
            last[event.company_id, event.run] += 1
            event.sequence = last[event.company_id, event.run]


def _there(session: Session, events: Sequence[Event]) -> set[tuple[int, int]]:
    """Return the endpoint and the event of each delivery that was made before, by who told an event again too early."""
    numbers = [event.id for event in events]
    return set(session.exec(select(Delivery.endpoint, Delivery.event).where(col(Delivery.event).in_(numbers))).all())


def _deliveries(events: Sequence[Event], endpoints: Sequence[Endpoint], now: datetime) -> list[Delivery]:
    return [
        Delivery(company_id=event.company_id, endpoint=one.id or 0, event=event.id or 0, due_at=now)
        for event in events
        for one in endpoints
        if one.company in ("", event.company_id) and (not one.kinds or event.kind in one.kinds)
    ]
