"""Short ways to sync a few employees with a provider named p, on 2 November 2026, for tests of who is who."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from hub.models import Employee
from hub.store.companies import Company, Connection, DataKey
from hub.store.database import Store
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.session import CompanySession
from hub.workforce import PlannedPerson, SyncPlan, apply_sync, plan_sync

TODAY = date(2026, 11, 2)
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)


@contextmanager
def connected(store: Store) -> Iterator[CompanySession]:
    """Yield a writing session of a company that is connected with a provider named p."""
    with store.everywhere() as session:
        session.add(Company(id="acme", name="Acme"))
        session.flush()
        session.add(DataKey(company_id="acme", version=1, wrapped=store.master.new_data_key("acme", 1)))
    with store.write("acme") as opened:
        opened.insert(Connection, [{"provider": "p"}])
        yield opened


def employee(number: int = 1, **changes: Any) -> Employee:  # noqa: ANN401 - the fields of Employee
    """Return an employee of administration A with an e-mail address of their own."""
    known = {"administration": "A", "first_name": "Fenna", "last_name": "Tolsma", "email": f"e{number}@example.nl"}
    return Employee(**{"id": str(number), **known, **changes})


def add_member(session: CompanySession, name: str, email: str = "", **more: Any) -> None:  # noqa: ANN401 - fields
    """Store a team member."""
    session.insert(TeamMember, [{"id": name, "name": name, "email": email, **more}])


def planned(session: CompanySession, *employees: Employee) -> SyncPlan:
    """Plan a sync of these employees."""
    return plan_sync(session, "p", employees, TODAY)


def only(session: CompanySession, *employees: Employee) -> PlannedPerson:
    """Return what is planned for the first employee."""
    return planned(session, *employees).people[0]


def sync(session: CompanySession, *employees: Employee, kept: Collection[str] = ()) -> SyncPlan:
    """Plan a sync of these employees and apply it."""
    plan = planned(session, *employees)
    apply_sync(session, plan, kept, "tester", TODAY)
    session.expire_all()
    return plan


def linked(session: CompanySession, number: int = 1) -> str | None:
    """Return the team member that an employee is linked to."""
    return session.need(EmployeeRow, "The employee", "p", str(number)).member


def member(session: CompanySession, name: str) -> TeamMember:
    """Return a stored team member."""
    return session.need(TeamMember, "The team member", name)
