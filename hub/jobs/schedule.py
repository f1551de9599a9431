"""What is done by itself, per connection: reading the workforce, the closing check, and reminders.

Each has a time of day in Amsterdam and is asked for once a day, at that time or as soon as a worker is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import Field, ValidationError
from sqlmodel import col, select

from hub.activation import connection_row
from hub.durations import AMSTERDAM
from hub.errors import InputError
from hub.jobs.asking import ask
from hub.jobs.kinds import JobKind
from hub.logs import get_logger
from hub.models import Model
from hub.store.companies import Company, Connection
from hub.store.database import Store
from hub.store.jobs import Job
from hub.store.session import CompanySession

_log = get_logger(__name__)

SCHEDULER = "schedule"
"""Who asks, in the audit trail and in the list of jobs."""

TIDY_AT = time(3)
"""When what is past its term is deleted, for every company."""

TimeOfDay = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]
"""HH:MM in Amsterdam; empty means never."""


class Schedule(Model):
    """When what is done by itself for a connection; an empty time means never.

    `sync_at` reads the workforce and applies it, `check_at` reads the open wage periods back, and at `remind_at` a
    company hears of a wage period that ends within `remind_days` days while approved hours of it are not exported.
    """

    sync_at: TimeOfDay = "22:00"
    check_at: TimeOfDay = "05:30"
    remind_at: TimeOfDay = "09:00"
    remind_days: int = Field(default=2, ge=0, le=14)

    def times(self) -> Iterator[tuple[JobKind, time]]:
        """Yield what is to be done and at what time of the day."""
        for kind, text in (
            (JobKind.SYNC, self.sync_at),
            (JobKind.CHECK, self.check_at),
            (JobKind.REMIND, self.remind_at),
        ):
            if text:
                yield kind, time.fromisoformat(text)


def schedule(session: CompanySession, provider: str) -> Schedule:
    """Return the schedule of a connection. Raises `InputError` without one."""
    return Schedule.model_validate(connection_row(session, provider).schedule)


def change_schedule(session: CompanySession, provider: str, changes: Mapping[str, object], actor: str) -> Schedule:
    """Change some settings of a schedule, by their names, and return them all. Raises `InputError`."""
    row = connection_row(session, provider)
    try:
        changed = Schedule.model_validate({**row.schedule, **changes})
    except ValidationError as error:
        wrong = ", ".join(sorted({str(one["loc"][0]) for one in error.errors()}))
        raise InputError(
            f"The schedule cannot be so: a time is HH:MM or empty, days are 0 to 14. See {wrong}."
        ) from None
    row.schedule = changed.model_dump(exclude_defaults=True)
    session.add(row)
    session.audit(actor, "schedule", provider, **row.schedule)
    return changed


def ask_for_due(store: Store, now: datetime) -> int:
    """Ask for what schedules bring and nobody asked for yet; return how much that is."""
    with store.everywhere() as session:
        names = session.exec(select(Company.id, Company.created_at)).all()
        columns = (Connection.company_id, Connection.provider, Connection.schedule, Connection.activated_at)
        rows = session.exec(select(*columns).where(col(Connection.active))).all()
        recent = select(Job.company_id, Job.key).where(col(Job.key).is_not(None), Job.made_at > now - timedelta(days=2))
        known = set(session.exec(recent).all())
    wanted = [
        (company, provider, kind, key)
        for company, provider, stored, since in rows
        for kind, moment, key in last_times(_times(stored), provider, now)
        if moment > since and (company, key) not in known
    ]
    ((kind, tidied, key),) = last_times([(JobKind.TIDY, TIDY_AT)], "", now)
    wanted += [(one, "", kind, key) for one, since in names if tidied > since and (one, key) not in known]
    for company, provider, kind, key in wanted:
        with store.write(company) as session:
            ask(session, kind, provider, actor=SCHEDULER, now=now, key=key)
    return len(wanted)


def _times(stored: Mapping[str, object]) -> Iterator[tuple[JobKind, time]]:
    """Yield what a stored schedule brings; nothing of one that cannot be read: other companies have theirs."""
    try:
        yield from Schedule.model_validate(stored).times()
    except ValidationError:
        _log.error("schedule cannot be read")


def last_times(
    times: Iterable[tuple[JobKind, time]], provider: str, now: datetime
) -> Iterator[tuple[JobKind, datetime, str]]:
    """Yield what came due last, when that was, and the key of that day."""
    here = now.astimezone(AMSTERDAM)
    for kind, at in times:
        moment = datetime.combine(here.date(), at, AMSTERDAM)
        if moment > here:
            moment = datetime.combine(here.date() - timedelta(days=1), at, AMSTERDAM)
        yield kind, moment, f"{kind}/{provider}/{moment.date()}"
