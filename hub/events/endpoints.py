"""Endpoints: who hears of events over HTTP, each with a secret of its own; switched on and off, and told again.

An endpoint of a company hears of that company alone; one without hears of all. Whoever acts for one company (`company`
is not empty) sees and changes only its endpoints.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select

from hub.errors import InputError, NotSent
from hub.events.kinds import EventKind
from hub.events.settled import settle
from hub.events.signing import check_library, new_secret, seal
from hub.models import Model
from hub.network import check_target, is_loopback_target, is_public
from hub.store.companies import Audit
from hub.store.database import Store
from hub.store.events import Delivery, Endpoint, Event
from hub.store.parts import Part, beyond

BY_MAIL = "mailto:"
"""The address of what is sent by e-mail; to whom, the company says. It is no endpoint of a host."""

WHERE = "A webhook goes to https on port 443 of a public host, without a user name or password in its address"
BATCH = 5_000
"""How many events are told again in one statement; databases limit how many values one may hold."""


class EndpointView(Model):
    """An endpoint; nothing secret. `off` says why nothing is sent there, `waiting` is how many messages are to be sent.

    `company` is empty where it hears of all companies, `kinds` where it hears of all kinds.
    """

    id: int
    company: str
    url: str
    kinds: tuple[str, ...]
    off: str
    made_at: datetime
    failing_since: datetime | None
    waiting: int
    given_up: int


class FailedDelivery(Model):
    """A message that did not arrive yet, or never will: then `due_at` is empty. `last` says what came of the last try.

    `event` is the number in `webhook-id`.
    """

    endpoint: int
    company: str
    event: int
    kind: str
    tries: int
    due_at: datetime | None
    last: str


@dataclass(frozen=True)
class Since:
    """From which event on to tell again: the number of the first one, or a moment."""

    event: int | None = None
    at: datetime | None = None


# -- making one -------------------------------------------------------------------------------------------------------


def add(store: Store, url: str, kinds: Collection[str], company: str, actor: str, *, loopback: bool) -> tuple[int, str]:
    """Make an endpoint; return its number and its secret, which cannot be shown again. Raises `InputError`."""
    check_library()
    check_url(url, loopback=loopback)
    wrong = sorted(set(kinds) - set(EventKind))
    if wrong:
        raise InputError(f"There is no event of that kind; choose from {', '.join(EventKind)}.")
    if company:
        with store.read(company):
            pass
    secret = new_secret()
    with store.everywhere() as session:
        row = Endpoint(company=company, url=url, kinds=sorted(kinds), secret=b"")
        session.add(row)
        session.flush()
        row.secret = seal(store.master, row.id or 0, secret)
        _audit(session, row, actor, "webhook added")
    return row.id or 0, secret


def check_url(url: str, *, loopback: bool) -> str:
    """Return the host of an address to send to. Raises `InputError` for one that may not be."""
    host, scheme, port = _parts(url)
    try:
        check_target(scheme, host, port, hosts=(host,), allow_loopback=loopback)
    except NotSent:
        raise InputError(f"{WHERE}: correct the address.") from None
    if not (loopback and is_loopback_target(scheme, host)) and not _may_be_public(host):
        raise InputError(f"{WHERE}: correct the address.")
    return host


def _parts(url: str) -> tuple[str, str, int | None]:
    try:
        parts: SplitResult = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise InputError(f"{WHERE}: this is no address.") from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 2000
    if not plain or not host or "@" in parts.netloc or parts.fragment:
        raise InputError(f"{WHERE}: this is no address.")
    return host, parts.scheme, port


def _may_be_public(host: str) -> bool:
    """Tell whether a host is a public address or a name with a dot; where a name leads to is seen at each sending."""
    try:
        return is_public(host)
    except ValueError:
        return "." in host and not host.endswith(".localhost")


# -- looking and switching --------------------------------------------------------------------------------------------


def listed(store: Store, company: str) -> tuple[EndpointView, ...]:
    """List the endpoints of a company, or all where none is named."""
    with store.everywhere() as session:
        rows = session.exec(select(Endpoint).where(*_of(company)).order_by(col(Endpoint.id))).all()
        waiting = _counts(session, col(Delivery.due_at).is_not(None))
        given_up = _counts(session, col(Delivery.due_at).is_(None), col(Delivery.arrived_at).is_(None))
    return tuple(
        EndpointView.model_validate(
            {
                **row.model_dump(exclude={"secret"}),
                "waiting": waiting.get(row.id, 0),
                "given_up": given_up.get(row.id, 0),
            }
        )
        for row in rows
    )


def _counts(session: Session, *conditions: Any) -> dict[int | None, int]:  # noqa: ANN401 - SQLAlchemy's own
    counted = select(Delivery.endpoint, func.count()).where(*conditions).group_by(col(Delivery.endpoint))
    return dict(session.exec(counted).all())


def _of(company: str) -> tuple[Any, ...]:
    mine = (Endpoint.company == company,) if company else ()
    return (Endpoint.url != BY_MAIL, *mine)


def _held(session: Session, number: int, company: str) -> Endpoint:
    """Return an endpoint, locked. Raises `InputError` where there is none that this caller may see."""
    row = session.exec(select(Endpoint).where(Endpoint.id == number, *_of(company)).with_for_update()).first()
    if row is None:
        raise InputError(f"There is no webhook {number}: look which there are.", command="`hub webhook list`")
    return row


def switch(store: Store, number: int, company: str, actor: str, *, on: bool) -> None:
    """Let an endpoint hear of events again, what waited included, or of none any more. Raises `InputError`."""
    with store.everywhere() as session:
        row = _held(session, number, company)
        row.off, row.failing_since = "" if on else f"switched off by {actor}", None
        session.add(row)
        if on and row.company:
            settle(session, row.company, EventKind.ENDPOINT_OFF, endpoint=number)
        _audit(session, row, actor, "webhook switched on" if on else "webhook switched off")


def remove(store: Store, number: int, company: str, actor: str) -> None:
    """Remove an endpoint with what was to be sent to it. Raises `InputError`."""
    with store.everywhere() as session:
        row = _held(session, number, company)
        _audit(session, row, actor, "webhook removed")
        session.exec(delete(Delivery).where(col(Delivery.endpoint) == number))
        session.delete(row)


def _audit(session: Session, row: Endpoint, actor: str, action: str) -> None:
    """Write who did it into the trail of the company, where it is the endpoint of one."""
    if row.company:
        session.add(Audit(company_id=row.company, actor=actor, action=action, subject=f"webhook {row.id}"))


# -- what did not arrive, and telling again ---------------------------------------------------------------------------


def failed(store: Store, number: int, company: str, part: Part | None = None) -> tuple[FailedDelivery, ...]:
    """List what was tried for an endpoint and did not arrive, oldest first, or a part of it. Raises `InputError`."""
    place = (col(Delivery.event),)
    with store.everywhere() as session:
        _held(session, number, company)
        rows = session.exec(
            select(Delivery, Event.kind)
            .join(Event, (col(Event.company_id) == Delivery.company_id) & (col(Event.id) == Delivery.event))
            .where(Delivery.endpoint == number, col(Delivery.arrived_at).is_(None), Delivery.tries > 0)
            .where(*(beyond(place, part) if part else ()))
            .order_by(*place)
            .limit(part.limit if part else None)
        ).all()
    return tuple(_failed(row, kind) for row, kind in rows)


def _failed(row: Delivery, kind: str) -> FailedDelivery:
    fields = row.model_dump(include={"endpoint", "event", "tries", "due_at", "last"})
    return FailedDelivery(**fields, company=row.company_id, kind=kind)


def replay(store: Store, number: int, since: Since, company: str, actor: str, now: datetime) -> int:
    """Send what an endpoint wants to hear of once more, whether it arrived or not; return how many messages.

    What was not spread yet is not among them: it comes for the first time, by itself. Raises `InputError` without
    an event or a moment to begin with.
    """
    if (since.event is None) == (since.at is None):
        raise InputError("Say from when to send again: from the number of an event, or from a moment.")
    with store.everywhere() as session:
        row = _held(session, number, company)
        events = _wanted(session, row, since)
        for start in range(0, len(events), BATCH):
            _due_again(session, number, events[start : start + BATCH], now)
        _audit(session, row, actor, "webhook replayed")
        return len(events)


def _wanted(session: Session, row: Endpoint, since: Since) -> list[tuple[str, int]]:
    first = Event.id >= since.event if since.event is not None else Event.at >= since.at  # type: ignore[operator]
    wanted = [first, col(Event.spread_at).is_not(None), *((Event.company_id == row.company,) if row.company else ())]
    if row.kinds:
        wanted.append(col(Event.kind).in_(row.kinds))
    found = session.exec(select(Event.company_id, Event.id).where(*wanted).order_by(col(Event.id))).all()
    return [(company, number or 0) for company, number in found]


def _due_again(session: Session, endpoint: int, events: Sequence[tuple[str, int]], now: datetime) -> None:
    numbers = [event for _, event in events]
    mine = [col(Delivery.endpoint) == endpoint, col(Delivery.event).in_(numbers)]
    session.exec(update(Delivery).where(*mine).values(due_at=now, tries=0, arrived_at=None, last=""))
    known = set(session.exec(select(Delivery.event).where(*mine)).all())
    session.add_all(
        Delivery(company_id=company, endpoint=endpoint, event=event, due_at=now)
        for company, event in events
        if event not in known
    )
