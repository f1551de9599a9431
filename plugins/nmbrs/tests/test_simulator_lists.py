"""The smaller lists of the simulator: companies, periods, codes, cost centres and debtors, told by `?WSDL` and zeep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zeep
import zeep.transports

from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.periods import WEEK, Period
from hub_nmbrs.simulator.world import COMPANIES, TOKEN, Company

Call = Callable[..., Any]
Start = Callable[..., Call]
LOGIN = {"Username": "koppeling@example.test", "Token": TOKEN, "Domain": "hospitality"}


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a simulator and return what calls it; the client is made from the WSDL that it serves."""
    running: list[NmbrsSimulator] = []
    transport = zeep.transports.Transport()

    def starting(**switches: Any) -> Call:
        running.append(NmbrsSimulator(**switches).start())

        def call(operation: str, service: str = "EmployeeService", **values: Any) -> Any:
            client = zeep.Client(f"{running[-1].url}/soap/v3/{service}.asmx?WSDL", transport=transport)
            return client.service[operation](**values, _soapheaders={"AuthHeaderWithDomain": LOGIN})

        return call

    yield starting
    transport.session.close()
    for simulator in running:
        simulator.stop()


@pytest.fixture
def nmbrs(start: Start) -> Call:
    return start()


def refused(code: int) -> Any:
    return pytest.raises(zeep.exceptions.Fault, match=rf"---> {code}: ")


def test_there_are_two_companies(nmbrs: Call) -> None:
    found = nmbrs("List_GetAll", "CompanyService")
    assert [(company.ID, company.Name, company.LoonaangifteTijdvak) for company in found] == [
        (3101, "Grand Café De Linde B.V.", "Month"),
        (3102, "Strandpaviljoen Zuid B.V.", "Week4"),
    ]
    assert found[0].PhoneNumber is None


def test_an_invisible_company_is_not_listed_and_refused(start: Start) -> None:
    nmbrs = start(invisible=[3102])
    assert [company.ID for company in nmbrs("List_GetAll", "CompanyService")] == [3101]
    with refused(2004):
        nmbrs("CostCenter_GetList", "CompanyService", CompanyId=3102)
    with refused(2004):
        nmbrs("Contract_GetAll_AllEmployeesByCompany", CompanyID=3102)
    with refused(2003):
        nmbrs("DaysVar_Get", EmployeeId=50002, Period=11, Year=2026)


WEEKLY = Company(3103, 3, "Weekbedrijf", WEEK, Period(2026, 53))


@pytest.mark.parametrize(
    ("switches", "spelled"),
    [
        ({}, ["2026-10-M", "2026-11-4W", "2026-53-1W"]),
        ({"letter_first_periods": True}, ["2026-10-M", "2026-11-W4", "2026-53-W1"]),
    ],
)
def test_the_current_period_is_spelled_as_switched(start: Start, switches: dict[str, bool], spelled: list[str]) -> None:
    nmbrs = start(companies=[*COMPANIES, WEEKLY], **switches)
    found = [nmbrs("Company_GetCurrentPeriod", "CompanyService", CompanyId=number) for number in (3101, 3102, 3103)]
    assert found == spelled


@pytest.mark.parametrize(("padded", "spelled"), [(False, "2026-3-M"), (True, "2026-03-M")])
def test_the_period_is_padded_as_switched(start: Start, padded: bool, spelled: str) -> None:
    company = Company(3101, 1, "Maart", COMPANIES[0].period_type, Period(2026, 3))
    nmbrs = start(companies=[company], padded_periods=padded)
    assert nmbrs("Employee_GetCurrent", EmployeeId=50001) == spelled


@pytest.mark.parametrize(
    ("operation", "codes"),
    [
        ("HourModel_GetHourCodes", [2100, 2190, 6050, 6080, 6150]),
        ("HourModel2_GetHourCodes", [5564, 2105]),
        ("WageModel_GetWageCodes", [1000, 5310]),
        ("WageModel2_GetWageCodes", [5600]),
    ],
)
def test_the_models_list_their_codes(nmbrs: Call, operation: str, codes: list[int]) -> None:
    assert [code.Code for code in nmbrs(operation, "CompanyService", CompanyId=3101)] == codes


def test_cost_centres_are_those_of_the_company(nmbrs: Call) -> None:
    found = nmbrs("CostCenter_GetList", "CompanyService", CompanyId=3102)
    assert [(centre.Id, centre.Code, centre.Description) for centre in found] == [
        (904, "KP40", "Strand"),
        (905, "KP50", "Bar"),
        (906, "KP60", "Keuken"),
    ]


def test_cost_units_are_listed(nmbrs: Call) -> None:
    assert len(nmbrs("CostUnit_GetList", "CompanyService", CompanyId=3101)) == 2


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("CompanyService", "List_GetByDebtor"),
        ("DebtorService", "Department_GetList"),
        ("DebtorService", "Function_GetList"),
    ],
)
def test_lists_of_a_debtor_want_the_right_one(nmbrs: Call, service: str, operation: str) -> None:
    (debtor,) = nmbrs("List_GetAll", "DebtorService")
    assert nmbrs(operation, service, DebtorId=debtor.Id)
    with refused(2009):
        nmbrs(operation, service, DebtorId=1)


def test_the_login_owns_its_debtor(nmbrs: Call) -> None:
    assert nmbrs("Debtor_IsOwner", "DebtorService") is True
