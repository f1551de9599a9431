"""Everything that is held on a company or on one person, as one JSON document, a row at a time.

Of a person: the rows whose `member`, `employee` or `entry` is that person's, and of everything else only what names
one of these. Secrets and sealed values are never in it; a BSN is where it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, or_
from sqlalchemy import inspect as mapping_of
from sqlmodel import SQLModel, col, select

from hub.errors import InputError
from hub.intake.keep import bsn_place
from hub.store.columns import CompanyRow
from hub.store.companies import Audit, Company, Connection
from hub.store.database import Store
from hub.store.exports import Entry
from hub.store.people import Employee, TeamMember, Timecard
from hub.store.session import CompanySession
from hub.vault import Vault

AT_ONCE = 500
"""How many rows are in memory at once."""

NOT_SHOWN = "not shown"
"""What stands in the place of a value that is sealed."""


@dataclass(frozen=True)
class Person:
    """Who it is about: the id of the team member, of the employees (provider, id), of the timecards and entries."""

    member: str
    employees: frozenset[tuple[str, str]]
    cards: frozenset[str]
    entries: frozenset[int]

    def names(self, key: str, value: object) -> bool:
        """Tell whether a field in a JSON document names this person."""
        known: dict[str, Any] = {
            "member": {self.member} - {""},
            "employee": {one for _, one in self.employees},
            "timecard": self.cards,
            "entry": self.entries,
        }
        return isinstance(value, str | int) and value in known.get(key, ())


def person(session: CompanySession, member: str = "", employee: tuple[str, str] | None = None) -> Person:
    """Return who a team member, or an employee of a provider, is. Raises `InputError` if there is none of this id."""
    own = {employee} if employee else set()
    if employee:
        member = session.need(Employee, f"Employee {employee[1]}", *employee).member or ""
    if member:
        session.need(TeamMember, f"Team member {member}", member)
        own |= {(one.provider, one.id) for one in session.all(Employee, Employee.member == member)}
        own |= {(one.provider, member) for one in session.all(Connection) if _by_member(session, one.provider)}
    cards = session.exec(select(Timecard.id).where(Timecard.member == member)) if member else ()
    entries = session.exec(select(Entry.id).where(or_(*(_is(Entry, one) for one in own)))) if own else ()
    return Person(member, frozenset(own), frozenset(cards), frozenset(one or 0 for one in entries))


def _by_member(session: CompanySession, provider: str) -> bool:
    """Tell whether a provider knows nobody: then the entries of its files name the team members themselves."""
    return session.exec(select(Employee.id).where(Employee.provider == provider).limit(1)).first() is None


def _is(table: Any, employee: tuple[str, str]) -> Any:  # noqa: ANN401 - a table, and SQLAlchemy's own expressions
    return and_(table.provider == employee[0], table.employee == employee[1])


def tables() -> list[type[CompanyRow]]:
    """Return every table of companies, each after those that it refers to."""
    known = {one.__tablename__: one for one in CompanyRow.__subclasses__() if mapping_of(one, raiseerr=False)}
    return [known[one.name] for one in SQLModel.metadata.sorted_tables if one.name in known]


def held(store: Store, session: CompanySession, now: datetime, about: Person | None, *, bsn: bool) -> Iterator[str]:
    """Yield the document in parts: about a person, or about the whole company."""
    vault = store.vault(session) if bsn else None
    company = session.exec(select(Company).where(Company.id == session.company)).one()
    head = {"company": company.id, "name": company.name, "new_day": company.new_day, "made_at": now.isoformat()}
    yield _text({**head, "about": about.member or sorted(about.employees)[0][1] if about else ""})[:-1]
    yield ', "held": {'
    for number, table in enumerate(tables()):
        yield f"{',' if number else ''}\n{json.dumps(str(table.__tablename__))}: ["
        yield from _between(_text(one) for one in _rows(session, table, about, vault))
        yield "]"
    yield "}}\n"


def _between(rows: Iterator[str]) -> Iterator[str]:
    for number, text in enumerate(rows):
        yield f"{',' if number else ''}\n{text}"


def _rows(
    session: CompanySession, table: type[CompanyRow], about: Person | None, vault: Vault | None
) -> Iterator[Mapping[str, Any]]:
    own = _condition(table, about) if about else None
    question = select(table) if own is None else select(table).where(own)
    for row in session.exec(question.execution_options(yield_per=AT_ONCE)):
        shown = _shown(row, vault)
        named = shown if about is None or own is not None else _named(shown, row, about)
        if named:
            yield named


def _condition(table: Any, about: Person) -> Any:  # noqa: ANN401 - a table, and SQLAlchemy's own expressions
    """Return which rows of a table are the person's, by its columns; None where none of them says so."""
    columns = mapping_of(table).columns.keys()
    if table is TeamMember:
        return col(TeamMember.id) == about.member
    if table is Employee:
        return or_(false(), *(and_(col(Employee.provider) == p, col(Employee.id) == one) for p, one in about.employees))
    if "employee" in columns:
        return or_(false(), *(_is(table, one) for one in about.employees))
    if "entry" in columns:
        return col(table.entry).in_(_entries_of(about))
    return col(table.member) == about.member if "member" in columns else None


def _entries_of(about: Person) -> Any:  # noqa: ANN401 - as above
    return select(Entry.id).where(or_(false(), *(_is(Entry, one) for one in about.employees)))


def _shown(row: CompanyRow, vault: Vault | None) -> dict[str, Any]:
    values = {name: value for name, value in row.model_dump().items() if name != "company_id"}
    if isinstance(row, TeamMember) and row.bsn and vault:
        return {**values, "bsn": vault.open(bsn_place(row.id), row.bsn)}
    return {name: NOT_SHOWN if isinstance(value, bytes) else value for name, value in values.items()}


def _named(shown: Mapping[str, Any], row: CompanyRow, about: Person) -> dict[str, Any]:
    """Return of a row that is nobody's what names this person; nothing where nothing does."""
    parts = {name: _part(value, about) for name, value in shown.items() if isinstance(value, dict | list)}
    if not any(parts.values()) and not (isinstance(row, Audit) and row.subject in _subjects(about)):
        return {}
    return {**shown, **parts}


def _subjects(about: Person) -> set[str]:
    """Return how the audit trail calls the person and what is theirs."""
    employees = {f"employee {one}" for _, one in about.employees}
    return {f"member {about.member}", *employees, *(f"entry {one}" for one in about.entries)}


def _part(value: Any, about: Person) -> Any:  # noqa: ANN401 - JSON
    """Return of a JSON document the objects that name this person, where they stand."""
    if isinstance(value, dict):
        if any(about.names(key, one) for key, one in value.items()):
            return value
        return {key: part for key, one in value.items() if (part := _part(one, about))}
    if isinstance(value, list):
        return [part for one in value if (part := _part(one, about))]
    return None


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:  # noqa: ANN401 - dates and moments
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def named(member: str, employee: str) -> tuple[str, tuple[str, str] | None]:
    """Read who is meant: an id of a team member, or PROVIDER/ID of an employee. Raises `InputError` for both."""
    provider, _, identity = employee.partition("/")
    if member and employee:
        raise InputError("Name a team member or an employee, not both.")
    if employee and not identity:
        raise InputError("An employee is named by the provider and payroll's id, such as nmbrs/50001.")
    return member, (provider, identity) if employee else None
