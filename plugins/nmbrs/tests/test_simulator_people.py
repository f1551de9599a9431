"""The people of the simulator: plain ones, irregular ones, and the same ones for the same seed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from lxml import etree

from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.people import TEST_BSNS, Person, people
from hub_nmbrs.simulator.world import World

NAMESPACE = "https://api.nmbrs.nl/soap/v3/EmployeeService"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
LATEST = date(2025, 1, 1)


@pytest.fixture(scope="module")
def simulator() -> Iterator[NmbrsSimulator]:
    with NmbrsSimulator(employees=80) as running:
        yield running


def post(simulator: NmbrsSimulator, operation: str, content: str) -> Any:
    token = simulator.connect_settings()["token"]
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>'
        f'<AuthHeaderWithDomain xmlns="{NAMESPACE}"><Username>koppeling@example.test</Username><Token>{token}</Token>'
        f"<Domain>hospitality</Domain></AuthHeaderWithDomain></e:Header><e:Body>"
        f'<{operation} xmlns="{NAMESPACE}">{content}</{operation}></e:Body></e:Envelope>'
    )
    response = httpx.post(
        f"{simulator.url}/soap/v3/EmployeeService.asmx",
        content=envelope.encode(),
        headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}/{operation}"'},
        trust_env=False,
    )
    assert response.status_code == 200, response.text
    return etree.fromstring(response.content)


def of(simulator: NmbrsSimulator, subject: str, number: int) -> Any:
    """Return the item of employee `number` in the company-wide answer about `subject`."""
    company = 3101 if number % 2 else 3102
    tree = post(simulator, f"{subject}_GetAll_AllEmployeesByCompany", f"<CompanyID>{company}</CompanyID>")
    (found,) = tree.xpath(f"//*[local-name()='EmployeeId' or local-name()='EmployeeID'][.='{50000 + number}']/..")
    return found


def text(element: Any, name: str) -> str | None:
    found = element.find(f".//{{{NAMESPACE}}}{name}")
    return None if found is None else found.text


def records(element: Any, name: str) -> list[Any]:
    return list(element.iter(f"{{{NAMESPACE}}}{name}"))


# -- the world --------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_people_whatever_the_size() -> None:
    assert list(people(40, seed=7)) == list(people(200, seed=7))[:40]


def test_another_seed_gives_other_people() -> None:
    assert list(people(40, seed=7)) != list(people(40, seed=8))


def test_ten_thousand_people_start_within_two_seconds() -> None:
    started = time.monotonic()
    with NmbrsSimulator(employees=10_000) as simulator:
        assert httpx.get(f"{simulator.url}/_sim/state", trust_env=False).status_code == 200
    assert time.monotonic() - started < 2


def test_odd_numbers_work_for_the_first_company_and_even_for_the_second() -> None:
    world = World(40, seed=1)
    assert all(world.company_of(person).id == (3101 if number % 2 else 3102) for number, person in everyone(world))


def everyone(world: World) -> list[tuple[int, Person]]:
    return [(person.number, person) for person in world.people.values()]


@pytest.mark.parametrize("place", [*range(1, 31), *range(41, 71)])
def test_the_first_thirty_of_every_forty_are_plain(place: int) -> None:
    person = list(people(80, seed=1))[place - 1]
    (contract,), (employment,) = person.contracts, person.employments
    assert person.id == 50000 + place
    assert re.fullmatch(rf"[a-z]+\.[a-z]+\.{place}@example\.test", person.email)
    assert contract.start is not None
    assert contract.start <= LATEST
    assert (contract.end, employment.end) == (None, None)
    assert contract.hours == (38 if place % 8 == 0 else 0)


def test_dutch_prefixes_and_accents_are_among_the_names() -> None:
    names = [person.name for person in people(200, seed=1)]
    assert {"van der", "de"} <= {name.prefix for name in names}
    assert any(not name.first.isascii() for name in names)


def test_only_the_published_test_numbers_are_used_as_bsn() -> None:
    assert {person.bsn for person in people(100, seed=1)} == {"123456782", "111222333", "012345672"} == set(TEST_BSNS)


# -- what the services tell of them -----------------------------------------------------------------------------------


def test_a_plain_person_is_told_flat(simulator: NmbrsSimulator) -> None:
    row = of(simulator, "PersonalInfoContractSalaryAddress", 1)
    assert text(row, "EmployeeNumber") == "1"
    assert re.fullmatch(r"\d{4}-\d\d-01T00:00:00", text(row, "ContractStartDate") or "")
    assert row.find(f"{{{NAMESPACE}}}ContractEndDate").get(NIL) == "true"
    assert row.find(f"{{{NAMESPACE}}}TelephoneWork") is None, "an unset text is left out"
    post_code = row.find(f"{{{NAMESPACE}}}PostCode")
    assert post_code.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "xsd:string"


def test_a_date_that_may_be_left_out_is_left_out_and_not_nil(simulator: NmbrsSimulator) -> None:
    assert not records(of(simulator, "PersonalInfo", 1), "DeceasedDate")


def test_everybody_of_a_company_is_told_once(simulator: NmbrsSimulator) -> None:
    for subject in ("PersonalInfo", "Contract", "Employment", "Salary", "Schedule", "Department"):
        tree = post(simulator, f"{subject}_GetAll_AllEmployeesByCompany", "<CompanyID>3101</CompanyID>")
        ids = [int(element.text) for element in tree.iter(f"{{{NAMESPACE}}}EmployeeId")]
        assert ids == list(range(50001, 50081, 2)), subject


def addresses(simulator: NmbrsSimulator, number: int) -> set[str | None]:
    row = of(simulator, "PersonalInfoContractSalaryAddress", number)
    return {text(row, "EmailWork"), text(row, "EmailPrivate")} - {None}


@pytest.mark.parametrize("number", [1, 3, 4, 12])
def test_an_address_is_one_whether_private_at_work_or_both(simulator: NmbrsSimulator, number: int) -> None:
    assert len(addresses(simulator, number)) == 1


def test_31_and_32_share_an_address_and_33_has_none(simulator: NmbrsSimulator) -> None:
    assert addresses(simulator, 31) == addresses(simulator, 32) != set()
    assert addresses(simulator, 33) == set()


@pytest.mark.parametrize("number", [34, 74])
def test_34_left(simulator: NmbrsSimulator, number: int) -> None:
    assert text(of(simulator, "Employment", number), "EndDate") == "2026-10-12T00:00:00"
    assert text(of(simulator, "Contract", number), "EndDate") == "2026-10-12T00:00:00"


def test_35_left_and_came_back(simulator: NmbrsSimulator) -> None:
    for subject, name in (("Employment", "Employment"), ("Contract", "EmployeeContract")):
        first, second = records(of(simulator, subject, 35), name)
        assert (text(first, "EndDate") or "") < "2026-06-01" == (text(second, "StartDate") or "")[:10]
        assert text(second, "EndDate") is None


def test_36_has_two_records_of_one_contract_and_the_newer_counts(simulator: NmbrsSimulator) -> None:
    older, newer = records(of(simulator, "Contract", 36), "EmployeeContract")
    assert text(older, "ContractID") == text(newer, "ContractID")
    assert (text(older, "CreationDate") or "") < (text(newer, "CreationDate") or "")
    assert [Decimal(text(record, "HoursPerWeek") or "") for record in (older, newer)] == [12, 0]


def test_37_starts_later(simulator: NmbrsSimulator) -> None:
    assert text(of(simulator, "Contract", 37), "StartDate") == "2026-10-19T00:00:00"


def test_38_has_an_empty_list_of_contracts(simulator: NmbrsSimulator) -> None:
    item = of(simulator, "Contract", 38)
    assert len(item.find(f"{{{NAMESPACE}}}EmployeeContracts")) == 0
    assert of(simulator, "PersonalInfoContractSalaryAddress", 38).find(f"{{{NAMESPACE}}}ContractStartDate").get(NIL)


def test_39_has_dates_that_were_never_set(simulator: NmbrsSimulator) -> None:
    assert text(of(simulator, "Salary", 39), "StartDate") == "0001-01-01T00:00:00"
    assert text(of(simulator, "Schedule", 39), "CreationDate") == "0001-01-01T00:00:00"
    assert of(simulator, "Contract", 39).find(f".//{{{NAMESPACE}}}StartDate").get(NIL) == "true"


@pytest.mark.parametrize(("number", "weekly", "monday"), [(1, 0, "0"), (8, 38, "7.6"), (40, 24, "8")])
def test_hours_of_contract_and_schedule_agree(simulator: NmbrsSimulator, number: int, weekly: int, monday: str) -> None:
    schedule = of(simulator, "Schedule", number)
    assert Decimal(text(of(simulator, "Contract", number), "HoursPerWeek") or "") == weekly
    assert Decimal(text(schedule, "HoursMonday") or "") == Decimal(monday)
    week = [element for element in schedule.iter() if re.search(r"Hours\w+day$", element.tag)]
    assert sum(Decimal(element.text) for element in week) == weekly


def test_a_raise_is_a_second_salary(simulator: NmbrsSimulator) -> None:
    first, second = records(of(simulator, "Salary", 4), "Salary_V2")
    assert (text(second, "StartDate") or "")[:10] == "2026-07-01"
    assert Decimal(text(second, "Value") or "") > Decimal(text(first, "Value") or "")


@pytest.mark.parametrize("name", ["EmployeeContractItem", "EmployeeContractItemGlobal"])
def test_the_name_of_a_contract_item_can_be_switched(name: str) -> None:
    with NmbrsSimulator(employees=1, contract_item=name) as simulator:
        assert etree.QName(of(simulator, "Contract", 1)).localname == name


def test_a_company_wide_answer_is_written_once() -> None:
    asked = ("Employment_GetAll_AllEmployeesByCompany", "<CompanyID>3102</CompanyID>")
    with NmbrsSimulator(employees=4) as simulator:
        first = etree.tostring(post(simulator, *asked))
        simulator.desk.world.people.clear()
        assert etree.tostring(post(simulator, *asked)) == first


def test_a_company_without_people_has_an_empty_result() -> None:
    with NmbrsSimulator(employees=0) as simulator:
        tree = post(simulator, "Employment_GetAll_AllEmployeesByCompany", "<CompanyID>3101</CompanyID>")
        assert len(records(tree, "Employment_GetAll_AllEmployeesByCompanyResult")[0]) == 0


def listed(simulator: NmbrsSimulator, kind: int) -> list[int]:
    content = f"<CompanyId>3102</CompanyId><EmployeeType>{kind}</EmployeeType>"
    tree = post(simulator, "List_GetByCompany", content)
    return [int(element.text) for element in tree.iter(f"{{{NAMESPACE}}}Number")]


def test_who_left_within_the_current_period_is_still_in_service(simulator: NmbrsSimulator) -> None:
    assert 34 in listed(simulator, kind=2)
    assert listed(simulator, kind=4) == []


def test_who_left_before_the_current_period_is_listed_as_such() -> None:
    with NmbrsSimulator(employees=40) as simulator:
        simulator.close_period(3102)
        assert listed(simulator, kind=4) == [34]
