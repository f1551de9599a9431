"""Delivering: what is due goes out, several endpoints at once, each message until it arrives or three days are over.

At least once: a message is claimed by moving its time forward, in a transaction before it is sent, so that two workers
do not send it both; a worker that dies leaves it due again a minute later. An export never waits for any of this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update
from sqlmodel import Session, col, select

from hub.clock import Clock
from hub.errors import HubError
from hub.events import mail
from hub.events.endpoints import BY_MAIL
from hub.events.kinds import EventKind
from hub.events.sending import Outcome, Sender
from hub.events.signing import signed, unseal
from hub.events.spreading import spread
from hub.logs import get_logger
from hub.process import Process
from hub.store.companies import Company
from hub.store.database import Store
from hub.store.events import Delivery, Endpoint, Event

BACK_OFF = tuple(timedelta(seconds=one) for one in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""How long to wait after each failed try, as Standard Webhooks proposes; after the last one a message is given up."""

SILENT = timedelta(seconds=30)
"""How long an endpoint is left alone that gave no answer at all: what else waits for it would only hang too."""

PATIENCE = timedelta(days=3)
"""After so long with nothing but failures an endpoint is switched off."""

LEASE = timedelta(seconds=60)
"""For how long a claimed message is this worker's: longer than a batch may take."""

BATCH = 5
PASS_SECONDS = 5.0
"""After so long a worker leaves an endpoint for the next pass, however much waits for it: others wait for its end."""

AT_ONCE = 16

log = get_logger("hub.events")


@dataclass(frozen=True)
class Delivered:
    """What a pass did: how many messages arrived, how many tries failed, and the endpoints that it switched off."""

    arrived: int = 0
    failed: int = 0
    off: tuple[int, ...] = ()

    def __add__(self, other: Delivered) -> Delivered:
        """Return what two did together."""
        return Delivered(self.arrived + other.arrived, self.failed + other.failed, self.off + other.off)


@dataclass(frozen=True)
class Claimed:
    """Messages of one endpoint that are this worker's now, oldest first; `told` is how a company hears by e-mail."""

    endpoint: Endpoint
    events: Sequence[Event]
    told: dict[str, object]


Tried = list[tuple[Event, Outcome]]


def deliver_due(store: Store, process: Process, clock: Clock) -> Delivered:
    """Send what is due now to whoever wants it, once; return what came of it. Never raises for what an endpoint does.

    To be called again and again, by as many workers as wanted.
    """
    now = clock.moment().at
    spread(store, now)
    with store.everywhere() as session:
        due = (
            select(Delivery.endpoint)
            .join(Endpoint, col(Endpoint.id) == Delivery.endpoint)
            .where(col(Delivery.due_at) <= now, Endpoint.off == "")
            .distinct()
        )
        failing = col(Endpoint.failing_since).is_not(None)  # whoever answers does not wait for who does not
        wanted = select(Endpoint.id).where(col(Endpoint.id).in_(due)).order_by(failing, col(Endpoint.id))
        numbers = [one or 0 for one in session.exec(wanted)]
    if not numbers:
        return Delivered()
    with ThreadPoolExecutor(min(AT_ONCE, len(numbers)), "webhooks") as pool:
        parts = pool.map(lambda number: _Delivering(store, process, clock, number).go(), numbers)
        return sum(parts, Delivered())


