"""Sweeping: what was kept long enough is deleted. It can be repeated at any time, and after any crash.

A run goes in one transaction with all that hangs on it. Before the first of them the hub writes down from which day on
it knows what was exported: what lies before is never planned again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Delete, delete, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from hub.durations import AMSTERDAM
from hub.events.kinds import FOR_PEOPLE
from hub.export.deciding.reread import newest
from hub.export.handing.stored import delete_old
from hub.intake.shapes import TimecardStatus
from hub.keeping.past import past
from hub.keeping.people import erase_bsns, remove_people
from hub.keeping.terms import Terms, remember, terms_of
from hub.models import Model
from hub.process import Process
from hub.store.companies import Audit
from hub.store.database import Store
from hub.store.events import Delivery, Event
from hub.store.exports import Attempt, Contribution, Entry, Plan, Run, Unexplained
from hub.store.files import File
from hub.store.jobs import Job
from hub.store.people import Timecard
from hub.store.session import CompanySession

RUNS, CARDS = 10, 5_000
"""How many runs and how many timecards one transaction deletes."""

LATER = {"synchronize_session": False}


class Swept(Model):
    """What a sweep of a company deleted, in rows, and the old runs that it left because they never ended."""

    company: str
    deleted: dict[str, int]
    waiting: tuple[int, ...] = ()


def sweep(store: Store, process: Process, company: str, now: datetime) -> Swept:
    """Delete what of a company was kept long enough.

    Raises `InputError` on a database that was restored from a backup, until payroll was read back.
    """
    today = now.astimezone(AMSTERDAM).date()
    marked = store.mark.known(company)
    with store.write(company) as session:
        reached = newest(session)
        if any(reached):  # without a run, such as of a company that was added again, none ends that could hide a backup
            store.mark.check(company, *reached, known=marked)
        terms = terms_of(session)
        day = terms.wage_from(today)
        waiting = past(session, day, now).waiting
        remember(session, day)
    counts = _wage_data(store, company, day, now)
    counts += _timecards(store, company, terms, today)
    with store.write(company) as session:
        counts += _the_rest(session, process, terms, now)
        _tell(session, counts)
    return Swept(company=company, deleted=dict(sorted((+counts).items())), waiting=tuple(sorted(waiting)))


def _wage_data(store: Store, company: str, day: date, now: datetime) -> Counter[str]:
    counts: Counter[str] = Counter()
    while True:
        with store.write(company) as session:
            runs = sorted(past(session, day, now).runs)[:RUNS]
            fresh = _runs(session, runs) if runs else Counter()
            counts += fresh
            _tell(session, fresh, runs=runs)
            reached = newest(session)
        if not runs:
            return counts
        store.mark.set(company, *reached)  # what is deleted here is no sign of an old backup


def _runs(session: CompanySession, runs: Collection[int]) -> Counter[str]:
    """Delete runs with all that hangs on them, the plans last."""
    entries = select(Entry.id).where(col(Entry.run).in_(runs))
    plans = list(session.exec(select(Run.plan).where(col(Run.id).in_(runs))))
    return Counter(
        contributions=_gone(session, delete(Contribution).where(col(Contribution.entry).in_(entries))),
        attempts=_gone(session, delete(Attempt).where(col(Attempt.run).in_(runs))),
        receipts=_gone(session, delete(File).where(col(File.run).in_(runs))),
        entries=_gone(session, delete(Entry).where(col(Entry.run).in_(runs))),
        runs=_gone(session, delete(Run).where(col(Run.id).in_(runs))),
        plans=_gone(session, delete(Plan).where(col(Plan.id).in_(plans))),
    )


def _timecards(store: Store, company: str, terms: Terms, today: date) -> Counter[str]:
    """Delete the timecards that nothing stands on any more, a part at a time."""
    counts: Counter[str] = Counter()
    while True:
        with store.write(company) as session:
            ids = list(session.exec(_past_cards(terms, today).limit(CARDS)))
            fresh = Counter(timecards=_gone(session, delete(Timecard).where(col(Timecard.id).in_(ids))) if ids else 0)
            _tell(session, fresh)
        counts += fresh
        if len(ids) < CARDS:
            return counts


def _past_cards(terms: Terms, today: date) -> Any:  # noqa: ANN401 - SQLAlchemy's own expressions
    """Select the timecards to delete: of the years that are past, or working time that payroll never gets.

    Approved hours that payroll did not get are wage that may be owed: they stay as long as wage data do.
    """
    owed = (col(Timecard.status) == TimecardStatus.APPROVED) & col(Timecard.deleted).is_(False)
    never = col(Timecard.exported_revision).is_(None) & ~owed
    fed = select(Contribution.timecard).where(col(Contribution.timecard) == Timecard.id).exists()
    old = or_(col(Timecard.date) < terms.wage_from(today), never & (col(Timecard.date) < terms.cards_from(today)))
    return select(Timecard.id).where(old, ~fed).order_by(Timecard.id)


def _the_rest(session: CompanySession, process: Process, terms: Terms, now: datetime) -> Counter[str]:
    today = now.astimezone(AMSTERDAM).date()
    day = terms.wage_from(today)
    moment = datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)
    used = select(Run.id).where(col(Run.plan) == Plan.id).exists()
    unread = col(Unexplained.year) < day.year, col(Unexplained.read_at) < moment
    return Counter(
        plans=_gone(session, delete(Plan).where(col(Plan.made_at) < moment, col(Plan.year) < day.year, ~used)),
        unexplained=_gone(session, delete(Unexplained).where(*unread)),
        files=delete_old(session, now.astimezone(UTC), process.file_days),
        bsns=erase_bsns(session, process, today),
        **remove_people(session, day),
        events=_gone(session, _past_events(now - timedelta(days=terms.event_days))),
        jobs=_gone(session, delete(Job).where(col(Job.ended_at) < now - timedelta(days=terms.job_days))),
        audit=_gone(session, delete(Audit).where(col(Audit.at) < moment)),
    )


def _past_events(moment: datetime) -> Delete:
    """Delete what was spread and has arrived, or was given up; what a person did not read yet stays.

    Of a run that is kept the newest event stays too: the next one gets the number after it.
    """
    later = aliased(Event)
    after = later.company_id == Event.company_id, later.run == Event.run, later.sequence > Event.sequence
    kept = select(Run.id).where(col(Run.id) == Event.run).exists()
    newest = kept & ~select(later.id).where(*after).exists()
    due = select(Delivery.event).where(col(Delivery.event) == Event.id, col(Delivery.due_at).is_not(None)).exists()
    unread = col(Event.read_at).is_(None) & col(Event.kind).in_(sorted(FOR_PEOPLE))
    return delete(Event).where(col(Event.at) < moment, col(Event.spread_at).is_not(None), ~due, ~unread, ~newest)


def _gone(session: CompanySession, statement: Delete) -> int:
    """Execute a deletion and return how many rows went."""
    found: Any = session.execute(statement, execution_options=LATER)
    return int(found.rowcount)


def _tell(session: CompanySession, counts: Counter[str], **more: object) -> None:
    if +counts:
        session.audit("hub", "kept long enough, deleted", session.company, rows=dict(+counts), **more)
