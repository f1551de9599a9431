"""Notifications: the events that a person cares about, in words, unread first; and how a company's people are told."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, update
from sqlmodel import Session, col, select

from hub.errors import InputError, NotThere
from hub.events.endpoints import BY_MAIL
from hub.events.kinds import FOR_PEOPLE, EventKind
from hub.events.words import LANGUAGES, Language, in_words
from hub.models import Model
from hub.store.companies import Audit, Company
from hub.store.database import Store
from hub.store.events import Delivery, Endpoint, Event
from hub.store.parts import Part, rows_of
from hub.store.session import CompanySession

NEWEST = Part(500)
"""How many notifications are shown where nobody says."""

_NEW = case((col(Event.read_at).is_(None), 1), else_=0)

_ADDRESS = re.compile(r"[!#-+\-./0-9=?A-Z\[-~]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,}")


class Notification(Model):
    """What happened, in words, with what to do next; `file` is the run whose file is to be fetched, if it is that.

    `run`, `plan` and `job` are the numbers of what it is about, 0 where it is about none.
    `read_at` is empty until somebody, `read_by`, has read it.
    """

    id: int
    at: datetime
    kind: str
    provider: str
    run: int
    plan: int
    job: int
    text: str
    action: str
    file: int | None
    read_at: datetime | None
    read_by: str


class Told(Model):
    """How the people of a company are told: in which language, and to which address by e-mail; none if it is empty."""

    language: Language = "nl"
    email: str = ""


def notifications(
    session: CompanySession, language: Language | None = None, *, unread: bool = False, part: Part = NEWEST
) -> tuple[Notification, ...]:
    """Return notifications, unread ones first, then the newest; in the company's language, unless another is given."""
    spoken = language or told_of(session).language
    wanted = [col(Event.kind).in_(sorted(FOR_PEOPLE)), *([col(Event.read_at).is_(None)] if unread else [])]
    order = (_NEW, col(Event.id))
    found = rows_of(session, Event, order, part, *wanted, newest_first=True)
    return tuple(_shown(one, spoken) for one in found)


def place_of(one: Notification) -> tuple[int, int]:
    """Return what notifications are listed by, the greatest first: whether it is unread, and its number."""
    return int(one.read_at is None), one.id


def _shown(event: Event, language: Language) -> Notification:
    words = in_words(event.kind, language, {**event.detail, "provider": event.provider, "run": event.run})
    fields = event.model_dump(include={"id", "at", "kind", "provider", "run", "read_at", "read_by"})
    about = {name: event.detail.get(name, 0) for name in ("plan", "job")}
    file = event.run if event.kind == EventKind.FILE_READY else None
    return Notification.model_validate({**fields, **about, "text": words.text, "action": words.action, "file": file})


def mark_read(session: CompanySession, numbers: Collection[int] | None, by: str, now: datetime) -> int:
    """Note that somebody has read notifications, or all where None is given; return how many were unread.

    Raises `InputError` without a name, or for a number that is no notification of this company.
    """
    if not by.strip():
        raise InputError("Notifications are read by a person: give a name.")
    mine = [col(Event.kind).in_(sorted(FOR_PEOPLE))]
    if numbers is not None:
        mine.append(col(Event.id).in_(sorted(numbers)))
        if len(session.exec(select(Event.id).where(*mine)).all()) < len(set(numbers)):
            raise NotThere(f"There is no such notification in company {session.company}.")
    fresh = update(Event).where(*mine, col(Event.read_at).is_(None)).values(read_at=now, read_by=by.strip())
    return int(session.exec(fresh).rowcount)


# -- how people are told ----------------------------------------------------------------------------------------------


def told_of(session: CompanySession) -> Told:
    """Return how the people of a company are told."""
    row = session.get(Company, session.company)
    return Told.model_validate(row.told) if row else Told()


def tell_people(store: Store, company: str, told: Told, actor: str) -> Told:
    """Choose how the people of a company are told. Raises `InputError` for an address that is none."""
    if told.language not in LANGUAGES:
        raise InputError(f"Choose a language of {', '.join(LANGUAGES)}.")
    if told.email and not _ADDRESS.fullmatch(told.email):
        raise InputError("That is no address for e-mail: write one such as salaris@example.org.")
    with store.read(company):
        pass
    with store.everywhere() as session:
        row = session.get_one(Company, company)
        row.told = told.model_dump()
        session.add(row)
        _by_mail(session, company, bool(told.email))
        detail: dict[str, Any] = {"language": told.language, "by_mail": bool(told.email)}
        session.add(Audit(company_id=company, actor=actor, action="notifications set", subject=company, detail=detail))
    return told


def _by_mail(session: Session, company: str, wanted: bool) -> None:
    """Let what is for people go by e-mail too, as if to an endpoint, or no more."""
    row = session.exec(select(Endpoint).where(Endpoint.company == company, Endpoint.url == BY_MAIL)).first()
    if row and not wanted:
        session.exec(delete(Delivery).where(col(Delivery.endpoint) == row.id))
        session.delete(row)
    elif row:
        row.off, row.failing_since = "", None
        session.add(row)
    elif wanted:
        session.add(Endpoint(company=company, url=BY_MAIL, kinds=sorted(FOR_PEOPLE), secret=b""))
