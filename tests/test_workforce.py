"""Employees of payroll become team members of the host: what a sync plans and applies, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from hub.errors import ContractError, InputError
from hub.models import Contract, ContractType
from hub.store.companies import Administration, Connection
from hub.store.database import Store
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember
from hub.store.session import CompanySession
from hub.testing.syncing import (
    TODAY,
    TOMORROW,
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
    check_kept,
    contract_on,
    in_service,
    link,
    member_id,
    plan_sync,
)


@pytest.fixture
def session(store: Store) -> Iterator[CompanySession]:
    with connected(store) as opened:
        yield opened


# -- who an employee is -----------------------------------------------------------------------------------------------


def test_an_employee_that_the_host_does_not_know_becomes_a_team_member(session: CompanySession) -> None:
    running = Contract(id="1", start=YESTERDAY, type=ContractType.FIXED_HOURS)
    assert sync(session, employee(prefix="van der", contracts=(running,))).counts == {Step.NEW: 1}
    made = member(session, "p-1")
    assert (made.name, made.email, made.source) == ("Fenna van der Tolsma", "e1@example.nl", "p")
    assert (made.contract_type, made.venue, made.bsn) == ("fixed_hours", "", None)
    assert linked(session) == "p-1"


def test_an_employee_is_linked_to_the_only_team_member_with_the_same_address(session: CompanySession) -> None:
    add_member(session, "M-1", "e1@example.nl")
    add_member(session, "M-2", "e2@example.nl")
    assert sync(session, employee()).people[0].member == "M-1"
    assert linked(session) == "M-1"
    assert member(session, "M-1").name == "Fenna Tolsma"


def test_capitals_in_an_address_make_no_difference(session: CompanySession) -> None:
    add_member(session, "M-1", "e1@example.nl")
    assert sync(session, employee(email="E1@Example.NL")).counts == {Step.LINKED: 1}
    assert member(session, "M-1").email == "e1@example.nl"


def test_employees_that_share_an_address_are_conflicts(session: CompanySession) -> None:
    add_member(session, "M-1", "info@example.nl")
    plan = sync(session, employee(1, email="info@example.nl"), employee(2, email="Info@example.nl"))
    assert [one.step for one in plan.people] == [Step.CONFLICT, Step.CONFLICT]
    assert plan.people[0].why == "several employees share this e-mail address: link this person by hand"
    assert [linked(session, 1), linked(session, 2)] == [None, None]


def test_team_members_that_share_an_address_are_a_conflict(session: CompanySession) -> None:
    add_member(session, "M-1", "e1@example.nl")
    add_member(session, "M-2", "e1@example.nl")
    assert sync(session, employee()).people[0].why.startswith("several team members share")
    assert linked(session) is None


def test_an_employee_without_an_address_is_a_conflict(session: CompanySession) -> None:
    add_member(session, "M-1", "")
    assert sync(session, employee(email="")).people[0].why.startswith("no e-mail address in payroll")
    assert linked(session) is None


def test_a_team_member_that_is_linked_already_is_not_given_to_a_second_employee(session: CompanySession) -> None:
    add_member(session, "M-1", "e2@example.nl")
    sync(session, employee(1, email=""))
    link(session, "p", "1", "M-1", "tester")
    session.flush()
    assert only(session, employee(2)).why.startswith("the team member with this e-mail address is linked to another")


def test_one_person_in_two_administrations_is_linked_in_both(session: CompanySession) -> None:
    add_member(session, "M-1", "e1@example.nl")
    sync(session, employee(1))
    assert only(session, employee(2, administration="B", email="e1@example.nl")).member == "M-1"


def test_the_administration_that_an_employee_moves_to_counts(session: CompanySession) -> None:
    """The team member of somebody who moves to an administration is not free for a second employee there."""
    sync(session, employee(1, administration="B"))
    moved, second = employee(1, email=""), employee(2, email="e1@example.nl")
    assert only(session, second, moved).step is Step.CONFLICT


def test_who_left_before_and_is_not_known_is_not_brought_in(session: CompanySession) -> None:
    plan = sync(session, employee(1, ends=YESTERDAY), employee(2, ends=TODAY))
    assert [one.step for one in plan.people] == [Step.FORMER, Step.NEW]
    assert [one.id for one in session.all(TeamMember)] == ["p-2"]


def test_a_team_member_that_exists_already_is_not_made_again(session: CompanySession) -> None:
    """The host renamed the address of a person that an earlier sync made, and the link was taken away."""
    add_member(session, "p-1", "other@example.nl")
    assert sync(session, employee()).people[0].why.startswith("there is a team member p-1 with another e-mail address")
    assert member(session, "p-1").name == "p-1"


def test_a_provider_that_lists_an_employee_twice_is_told(session: CompanySession) -> None:
    with pytest.raises(ContractError, match="p lists an employee twice: its author must mend it"):
        planned(session, employee(1), employee(1, administration="B"))


# -- what changed -----------------------------------------------------------------------------------------------------


def test_a_sync_that_brings_nothing_new_says_so(session: CompanySession) -> None:
    sync(session, employee())
    assert planned(session, employee()).counts == {Step.SAME: 1}


def test_a_change_names_the_fields_and_reaches_the_team_member(session: CompanySession) -> None:
    sync(session, employee())
    person = sync(session, employee(last_name="Visser", phone="0612345678")).people[0]
    assert (person.step, person.fields) == (Step.CHANGED, ("last_name", "phone"))
    assert person.why == "changed: last_name, phone"
    assert member(session, "p-1").name == "Fenna Visser"


def test_what_payroll_leaves_empty_stays_as_the_host_has_it(session: CompanySession) -> None:
    add_member(session, "M-1", "e1@example.nl", contract_type="zero_hours", venue="V")
    sync(session, employee())
    sync(session, employee(email=""))
    kept = member(session, "M-1")
    assert (kept.email, kept.contract_type, kept.venue) == ("e1@example.nl", "zero_hours", "V")


def test_an_end_of_employment_that_has_passed_is_told(session: CompanySession) -> None:
    sync(session, employee())
    person = sync(session, employee(ends=YESTERDAY)).people[0]
    assert (person.step, person.why) == (Step.ENDED, f"out of service after {YESTERDAY}")
    assert linked(session) == "p-1"


@pytest.mark.parametrize("ends", [TODAY, TOMORROW])
def test_an_end_of_employment_to_come_is_a_change_only(session: CompanySession, ends: date) -> None:
    sync(session, employee())
    assert only(session, employee(ends=ends)).step is Step.CHANGED


def test_an_end_that_is_taken_back_before_the_start_is_a_change_only(session: CompanySession) -> None:
    """Somebody who starts tomorrow is not in service today, and has not left either."""
    sync(session, employee(starts=TOMORROW, ends=TOMORROW))
    assert only(session, employee(starts=TOMORROW)).step is Step.CHANGED


def test_whom_payroll_no_longer_lists_is_gone_and_keeps_the_link(session: CompanySession) -> None:
    sync(session, employee(1), employee(2))
    assert sync(session, employee(1)).gone == ("2",)
    assert session.need(EmployeeRow, "The employee", "p", "2").gone
    assert linked(session, 2) == "p-2"
    assert planned(session, employee(1)).gone == ()


def test_employees_of_an_administration_that_is_not_in_use_are_not_gone(session: CompanySession) -> None:
    session.insert(Administration, [{"provider": "p", "id": "B"}])
    sync(session, employee(1), employee(2, administration="B"))
    row = session.need(Administration, "B", "p", "B")
    row.active = False
    session.add(row)
    session.flush()
    assert planned(session, employee(1)).gone == ()


def test_who_was_gone_and_is_listed_again_is_back(session: CompanySession) -> None:
    sync(session, employee())
    sync(session)
    person = sync(session, employee()).people[0]
    assert (person.step, person.why) == (Step.CHANGED, "in payroll again")
    assert not session.need(EmployeeRow, "The employee", "p", "1").gone


def test_who_is_hired_again_keeps_the_link(session: CompanySession) -> None:
    sync(session, employee(starts=date(2025, 1, 1)))
    sync(session, employee(starts=date(2025, 1, 1), ends=YESTERDAY))
    person = sync(session, employee(starts=TODAY)).people[0]
    assert (person.step, person.fields, person.member) == (Step.CHANGED, ("starts", "ends"), "p-1")


def test_who_is_hired_again_as_a_new_employee_is_settled_by_hand(session: CompanySession) -> None:
    """Payroll has two records of one person now; each is in service at its own time, so both may have the link."""
    sync(session, employee(1, ends=YESTERDAY - timedelta(days=1)), employee(3))
    add_member(session, "M-1", "e1@example.nl")
    people = [employee(1, ends=YESTERDAY), employee(2, email="e1@example.nl"), employee(3)]
    assert [one.step for one in sync(session, *people).people] == [Step.CONFLICT, Step.CONFLICT, Step.SAME]
    link(session, "p", "2", "M-1", "tester")
    session.flush()
    assert [one.step for one in planned(session, *people).people] == [Step.CONFLICT, Step.SAME, Step.SAME]


def test_another_provider_of_the_same_company_is_left_alone(session: CompanySession) -> None:
    session.insert(Connection, [{"provider": "q"}])
    plan = plan_sync(session, "q", [employee(email="q@example.nl")], TODAY)
    apply_sync(session, plan, (), "tester", TODAY)
    sync(session, employee(2))
    assert session.need(EmployeeRow, "The employee", "q", "1").gone is False
    assert {one.id for one in session.all(TeamMember)} == {"q-1", "p-2"}


# -- what the host keeps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"), [("name", "M-1"), ("email", "e1@example.nl"), ("contract_type", "freelance")]
)
def test_a_field_that_the_host_keeps_stays(session: CompanySession, field: str, value: str) -> None:
    add_member(session, "M-1", "e1@example.nl", contract_type="freelance")
    changes: dict[str, Any] = {
        "email": "new@example.nl",
        "contracts": (Contract(id="1", type=ContractType.ZERO_HOURS),),
    }
    sync(session, employee(), kept=[field])
    sync(session, employee(**changes), kept=[field])
    found = member(session, "M-1")
    assert getattr(found, field) == value
    others = {"name": "Fenna Tolsma", "email": "new@example.nl", "contract_type": "zero_hours"}
    del others[field]
    assert {name: getattr(found, name) for name in others} == others


def test_where_the_host_keeps_everything_only_the_link_is_made(session: CompanySession) -> None:
    add_member(session, "M-1", "e1@example.nl")
    sync(session, employee(), kept=["name", "email", "contract_type"])
    assert (linked(session), member(session, "M-1").name) == ("M-1", "M-1")


def test_only_fields_that_payroll_knows_can_be_kept() -> None:
    assert check_kept(["name", "email"]) == ["email", "name"]
    with pytest.raises(InputError, match="venue cannot be kept by the host; choose from name, email, contract_type"):
        check_kept(["venue"])


# -- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TOMORROW, None, False),
        (None, YESTERDAY, False),
    ],
)
def test_service_lasts_from_the_first_to_the_last_day(starts: date | None, ends: date | None, expected: bool) -> None:
    assert in_service(employee(starts=starts, ends=ends), TODAY) is expected


def test_the_contract_of_a_day_is_the_latest_that_runs() -> None:
    old = Contract(id="old", end=YESTERDAY)
    running = Contract(id="running", start=date(2026, 1, 1))
    latest = Contract(id="latest", start=date(2026, 6, 1), end=TODAY)
    person = employee(contracts=(latest, running, old))
    assert contract_on(person, TODAY) == latest
    assert contract_on(person, TOMORROW) == running
    assert contract_on(employee(), TODAY) is None


def test_the_id_of_a_team_member_that_a_sync_makes_names_the_provider() -> None:
    assert member_id("p", "1") == "p-1"
