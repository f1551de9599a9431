"""Reading open wage periods back: after a backup was restored, or to see what others did in payroll.

What the journal says is there and is not has drifted. What is there and the journal knows nothing of may have been sent
after the backup was made: nothing goes out under its code until a person has said what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlmodel import col, func, select

from hub.activation import open_connection
from hub.connection import Connection
from hub.destination import GuardedPosting
from hub.errors import Unsupported
from hub.events.kinds import EventKind
from hub.export.planning.basis import calendar
from hub.export.posting.closed import refresh
from hub.export.posting.jobs import job_of
from hub.export.posting.journal import DECIDE
from hub.export.posting.reconcile import closing
from hub.export.states import IN_PAYROLL, Change, EntryState, check_entry
from hub.models import Administration, ExportRequest, Kind, Model, PostedEntry, Slot, WagePeriod
from hub.process import Process
from hub.provider import Capability
from hub.store.companies import Administration as AdministrationRow
from hub.store.database import Store
from hub.store.exports import Attempt, Entry, Run, Unexplained
from hub.store.files import File
from hub.store.people import Employee, Timecard
from hub.store.session import CompanySession

Rows = tuple[PostedEntry, ...]


class Strange(Model):
    """Rows of a slot that the journal knows nothing of."""

    slot: Slot
    rows: tuple[PostedEntry, ...]


class Reread(Model):
    """What a reading of the open periods found: how many slots were read, entries that drifted, and unknown rows."""

    slots: int
    drifted: tuple[int, ...]
    unexplained: tuple[Strange, ...]


def reread(
    store: Store, process: Process, company: str, provider: str, today: date, actor: str, checked_by: str = ""
) -> Reread:
    """Read back every slot of the open wage periods of a connection. Changes nothing in payroll.

    Raises `Unsupported` where payroll cannot be read, else the errors of a reading; then nothing is written down. Where
    it cannot be read, a person who looked there may say so with `checked_by`.
    """
    with open_connection(store, process, company, provider) as connection:
        if not connection.can(Capability.READ_BACK):
            return _checked(store, company, connection, checked_by.strip())
        refresh(store, company, connection, today)
        with store.read(company) as session:
            slots = list(_slots(session, provider))
        read = {slot: posting.read(slot) for slot, posting in _opened(connection, slots)}
    with store.write(company) as session:
        result = _compare(session, provider, read)
        session.audit(actor, "payroll read back", provider, slots=result.slots, unexplained=len(result.unexplained))
        if result.drifted or result.unexplained:
            session.tell(EventKind.EXPORT_DRIFTED, provider, entries=len(result.drifted), slots=len(result.unexplained))
        run, attempt = newest(session)
    store.mark.set(company, run, attempt)
    return result


def _checked(store: Store, company: str, connection: Connection, by: str) -> Reread:
    """Write down that a person saw in payroll what went out; raises `Unsupported` where nobody says so."""
    title = connection.provider.title
    if not by:
        raise Unsupported(
            f"{title} cannot be read back: look there which files were imported, tell it of each run, and then say "
            "in your name that you looked.",
            command="`hub export outcome` and then --checked-by NAME",
        )
    with store.write(company) as session:
        session.audit(by, "payroll checked by hand", connection.provider.name)
        run, attempt = newest(session)
    store.mark.set(company, run, attempt)
    return Reread(slots=0, drifted=(), unexplained=())


def newest(session: CompanySession) -> tuple[int, int]:
    """Return the number of the newest run, and that of the newest attempt with the files that were handed over added.

    0 where there is none; neither ever becomes less, but by an old backup.
    """
    run, attempt = (session.exec(select(func.max(table.id))).one() for table in (Run, Attempt))
    handed = session.exec(select(func.count()).where(col(File.handed_over_at).is_not(None))).one()
    return run or 0, (attempt or 0) + handed


def _slots(session: CompanySession, provider: str) -> Iterator[tuple[Administration, Slot]]:
    employees: dict[str, list[str]] = defaultdict(list)
    for one in session.all(Employee, Employee.provider == provider, col(Employee.member).is_not(None)):
        employees[one.body["administration"]].append(one.id)
    for row in session.all(AdministrationRow, AdministrationRow.provider == provider, col(AdministrationRow.active)):
        body = Administration.model_validate(row.body)
        kinds = sorted({code.kind for code in body.codes})
        for period in _open_periods(session, provider, body):
            for employee in employees[row.id]:
                for kind in kinds:
                    yield body, Slot(administration=row.id, employee=employee, period=period, kind=kind)


def _open_periods(session: CompanySession, provider: str, administration: Administration) -> Iterator[WagePeriod]:
    """Yield the current wage period and those after it up to the last timecard; all with cards if none is current."""
    counted = calendar(session, provider, administration.id)
    last = session.exec(select(func.max(Timecard.date))).one()
    first = session.exec(select(func.min(Timecard.date))).one()
    if counted is None or last is None or first is None:
        return
    year, number = administration.current_year, administration.current_number
    period = counted.period_of(first) if year is None or number is None else counted.dates_of(year, number)
    yield period
    while period.end < last:
        period = counted.period_of(date.fromordinal(period.end.toordinal() + 1))
        yield period


def _opened(connection: Connection, slots: list[tuple[Administration, Slot]]) -> Iterator[tuple[Slot, GuardedPosting]]:
    """Yield each slot with the place where it can be read."""
    opened: dict[tuple[str, WagePeriod], GuardedPosting] = {}
    for administration, slot in slots:
        place = (administration.id, slot.period)
        if place not in opened:
            opened[place] = connection.export(ExportRequest(administration=administration, period=slot.period))
        yield slot, opened[place]


def _compare(session: CompanySession, provider: str, read: dict[Slot, Rows]) -> Reread:
    drifted: list[int] = []
    strange: list[Strange] = []
    for slot, rows in read.items():
        drifted += _drifted(session, provider, slot, rows)
        unknown = _unknown(session, provider, slot, rows)
        _keep(session, provider, slot, unknown)
        if unknown:
            strange.append(Strange(slot=slot, rows=unknown))
    return Reread(slots=len(read), drifted=tuple(drifted), unexplained=tuple(strange))


def _of_slot(table: type[Entry] | type[Attempt] | type[Unexplained], provider: str, slot: Slot) -> tuple[object, ...]:
    return (
        table.provider == provider,
        table.administration == slot.administration,
        table.year == slot.period.year,
        table.number == slot.period.number,
        table.employee == slot.employee,
        table.kind == slot.kind,
    )


def _drifted(session: CompanySession, provider: str, slot: Slot, rows: Rows) -> Iterator[int]:
    """Yield the entries that payroll no longer holds as it did, and mark them."""
    entries = session.all(Entry, *_of_slot(Entry, provider, slot), col(Entry.state).in_(sorted(IN_PAYROLL)))
    ours = frozenset(one.posted_id for one in entries if one.posted_id and one.change != Change.WITHDRAW)
    for one in entries:
        differs = closing(job_of(one, slot.period.type), rows, rows, ours)
        if differs and one.state != EntryState.DRIFTED:
            check_entry(EntryState(one.state), EntryState.DRIFTED)
            session.audit("hub", "entry", f"entry {one.id}", **{"from": one.state, "to": EntryState.DRIFTED})
            one.state, one.reason = EntryState.DRIFTED, differs
            one.action = DECIDE
            session.add(one)
            yield one.id or 0


def _unknown(session: CompanySession, provider: str, slot: Slot, rows: Rows) -> Rows:
    """Return the rows that are neither ours nor were there before something that we sent; days have no rows."""
    if slot.kind is Kind.DAYS:
        return ()
    known = {one.posted_id for one in session.all(Entry, *_of_slot(Entry, provider, slot))}
    for attempt in session.all(Attempt, *_of_slot(Attempt, provider, slot)):
        known |= {row["id"] for row in attempt.before}
    return tuple(row for row in rows if row.id not in known)


def _keep(session: CompanySession, provider: str, slot: Slot, rows: Rows) -> None:
    key = (provider, slot.administration, slot.period.year, slot.period.number, slot.employee, str(slot.kind))
    old = session.find(Unexplained, *key)
    if old:
        session.delete(old)
        session.flush()
    if rows:
        session.add(
            Unexplained(
                company_id=session.company,
                provider=provider,
                administration=slot.administration,
                year=slot.period.year,
                number=slot.period.number,
                employee=slot.employee,
                kind=slot.kind,
                rows=[row.model_dump(mode="json") for row in rows],
            )
        )


def explain(session: CompanySession, provider: str, slot: Slot, code: str) -> None:
    """Forget the unknown rows of a slot under a code: a person has said what they are."""
    for one in session.all(Unexplained, *_of_slot(Unexplained, provider, slot)):
        one.rows = [row for row in one.rows if row["code"] != code]
        session.add(one)
