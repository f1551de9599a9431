"""Employees of payroll ↔ team members of the host: a plan first, then applied.

A link is kept on the provider's id. The same e-mail address, in capitals or not, that is unique on both sides proposes
one; a shared or missing address is a conflict that a person settles. A BSN is never matched on. Payroll is the leading
source; fields that the connection keeps with the host are left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlmodel import col

from hub.errors import ContractError, InputError
from hub.events.attention import works_again
from hub.events.kinds import EventKind
from hub.events.settled import settle
from hub.models import Contract, Employee
from hub.store.columns import now
from hub.store.companies import Administration
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.session import CompanySession

HOST_FIELDS = ("name", "email", "contract_type")
"""What a team member has that payroll also knows, and that a connection may leave to the host."""


class Step(StrEnum):
    """What a sync would do with one employee."""

    NEW = "new"
    LINKED = "linked"
    CHANGED = "changed"
    ENDED = "ended"
    CONFLICT = "conflict"
    FORMER = "former"
    SAME = "same"


@dataclass(frozen=True)
class PlannedPerson:
    """One employee and what the sync would do; `why` says it for a person, `fields` name what changed."""

    step: Step
    employee: Employee
    member: str = ""
    why: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class SyncPlan:
    """What a sync would do, person by person. `gone` are ids that the administrations in use no longer list."""

    provider: str
    people: tuple[PlannedPerson, ...]
    gone: tuple[str, ...] = ()
    counts: dict[Step, int] = field(default_factory=dict)

    def of(self, step: Step) -> tuple[PlannedPerson, ...]:
        """Return the people with this step."""
        return tuple(person for person in self.people if person.step is step)


def contract_on(employee: Employee, day: date) -> Contract | None:
    """Return the contract in force on a day (the latest to start), or None."""
    running = [one for one in employee.contracts if (one.start or date.min) <= day <= (one.end or date.max)]
    return max(running, key=lambda one: one.start or date.min, default=None)


def in_service(employee: Employee, day: date) -> bool:
    """Tell whether an employee is in service on a day: from the first to the last day of employment."""
    return (employee.starts or date.min) <= day <= (employee.ends or date.max)


class Matching:
    """What is known on both sides, indexed once, so that ten thousand people are matched in one pass."""

    def __init__(
        self,
        provider: str,
        employees: Collection[Employee],
        rows: Iterable[EmployeeRow],
        members: Iterable[TeamMember],
    ) -> None:
        self.provider = provider
        self.rows = {row.id: row for row in rows}
        self.in_payroll = Counter(one.email.lower() for one in employees if one.email)
        self.by_email: dict[str, list[str]] = {}
        self.members = set()
        for member in members:
            self.members.add(member.id)
            if member.email:
                self.by_email.setdefault(member.email.lower(), []).append(member.id)
        now_in = {one.id: one.administration for one in employees}  # somebody may have moved
        self.taken = {(now_in.get(id_, row.administration), row.member) for id_, row in self.rows.items() if row.member}

    def judge(self, employee: Employee, today: date) -> PlannedPerson:
        """Say what to do with one employee."""
        row = self.rows.get(employee.id)
        return self._known(employee, row, today) if row and row.member else self._unlinked(employee, row, today)

    def _known(self, employee: Employee, row: EmployeeRow, today: date) -> PlannedPerson:
        fresh = employee.model_dump(mode="json")
        fields = tuple(name for name, value in fresh.items() if row.body.get(name) != value)
        member = row.member or ""
        if not fields and not row.gone:
            return PlannedPerson(Step.SAME, employee, member)
        if _has_left(employee, today) and "ends" in fields:
            return PlannedPerson(Step.ENDED, employee, member, f"out of service after {employee.ends}", fields)
        why = "changed: " + ", ".join(fields) if fields else "in payroll again"
        return PlannedPerson(Step.CHANGED, employee, member, why, fields)

    def _unlinked(self, employee: Employee, row: EmployeeRow | None, today: date) -> PlannedPerson:
        candidates = self.by_email.get(employee.email.lower(), []) if employee.email else []
        doubt = self._doubt(employee, row, candidates)
        if doubt:
            return self._conflict(employee, doubt)
        if candidates:
            return PlannedPerson(Step.LINKED, employee, candidates[0], "same e-mail address")
        if _has_left(employee, today):
            return PlannedPerson(Step.FORMER, employee, "", f"left on {employee.ends}; not brought in")
        if not employee.email:
            return self._conflict(employee, "no e-mail address in payroll")
        made = member_id(self.provider, employee.id)
        if made in self.members:
            return self._conflict(employee, f"there is a team member {made} with another e-mail address")
        return PlannedPerson(Step.NEW, employee, "", "not in the host yet")

    def _doubt(self, employee: Employee, row: EmployeeRow | None, candidates: list[str]) -> str:
        """Say why the e-mail address cannot tell who this is; empty where it can."""
        if row and row.linked_by and candidates:
            return "the link was taken away by hand"
        if self.in_payroll[employee.email.lower()] > 1:
            return "several employees share this e-mail address"
        if len(candidates) > 1:
            return "several team members share this e-mail address"
        if candidates and (employee.administration, candidates[0]) in self.taken:
            return "the team member with this e-mail address is linked to another employee"
        return ""

    @staticmethod
    def _conflict(employee: Employee, why: str) -> PlannedPerson:
        return PlannedPerson(Step.CONFLICT, employee, "", f"{why}: link this person by hand")


def _has_left(employee: Employee, today: date) -> bool:
    return employee.ends is not None and employee.ends < today


def member_id(provider: str, employee: str) -> str:
    """Return the id of the team member that a sync makes from an employee."""
    return f"{provider}-{employee}"


def plan_sync(session: CompanySession, provider: str, employees: Collection[Employee], today: date) -> SyncPlan:
    """Compare what payroll told of the administrations in use with what is stored; changes nothing.

    Raises `ContractError` if the provider lists an employee twice.
    """
    rows = session.all(EmployeeRow, EmployeeRow.provider == provider)
    read = {employee.id for employee in employees}
    if len(read) < len(employees):
        raise ContractError(f"{provider} lists an employee twice: its author must mend it.")
    matching = Matching(provider, employees, rows, session.all(TeamMember))
    people = tuple(matching.judge(employee, today) for employee in employees)
    not_read = {
        one.id
        for one in session.all(
            Administration, Administration.provider == provider, col(Administration.active).is_(False)
        )
    }
    gone = tuple(row.id for row in rows if row.id not in read and not row.gone and row.administration not in not_read)
    return SyncPlan(provider, people, gone, dict(Counter(person.step for person in people)))


def tell_planned(session: CompanySession, plan: SyncPlan) -> None:
    """Tell that a sync was planned: the provider let itself be read, so its connection works."""
    works_again(session, plan.provider)
    session.tell(EventKind.SYNC_PLANNED, plan.provider, gone=len(plan.gone), **plan.counts)


def apply_sync(session: CompanySession, plan: SyncPlan, kept: Collection[str], actor: str, today: date) -> None:
    """Carry the plan out in this transaction: employees, links and team members.

    Raises `InputError` if links changed since it was made.
    """
    known = {row.id: row for row in session.all(EmployeeRow, EmployeeRow.provider == plan.provider)}
    _check_fresh(plan, known)
    made = {person.employee.id: member_id(plan.provider, person.employee.id) for person in plan.of(Step.NEW)}
    session.insert(TeamMember, [_member(person, made, plan.provider, today) for person in plan.of(Step.NEW)])
    rows = [_employee(person, made, known, plan.provider) for person in plan.people if person.step is not Step.SAME]
    session.insert(EmployeeRow, [row for row in rows if row["id"] not in known])
    session.change(EmployeeRow, [row for row in rows if row["id"] in known])
    session.change(
        TeamMember,
        [
            {"id": person.member, **_fields(person.employee, kept, today)}
            for step in (Step.LINKED, Step.CHANGED, Step.ENDED)
            for person in plan.of(step)
        ],
    )
    session.change(EmployeeRow, [{"provider": plan.provider, "id": one, "gone": True} for one in plan.gone])
    session.audit(actor, "sync applied", plan.provider, gone=len(plan.gone), **plan.counts)
    settle(session, session.company, EventKind.SYNC_CONFLICTS, provider=plan.provider)
    session.tell(EventKind.SYNC_APPLIED, plan.provider, gone=len(plan.gone), **plan.counts)
    if plan.of(Step.CONFLICT):
        session.tell(EventKind.SYNC_CONFLICTS, plan.provider, people=len(plan.of(Step.CONFLICT)))


def _fields(employee: Employee, kept: Collection[str], today: date) -> dict[str, Any]:
    contract = contract_on(employee, today)
    fresh = {
        "name": employee.name,
        "email": employee.email.lower(),
        "contract_type": contract.type if contract else None,
    }
    return {name: value for name, value in fresh.items() if name not in kept and value}


def _member(person: PlannedPerson, made: dict[str, str], provider: str, today: date) -> dict[str, Any]:
    fields = {"contract_type": None, **_fields(person.employee, (), today)}
    return {"id": made[person.employee.id], "source": provider, "name": person.employee.name, **fields}


def _employee(
    person: PlannedPerson, made: dict[str, str], known: dict[str, EmployeeRow], provider: str
) -> dict[str, Any]:
    employee, row = person.employee, known.get(person.employee.id)
    held = row.member if row else None
    member = made.get(employee.id) or person.member or held
    return {
        "provider": provider,
        "id": employee.id,
        "administration": employee.administration,
        "body": employee.model_dump(mode="json"),
        "member": member,
        "linked_by": row.linked_by if row and member == held else "sync" if member else "",
        "gone": False,
        "seen_at": now(),
    }


def _check_fresh(plan: SyncPlan, known: dict[str, EmployeeRow]) -> None:
    """Refuse a plan that was applied already, or that another sync or a link by hand overtook."""
    for person in plan.people:
        row = known.get(person.employee.id)
        linked = person.member if person.step in (Step.SAME, Step.CHANGED, Step.ENDED) else None
        if (row.member if row else None) != linked:
            raise InputError("Links changed since this sync was planned: plan it again.")


def link(session: CompanySession, provider: str, employee: str, member: str | None, actor: str) -> None:
    """Settle by hand who an employee is; None takes the link away, and no sync gives it back by e-mail address.

    Raises `InputError` for unknown ids.
    """
    row = session.need(EmployeeRow, f"Employee {employee}", provider, employee)
    if member is not None:
        session.need(TeamMember, f"Team member {member}", member)
    row.member, row.linked_by = member, actor
    session.add(row)
    session.audit(actor, "link settled", f"employee {employee}", member=member)


def check_kept(fields: Collection[str]) -> list[str]:
    """Return the fields to keep with the host, sorted. Raises `InputError` for one that is not among `HOST_FIELDS`."""
    wrong = sorted(set(fields) - set(HOST_FIELDS))
    if wrong:
        raise InputError(f"{', '.join(wrong)} cannot be kept by the host; choose from {', '.join(HOST_FIELDS)}.")
    return sorted(fields)
