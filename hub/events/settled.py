"""What is done needs nobody any more: its notification counts as read, by the hub itself."""

from __future__ import annotations

from sqlmodel import Session, col, select

from hub.events.kinds import EventKind
from hub.store.columns import now
from hub.store.events import Event

HUB = "hub"
"""Who has read what is done."""

OF_RUN = (EventKind.RUN_PAUSED, EventKind.RUN_FINISHED, EventKind.FILE_READY)
"""The kinds that are out of date as soon as something newer is told of their run."""


def settle(session: Session, company: str, *kinds: EventKind, **known: object) -> None:
    """Let notifications of these kinds be read that nobody has read yet, as far as they tell what is `known`.

    `provider` and `run` are those of the event, all other names are in its detail.
    """
    own = {name: known.pop(name) for name in ("provider", "run") if name in known}
    wanted = [col(getattr(Event, name)) == value for name, value in own.items()]
    unread = select(Event).where(
        Event.company_id == company, col(Event.kind).in_(kinds), col(Event.read_at).is_(None), *wanted
    )
    for event in session.exec(unread):
        if known.items() <= event.detail.items():
            event.read_at, event.read_by = now(), HUB
            session.add(event)
