"""The people of an administration: merged from company-wide lists, as they are on the asked date."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date

import pytest
import stamina

from hub import (
    Context,
    Contract,
    ContractError,
    ContractType,
    Department,
    Employee,
    Http,
    PermissionMissing,
    Schedule,
    SyncRequest,
    Wage,
    Workforce,
)
from hub.testing.faults import FaultServer, answer
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator

TODAY = date(2026, 11, 2)
NAMESPACE = "https://api.nmbrs.nl/soap/v3/EmployeeService"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NIL = 'xsi:nil="true"'
LISTS = ("Contract", "Employment", "Salary", "Schedule", "Department")
CALLS = {f"{name}_GetAll_AllEmployeesByCompany" for name in (*LISTS, "PersonalInfoContractSalaryAddress")}

Sync = Callable[..., Workforce]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def sync() -> Iterator[Sync]:
    """Read the people of administrations with the settings of a connection."""
    with closing(Http((), allow_loopback=True)) as http:

        def read(settings: dict[str, str], *administrations: str) -> Workforce:
            provider = NmbrsProvider(Context(NmbrsProvider.Settings.model_validate(settings), http))
            return provider.sync_workforce(SyncRequest(administrations=administrations, today=TODAY))

        yield read


def element(name: str, value: str | None) -> str:
    return f"<{name} {NIL}/>" if value is None else f"<{name}>{value}</{name}>"


def record(name: str, **fields: str | None) -> str:
    return f"<{name}>{''.join(element(field, value) for field, value in fields.items())}</{name}>"


def group(item: str, plural: str, *records: str) -> str:
    return f"<{item}><EmployeeId>5</EmployeeId><{plural}>{''.join(records)}</{plural}></{item}>"


def person(**fields: str | None) -> str:
    return record("PersonalInfoContractSalaryAddress", **{"EmployeeID": "5", "EmployeeNumber": "12", **fields})


def contracts(*records: str, item: str = "EmployeeContractItemGlobal") -> str:
    return group(item, "EmployeeContracts", *records)


def contract(**fields: str | None) -> str:
    return record("EmployeeContract", **{"ContractID": "1", "CreationDate": "2020-01-01T00:00:00", **fields})


def employments(*periods: tuple[str | None, str | None]) -> str:
    records = [record("Employment", StartDate=start, EndDate=end) for start, end in periods]
    return group("EmployeeEmploymentItem", "EmployeeEmployments", *records)


def salaries(*records: str) -> str:
    return group("EmployeeSalaryItem", "EmployeeSalaries", *records)


def salary(start: str, value: str, kind: str = "3", entered: str = "2020-01-01T00:00:00") -> str:
    return record("Salary_V2", Value=value, Type=kind, StartDate=start, CreationDate=entered)


def schedules(**hours: str) -> str:
    return group("EmployeeScheduleItem", "EmployeeSchedules", record("Schedule_V2", **hours))


def departments(*records: str) -> str:
    return group("EmployeeDepartmentItem", "EmployeeDepartments", *records)


def department(code: str, year: str, period: str) -> str:
    return record("Department_V2", Code=code, Description=f"D{code}", StartYear=year, StartPeriod=period)


@pytest.fixture
def employee(sync: Sync) -> Callable[..., Employee]:
    """Read the one employee of a payroll whose lists answer what is given here; other lists are empty."""

    def read(people: str | None = None, **lists: str) -> Employee:
        content = {"PersonalInfoContractSalaryAddress": people or person(), **lists}

        def reply(request: bytes) -> bytes:
            found = re.search(rb"/((\w+)_GetAll_AllEmployeesByCompany)\"", request)
            assert found, "only company-wide lists are read"
            name = found[1].decode()
            inner = f"<{name}Result>{content.get(found[2].decode(), '')}</{name}Result>"
            body = f'<{name}Response xmlns="{NAMESPACE}">{inner}</{name}Response>'
            envelope = "http://schemas.xmlsoap.org/soap/envelope/"
            whole = f'<s:Envelope xmlns:s="{envelope}" {XSI}><s:Body>{body}</s:Body></s:Envelope>'
            return answer(whole.encode())

        with FaultServer(reply) as server:
            settings = {"endpoint": server.url, "email": "a@example.test", "token": "t", "domain": "d"}
            (one,) = sync(settings, "3101").employees
        return one

    return read


Read = Callable[..., Employee]


# -- the person -------------------------------------------------------------------------------------------------------


def test_a_person_without_anything_else_has_only_a_name(employee: Read) -> None:
    found = employee(person(FirstName="Anna", Prefix="van der", LastName="Berg", Birthday="1990-03-01T00:00:00"))
    assert found == Employee(
        id="5",
        administration="3101",
        number="12",
        first_name="Anna",
        prefix="van der",
        last_name="Berg",
        birth_date=date(1990, 3, 1),
    )


@pytest.mark.parametrize(
    ("work", "private", "email"),
    [
        ("Anna@Work.test", "anna@home.test", "anna@work.test"),
        (None, "Anna@Home.test", "anna@home.test"),
        (" ", "Anna@Home.test ", "anna@home.test"),
        (None, None, ""),
    ],
)
def test_the_address_at_work_comes_before_the_private_one_in_lower_case(
    employee: Read, work: str | None, private: str | None, email: str
) -> None:
    assert employee(person(EmailWork=work, EmailPrivate=private)).email == email


def test_the_mobile_number_at_work_comes_first(employee: Read) -> None:
    assert employee(person(TelephoneWork="1", TelephoneMobilePrivate="2", TelephoneMobileWork="3")).phone == "3"
    assert employee(person(TelephoneWork="1", TelephoneMobilePrivate="2")).phone == "2"


def test_the_bsn_is_nowhere(employee: Read) -> None:
    assert "123456782" not in employee(person(BSN="123456782", FirstName="Anna")).model_dump_json()


@pytest.mark.parametrize("birthday", [None, "0001-01-01T00:00:00"])
def test_a_date_that_was_never_set_is_none(employee: Read, birthday: str | None) -> None:
    assert employee(person(Birthday=birthday)).birth_date is None


def test_a_value_of_the_wrong_type_names_the_field_and_not_the_value(employee: Read) -> None:
    canary = str(123456782 * 3)
    with pytest.raises(ContractError, match="a Birthday that is missing or not of its type") as caught:
        employee(person(Birthday=canary))
    assert caught.value.__context__ is None
    assert canary not in "".join(traceback.format_exception(caught.value))


# -- contracts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["EmployeeContractItem", "EmployeeContractItemGlobal"])
def test_contracts_come_under_either_name(employee: Read, item: str) -> None:
    one = contract(StartDate="2024-01-01T00:00:00", EndDate=None, HoursPerWeek="37.5")
    assert employee(Contract=contracts(one, item=item)).contracts == (
        Contract(id="1", start=date(2024, 1, 1), weekly_hours=3750, type=ContractType.FIXED_HOURS),
    )


def test_of_one_contract_listed_twice_the_last_entered_counts(employee: Read) -> None:
    new = contract(CreationDate="2025-02-01T00:00:00", HoursPerWeek="32")
    old = contract(CreationDate="2025-01-01T00:00:00", HoursPerWeek="24")
    for order in ((new, old), (old, new)):
        assert [one.weekly_hours for one in employee(Contract=contracts(*order)).contracts] == [3200]


def test_contracts_are_in_the_order_in_which_they_start(employee: Read) -> None:
    later = contract(ContractID="1", StartDate="2025-01-01T00:00:00")
    unknown = contract(ContractID="3", StartDate=None)
    first = contract(ContractID="2", StartDate="2024-01-01T00:00:00")
    assert [one.id for one in employee(Contract=contracts(later, unknown, first)).contracts] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("hours", "weekly", "kind"),
    [
        ("0", 0, ContractType.ZERO_HOURS),
        ("0.00", 0, ContractType.ZERO_HOURS),
        ("38.005", 3801, ContractType.FIXED_HOURS),
        (None, None, None),
    ],
)
def test_the_hours_per_week_tell_the_type(
    employee: Read, hours: str | None, weekly: int | None, kind: ContractType | None
) -> None:
    (found,) = employee(Contract=contracts(contract(HoursPerWeek=hours))).contracts
    assert (found.weekly_hours, found.type) == (weekly, kind)


def test_no_contracts_are_none(employee: Read) -> None:
    assert employee(Contract=contracts()).contracts == ()


# -- employment, wage, schedule, department ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("periods", "starts", "ends"),
    [
        ([("2020-01-01T00:00:00", None)], date(2020, 1, 1), None),
        ([("2020-01-01T00:00:00", "2026-11-02T00:00:00")], date(2020, 1, 1), date(2026, 11, 2)),
        ([("2024-01-01", None), ("2020-01-01", "2021-12-31")], date(2024, 1, 1), None),
        ([("2020-01-01", "2021-12-31"), ("2022-01-01", "2022-12-31")], date(2022, 1, 1), date(2022, 12, 31)),
        ([("2020-01-01", "2026-12-31"), ("2027-01-01", None)], date(2020, 1, 1), date(2026, 12, 31)),
        ([("2020-01-01", "2021-12-31"), ("2027-01-01", None)], date(2027, 1, 1), None),
        ([("2020-01-01", "0001-01-01T00:00:00")], date(2020, 1, 1), None),
        ([], None, None),
    ],
    ids=["running", "last day", "re-hired", "left", "running and next", "left and next", "year 1", "none"],
)
def test_the_employment_in_force_counts_else_the_last_one(
    employee: Read, periods: list[tuple[str, str | None]], starts: date | None, ends: date | None
) -> None:
    found = employee(Employment=employments(*periods))
    assert (found.starts, found.ends) == (starts, ends)


def test_the_wage_in_force_counts(employee: Read) -> None:
    past, now, next_year = salary("2025-01-01", "15.10"), salary("2026-11-02", "16.25"), salary("2027-01-01", "17")
    assert employee(Salary=salaries(now, next_year, past)).wage == Wage(start=TODAY, amount=1625, per="hour")


def test_of_two_wages_from_one_day_the_last_entered_counts(employee: Read) -> None:
    new, old = (salary("2026-01-01", value, entered=f"2026-01-0{value}T00:00:00") for value in ("2", "1"))
    found = employee(Salary=salaries(new, old)).wage
    assert found is not None
    assert found.amount == 200


def test_a_wage_that_only_starts_later_is_none(employee: Read) -> None:
    assert employee(Salary=salaries(salary("2027-01-01", "17"))).wage is None


@pytest.mark.parametrize("kind", range(9))
def test_the_type_of_a_salary_tells_hour_or_month(employee: Read, kind: int) -> None:
    found = employee(Salary=salaries(salary("0001-01-01T00:00:00", "2500.005", str(kind)))).wage
    assert found == Wage(start=None, amount=250001, per="hour" if kind in (3, 6, 8) else "month")


def test_a_schedule_is_one_week_or_two_where_the_second_has_hours(employee: Read) -> None:
    one = employee(Schedule=schedules(HoursMonday="8", HoursSunday="4.5", HoursMonday2="0", StartDate="2026-01-01"))
    assert one.schedule == Schedule(start=date(2026, 1, 1), hours=(800, 0, 0, 0, 0, 0, 450))
    two = employee(Schedule=schedules(HoursTuesday="8", HoursSunday2="6")).schedule
    assert two is not None
    assert two.hours == (0, 800, *[0] * 11, 600)


def test_the_department_from_the_latest_period_counts(employee: Read) -> None:
    records = (department("2", "2026", "10"), department("3", "2026", "9"), department("1", "2025", "13"))
    assert employee(Department=departments(*records)).department == Department(code="2", title="D2")


# -- the whole of it --------------------------------------------------------------------------------------------------


def test_it_takes_six_calls_for_each_administration_however_many_people_there_are(sync: Sync) -> None:
    with NmbrsSimulator(employees=60) as simulator:
        found = sync(simulator.connect_settings(), "3101", "3102")
        state = simulator.state()
    assert len({one.id for one in found.employees}) == 60
    assert {one.administration for one in found.employees} == {"3101", "3102"}
    assert state["calls"] == {"Environment_Get": 1, **dict.fromkeys(CALLS, 2)}
    assert state["departures"] == []


def test_it_asks_only_for_the_administrations_in_use(sync: Sync) -> None:
    with NmbrsSimulator(employees=10) as simulator:
        assert {one.administration for one in sync(simulator.connect_settings(), "3102").employees} == {"3102"}


def test_without_the_optional_rights_their_fields_are_empty(sync: Sync) -> None:
    denied = tuple(f"{name}_GetAll_AllEmployeesByCompany" for name in LISTS[1:])
    with NmbrsSimulator(employees=10, denied=denied) as simulator:
        found = sync(simulator.connect_settings(), "3101").employees
    assert len(found) == 5
    for one in found:
        assert (one.starts, one.ends, one.wage, one.schedule, one.department) == (None,) * 5
        assert one.contracts
        assert one.last_name


@pytest.mark.parametrize("name", ["PersonalInfoContractSalaryAddress", "Contract"])
def test_without_people_or_contracts_there_is_no_workforce(sync: Sync, name: str) -> None:
    denied = f"{name}_GetAll_AllEmployeesByCompany"
    with NmbrsSimulator(employees=2, denied=(denied,)) as simulator, pytest.raises(PermissionMissing) as caught:
        sync(simulator.connect_settings(), "3101")
    assert caught.value.right == f"EmployeeService.{denied}"


def test_a_list_that_is_cut_off_is_read_again_whole(sync: Sync) -> None:
    faults = ("cut-body@PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany*2",)
    with NmbrsSimulator(employees=20, faults=faults) as simulator:
        assert len(sync(simulator.connect_settings(), "3101").employees) == 10
