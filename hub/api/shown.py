"""Rows of long lists as they are shown: people, employees, timecards and the audit trail. None of them has a BSN."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hub.intake.contracts import HostContract
from hub.looking import Person
from hub.models import Model
from hub.store.companies import Audit
from hub.store.people import Employee, Timecard
from hub.timecards import colour
from hub.workforce import PlannedPerson


class MemberShown(Model):
    """A team member; no BSN is ever given back. `source` is `host`, or the provider that brought the person."""

    id: str
    name: str
    email: str
    contract_type: str | None
    venue: str
    source: str
    contracts: tuple[HostContract, ...] = ()

    @classmethod
    def of(cls, one: Person) -> MemberShown:
        """Return a team member as it is shown."""
        held = one.member.model_dump(include=set(cls.model_fields))
        return cls.model_validate({**held, "contracts": one.contracts})


class EmployeeShown(Model):
    """A person in payroll, as last read, and which team member it is. `gone` ones are no longer listed there."""

    provider: str
    id: str
    administration: str
    number: str
    name: str
    email: str
    starts: date | None
    ends: date | None
    member: str | None
    linked_by: str
    gone: bool
    seen_at: datetime

    @classmethod
    def of(cls, row: Employee) -> EmployeeShown:
        """Return an employee as it is shown."""
        named = ("provider", "id", "administration", "member", "linked_by", "gone", "seen_at")
        told = ("number", "email", "starts", "ends")
        name = " ".join(row.body.get(part) or "" for part in ("first_name", "prefix", "last_name"))
        return cls.model_validate(
            {
                **{one: getattr(row, one) for one in named},
                **{one: row.body.get(one) for one in told},
                "name": " ".join(name.split()),
            }
        )


class ConflictShown(Model):
    """An employee of whom a person must say who it is, and why that cannot be told."""

    employee: str
    number: str
    name: str
    email: str
    why: str

    @classmethod
    def of(cls, one: PlannedPerson) -> ConflictShown:
        """Return a conflict as it is shown."""
        employee = one.employee
        return cls(employee=employee.id, number=employee.number, name=employee.name, email=employee.email, why=one.why)


class MemberLinks(Model):
    """A team member and the employees that it is in payroll."""

    member: MemberShown
    employees: tuple[EmployeeShown, ...]


class CardShown(Model):
    """A timecard and how far it is: `white` where payroll holds it at its revision.

    `colour` is that of the planning product: blue is planned, orange written, green approved, white exported, purple
    leave, and red any other absence.
    """

    id: str
    revision: int
    member: str
    venue: str
    date: date
    start: datetime
    end: datetime
    break_minutes: int
    minutes: int
    status: str
    category: str
    amounts: tuple[dict[str, Any], ...]
    exported_revision: int | None
    exported_by: str
    deleted: bool
    white: bool
    colour: str

    @classmethod
    def of(cls, row: Timecard) -> CardShown:
        """Return a timecard as it is shown."""
        white = row.exported_revision == row.revision and not row.deleted
        named = colour(row.status, row.category, row.revision, row.exported_revision)
        return cls.model_validate({**row.model_dump(include=set(cls.model_fields)), "white": white, "colour": named})


class AuditShown(Model):
    """Who did what, and when (UTC)."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, row: Audit) -> AuditShown:
        """Return a line of the trail as it is shown."""
        return cls.model_validate(row.model_dump(exclude={"company_id"}))
