"""Links between employees and team members: by hand, applied once, and never two where one may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import InputError
from hub.models import Employee
from hub.store.companies import Audit
from hub.store.database import Store
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.session import CompanySession
from hub.testing.syncing import (
    TODAY,
    YESTERDAY,
    add_member,
    connected,
    employee,
    linked,
    member,
    only,
    planned,
    sync,
)
from hub.workforce import (
    Step,
    apply_sync,
    link,
)


@pytest.fixture
def session(store: Store) -> Iterator[CompanySession]:
    with connected(store) as opened:
        yield opened


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_a_link_by_hand_survives_a_sync(session: CompanySession) -> None:
    add_member(session, "M-1", "one@example.nl")
    add_member(session, "M-2", "e1@example.nl")
    sync(session, employee())
    link(session, "p", "1", "M-1", "tester")
    session.flush()
    sync(session, employee(last_name="Visser"))
    row = session.need(EmployeeRow, "The employee", "p", "1")
    assert (row.member, row.linked_by) == ("M-1", "tester")


def test_a_link_that_was_taken_away_by_hand_stays_away(session: CompanySession) -> None:
    add_member(session, "M-1", "e1@example.nl")
    sync(session, employee())
    link(session, "p", "1", None, "tester")
    session.flush()
    for _ in range(2):
        assert sync(session, employee()).people[0].why.startswith("the link was taken away by hand")
    assert linked(session) is None


def test_a_link_by_hand_settles_a_conflict(session: CompanySession) -> None:
    add_member(session, "M-1", "other@example.nl")
    sync(session, employee(email=""))
    link(session, "p", "1", "M-1", "tester")
    session.flush()
    assert only(session, employee(email="")).step is Step.SAME


def test_a_link_by_hand_is_in_the_audit_trail(session: CompanySession) -> None:
    add_member(session, "M-1")
    sync(session, employee(email=""))
    link(session, "p", "1", "M-1", "tester")
    [row] = session.all(Audit, Audit.action == "link settled")
    assert (row.actor, row.subject, row.detail) == ("tester", "employee 1", {"member": "M-1"})


def test_a_link_needs_both_sides(session: CompanySession) -> None:
    sync(session, employee())
    for number, name in (("2", "p-1"), ("1", "nobody")):
        with pytest.raises(InputError, match="is not known in company acme"):
            link(session, "p", number, name, "tester")


# -- applying ---------------------------------------------------------------------------------------------------------


def state(session: CompanySession) -> list[dict[str, Any]]:
    """Return all employees and team members as they are stored, but for the moment they were seen."""
    session.expire_all()
    rows = [*session.all(EmployeeRow), *session.all(TeamMember)]
    return [row.model_dump(exclude={"seen_at"}) for row in rows]


EVERYBODY = (
    employee(1),
    employee(2, email=""),
    employee(3, email="shared@example.nl"),
    employee(4, email="shared@example.nl"),
    employee(5, ends=YESTERDAY),
    employee(6),
)


def test_applying_twice_changes_nothing(session: CompanySession) -> None:
    add_member(session, "M-6", "e6@example.nl")
    sync(session, *EVERYBODY)
    first = state(session)
    again = sync(session, *EVERYBODY)
    assert state(session) == first
    assert set(again.counts) == {Step.SAME, Step.CONFLICT, Step.FORMER}


def test_a_plan_that_was_applied_already_is_refused(session: CompanySession) -> None:
    plan = sync(session, *EVERYBODY)
    with pytest.raises(InputError, match="plan it again"):
        apply_sync(session, plan, (), "tester", TODAY)


def test_a_plan_that_a_link_by_hand_overtook_is_refused(session: CompanySession) -> None:
    add_member(session, "M-1")
    sync(session, employee())
    plan = planned(session, employee(last_name="Visser"))
    link(session, "p", "1", "M-1", "tester")
    session.flush()
    with pytest.raises(InputError, match="plan it again"):
        apply_sync(session, plan, (), "tester", TODAY)


def test_a_sync_is_in_the_audit_trail_in_numbers_only(session: CompanySession) -> None:
    sync(session, *EVERYBODY)
    [row] = session.all(Audit, Audit.action == "sync applied")
    assert row.detail == {"gone": 0, "new": 2, "conflict": 3, "former": 1}


def test_a_bsn_is_never_looked_at(session: CompanySession) -> None:
    """What stands in the column is no sealed value and would not open; it also changes nothing about the plan."""
    add_member(session, "M-1", "e1@example.nl", bsn=b"123456782")
    add_member(session, "M-2", "other@example.nl", bsn=b"123456782")
    assert sync(session, employee(1), employee(2)).counts == {Step.LINKED: 1, Step.NEW: 1}
    assert member(session, "M-1").bsn == b"123456782"


# -- any list of people -----------------------------------------------------------------------------------------------

ADDRESSES = st.sampled_from(["", "a@example.nl", "A@example.nl", "b@example.nl", "c@example.nl"])
ENDS = st.sampled_from([None, YESTERDAY, TODAY])
PEOPLE = st.lists(
    st.builds(employee, st.integers(1, 6), administration=st.sampled_from("AB"), email=ADDRESSES, ends=ENDS),
    max_size=6,
    unique_by=lambda one: one.id,
)
MEMBERS = st.lists(st.tuples(st.sampled_from(["M-1", "M-2", "M-3", "p-1"]), ADDRESSES), unique_by=lambda one: one[0])
KEPT = st.sets(st.sampled_from(["name", "email", "contract_type"]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=PEOPLE, second=PEOPLE, members=MEMBERS, kept=KEPT)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_there_is_each_employee_gets_one_step_and_no_member_two_employees_of_an_administration(
    session: CompanySession,
    first: list[Employee],
    second: list[Employee],
    members: list[tuple[str, str]],
    kept: set[str],
) -> None:
    with session.begin_nested() as nested:
        for name, email in members:
            add_member(session, name, email)
        for people in (first, second, second, second):  # an address that moves between people is free one sync later
            plan = sync(session, *people, kept=kept)
            assert [one.employee.id for one in plan.people] == [one.id for one in people]
            assert sum(plan.counts.values()) == len(people)
            _check_links(session)
        assert not {Step.NEW, Step.CHANGED, Step.ENDED} & set(plan.counts)
        nested.rollback()
    session.expunge_all()


def _check_links(session: CompanySession) -> None:
    rows = [row for row in session.all(EmployeeRow) if row.member]
    assert len({(row.administration, row.member) for row in rows}) == len(rows)