@dataclass(frozen=True)
class _Delivering:
    """One worker's pass over one endpoint."""

    store: Store
    process: Process
    clock: Clock
    number: int

    def go(self) -> Delivered:
        """Send batch after batch, until nothing is due, the endpoint gives no answer, or others should have a turn."""
        done, until = Delivered(), self.clock.moment().ticks + PASS_SECONDS
        while self.clock.moment().ticks < until:
            claimed = self._claim()
            if claimed is None:
                break
            tried = self._send(claimed, until)
            done += self._record(claimed, tried)
            if not tried[-1][1].answered:
                break
        return done

    def _claim(self) -> Claimed | None:
        """Claim the oldest messages that are due; None where there are none for an endpoint that is on."""
        now = self.clock.moment().at
        with self.store.everywhere() as session:
            endpoint = session.get(Endpoint, self.number)
            if endpoint is None or endpoint.off:
                return None
            rows = session.exec(
                select(Delivery, Event)
                .join(Event, (col(Event.company_id) == Delivery.company_id) & (col(Event.id) == Delivery.event))
                .where(Delivery.endpoint == self.number, col(Delivery.due_at) <= now)
                .order_by(col(Delivery.event))
                .limit(BATCH)
                .with_for_update(skip_locked=True, of=Delivery)
            ).all()
            for delivery, _ in rows:
                delivery.due_at = now + LEASE
                session.add(delivery)
            company = session.get(Company, endpoint.company) if endpoint.company else None
            told = dict(company.told) if company else {}
            return Claimed(endpoint, [event for _, event in rows], told) if rows else None

    def _send(self, claimed: Claimed, until: float) -> Tried:
        """Send in order, one at least; the rest is not tried where the endpoint gives no answer, or time is up."""
        if claimed.endpoint.url == BY_MAIL:
            by_mail = partial(mail.send, self.process.smtp_url, claimed.told)
            return self._in_turn(claimed.events, by_mail, until)
        with closing(Sender(claimed.endpoint.url, self.process)) as sender:
            over_http = partial(self._send_one, sender, claimed.endpoint)
            return self._in_turn(claimed.events, over_http, until)

    def _in_turn(self, events: Sequence[Event], send: Callable[[Event], Outcome], until: float) -> Tried:
        tried: Tried = []
        for event in events:
            tried.append((event, send(event)))
            if not tried[-1][1].answered or self.clock.moment().ticks >= until:
                break
        return tried

    def _send_one(self, sender: Sender, endpoint: Endpoint, event: Event) -> Outcome:
        try:
            secret = unseal(self.store.master, endpoint.id or 0, endpoint.secret)
            message = signed(event, secret, self.clock.moment().at)
        except HubError as error:  # it cannot be signed here: that is the operator's to mend
            return Outcome(False, error.text)
        return sender.send(message)

    def _record(self, claimed: Claimed, tried: Tried) -> Delivered:
        """Write down what came of each message, and what that makes of the endpoint."""
        now = self.clock.moment().at
        with self.store.everywhere() as session:
            endpoint = session.exec(select(Endpoint).where(Endpoint.id == self.number).with_for_update()).first()
            if endpoint is None:
                return Delivered()
            for event, outcome in tried:
                self._note(session, event, outcome, now)
            rest = claimed.events[len(tried) :]
            if tried[-1][1].answered:
                _put_off(session, self.number, rest, now)
            else:
                _leave_alone(session, self.number, rest, now)
            off = _judge(session, endpoint, [outcome for _, outcome in tried], now)
        arrived = sum(outcome.arrived for _, outcome in tried)
        return Delivered(arrived, len(tried) - arrived, (self.number,) if off else ())

    def _note(self, session: Session, event: Event, outcome: Outcome, now: datetime) -> None:
        row = session.get(Delivery, (event.company_id, self.number, event.id))
        if row is None:
            return
        wait = BACK_OFF[row.tries] if row.tries < len(BACK_OFF) else None
        row.tries, row.last = row.tries + 1, outcome.text
        if outcome.arrived:
            row.arrived_at, row.due_at = now, None
        else:
            row.due_at = now + wait if wait else None
        session.add(row)


def _leave_alone(session: Session, number: int, claimed: Sequence[Event], now: datetime) -> None:
    """Try nothing else at an endpoint for a while: what this worker had claimed of it, and what else is due."""
    _put_off(session, number, claimed, now + SILENT)
    due = (col(Delivery.endpoint) == number) & (col(Delivery.due_at) <= now)
    session.exec(update(Delivery).where(due).values(due_at=now + SILENT))


def _put_off(session: Session, number: int, claimed: Sequence[Event], until: datetime) -> None:
    """Give back what a worker had claimed and not tried."""
    ours = (col(Delivery.endpoint) == number) & col(Delivery.event).in_([event.id for event in claimed])
    if claimed:
        session.exec(update(Delivery).where(ours).values(due_at=until))


def _judge(session: Session, endpoint: Endpoint, outcomes: Sequence[Outcome], now: datetime) -> bool:
    """Note since when an endpoint fails; where that is too long, or it is gone, switch it off and return True."""
    if any(one.arrived for one in outcomes):
        endpoint.failing_since = None
    if not outcomes[-1].arrived:
        endpoint.failing_since = endpoint.failing_since or now
    gone = any(one.gone for one in outcomes)
    since = endpoint.failing_since
    session.add(endpoint)
    if endpoint.off or not (gone or (since and now - since >= PATIENCE)):
        return False
    endpoint.off = f"{'it is gone' if gone else 'nothing arrived for three days'}: {outcomes[-1].text}"
    reason = "gone" if gone else "failing"
    if endpoint.company:
        detail = {"endpoint": endpoint.id, "reason": reason}
        session.add(Event(company_id=endpoint.company, kind=EventKind.ENDPOINT_OFF, detail=detail))
    log.warning("webhook switched off", endpoint=endpoint.id, company=endpoint.company, reason=reason)
    return True
