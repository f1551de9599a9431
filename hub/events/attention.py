"""A connection that needs somebody: noted on it, and told once, until it works again."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from hub.errors import AuthError, HubError, NotExecuted, PermissionMissing
from hub.events.kinds import EventKind
from hub.events.settled import settle
from hub.store.columns import now
from hub.store.companies import Connection
from hub.store.database import Store
from hub.store.events import Event
from hub.store.session import CompanySession

QUIET = timedelta(hours=1)
"""For how long it is not told again: where one right lacks, what needs no right makes the connection work meanwhile."""


def notice(store: Store, company: str, provider: str, error: HubError) -> None:
    """Note that a stored connection needs attention, if that is what an error of it says. Never raises.

    A database that is away just now must not change how a call ended: the next call says the same.
    """
    reason = error.reason if isinstance(error, NotExecuted) else error
    if not isinstance(reason, AuthError | PermissionMissing):
        return
    with suppress(DBAPIError, HubError):
        _notice(store, company, provider, reason)


def _notice(store: Store, company: str, provider: str, reason: AuthError | PermissionMissing) -> None:
    with store.read(company) as session:  # of a run every call may say so: only the first is to wait for a writer
        row = session.find(Connection, provider)
        if row is None or row.attention:
            return
    with store.write(company) as session:
        row = session.exec(select(Connection).where(Connection.provider == provider).with_for_update()).first()
        if row is None or row.attention:
            return
        row.attention = reason.text
        session.add(row)
        if not _told_lately(session, provider):
            why = "credentials" if isinstance(reason, AuthError) else "right"
            session.tell(EventKind.CONNECTION_NEEDS_ATTENTION, provider, reason=why)


def _told_lately(session: CompanySession, provider: str) -> bool:
    this = (Event.kind == EventKind.CONNECTION_NEEDS_ATTENTION, Event.provider == provider)
    return session.exec(select(Event.id).where(*this, Event.at > now() - QUIET)).first() is not None


def works_again(session: CompanySession, provider: str) -> None:
    """Note that the provider took the credentials of a stored connection."""
    row = session.find(Connection, provider)
    if row and row.attention:
        row.attention = ""
        session.add(row)
        settle(session, session.company, EventKind.CONNECTION_NEEDS_ATTENTION, provider=provider)
