"""People of whom nothing is kept any more, and BSNs that no payroll needs any more: they go, BSNs long before names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, func, select

from hub.durations import AMSTERDAM
from hub.errors import HubError
from hub.intake.shapes import TimecardStatus
from hub.process import Process
from hub.registry import find
from hub.store.companies import Company, Connection
from hub.store.exports import Entry
from hub.store.people import Employee, MemberContract, TeamMember, Timecard
from hub.store.session import CompanySession

AFTER_LEAVING = timedelta(weeks=52)
"""For how long after the last contract a BSN is kept, for what is still corrected."""


SETTING_UP = timedelta(days=90)
"""For how long a company that was added may have BSNs before it is connected to a payroll that asks for them."""


def erase_bsns(session: CompanySession, process: Process, today: date) -> int:
    """Erase the BSNs that no connection needs, and of those who left a year ago; return how many.

    One stays while hours of that person, or a correction of them, are still to go out. Of who has no
    contract in the host's files it is not known who left.
    """
    needed = _is_new(session, today) or any(_needs_bsn(one.provider, process) for one in session.all(Connection))
    left = _left(session, today - AFTER_LEAVING)
    erased = 0
    for row in session.all(TeamMember, col(TeamMember.bsn).is_not(None)):
        if not needed or (row.id in left and not _is_owed(session, row.id)):
            row.bsn = None
            session.add(row)
            session.audit("hub", "BSN erased", f"member {row.id}")
            erased += 1
    session.flush()
    return erased


def _is_new(session: CompanySession, today: date) -> bool:
    made = session.exec(select(Company.created_at).where(Company.id == session.company)).one()
    return today < made.astimezone(AMSTERDAM).date() + SETTING_UP


def _needs_bsn(provider: str, process: Process) -> bool:
    """Tell whether a provider asks for BSNs; of one that cannot be asked now, assume it."""
    try:
        return find(provider, process.providers).needs_bsn
    except HubError:
        return True


def _left(session: CompanySession, day: date) -> set[str]:
    """Return the members all of whose contracts ended before a day, in payroll too where they are linked."""
    ends: dict[str, date] = {}
    for one in session.all(MemberContract):
        ends[one.member] = max(ends.get(one.member, date.min), one.end or date.max)
    for row in session.all(Employee, col(Employee.member).is_not(None)):
        ends[row.member or ""] = max(ends.get(row.member or "", date.min), _last_day(row))
    return {member for member, end in ends.items() if end < day}


def _is_owed(session: CompanySession, member: str) -> bool:
    """Tell whether payroll does not hold a member's hours as they are now: approved ones, or any that it got before."""
    goes = (col(Timecard.status) == TimecardStatus.APPROVED) & col(Timecard.deleted).is_(False)
    cards = select(Timecard.id).where(
        Timecard.member == member,
        col(Timecard.exported_revision).is_distinct_from(col(Timecard.revision)),
        goes | col(Timecard.exported_revision).is_not(None),
    )
    return session.exec(cards.limit(1)).first() is not None


def _last_day(row: Employee) -> date:
    """Return the last day of an employee: of service, or on which payroll still listed the person."""
    ends = row.body.get("ends")
    if ends:
        return date.fromisoformat(ends)
    return row.seen_at.astimezone(AMSTERDAM).date() if row.gone else date.max


def remove_people(session: CompanySession, day: date) -> dict[str, int]:
    """Remove the employees and team members who left before a day and of whom no timecard or entry is kept."""
    employees = [one for one in session.all(Employee) if _last_day(one) < day and not _has_entries(session, one)]
    left = _left(session, day)  # before the employees are gone, who tell who left
    for row in employees:
        session.delete(row)
    session.flush()
    linked = set(session.exec(select(Employee.member)))
    members = [one for one in sorted(left - {one for one in linked if one}) if not _has_cards(session, one)]
    for start in range(0, len(members), 500):
        part = members[start : start + 500]
        session.execute(delete(TeamMember).where(col(TeamMember.id).in_(part)), execution_options=_LATER)
    return {"employees": len(employees), "members": len(members)}


_LATER: Any = {"synchronize_session": False}


def _has_entries(session: CompanySession, row: Employee) -> bool:
    of_row = (Entry.provider == row.provider, Entry.employee == row.id)
    return session.exec(select(func.count()).select_from(Entry).where(*of_row)).one() > 0


def _has_cards(session: CompanySession, member: str) -> bool:
    held = session.exec(select(Timecard.id).where(Timecard.member == member).limit(1)).first() is not None
    return held or session.exec(select(Entry.id).where(Entry.employee == member).limit(1)).first() is not None
