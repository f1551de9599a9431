"""What the simulator does with hours, wage components and days, called with zeep over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zeep
import zeep.transports

from hub_nmbrs.schema_wsdl import SERVICES, wsdl
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.world import TOKEN

Start = Callable[..., "Nmbrs"]
LOGIN = {"Username": "koppeling@example.test", "Token": TOKEN, "Domain": "hospitality"}
NOW = {"Period": 10, "Year": 2026, "UnprotectedMode": False}
SLOT = {"EmployeeId": 50001, "Period": 10, "Year": 2026}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, zeep.Client]]:
    transport = zeep.transports.Transport()
    clients = {}
    for service in SERVICES:
        path: Path = tmp_path_factory.mktemp("wsdl") / f"{service.name}.wsdl"
        path.write_text(wsdl(service, service.operations, "http://127.0.0.1:1/"), encoding="utf-8")
        clients[service.name] = zeep.Client(str(path), transport=transport)
    yield clients
    transport.session.close()


class Nmbrs:
    """A running simulator and calls to it by the name of the operation."""

    def __init__(self, simulator: NmbrsSimulator, loaded: dict[str, zeep.Client]) -> None:
        self.simulator = simulator
        self._loaded = loaded

    def __call__(self, operation: str, service: str = "EmployeeService", **values: Any) -> Any:
        """Call an operation."""
        binding = f"{{https://api.nmbrs.nl/soap/v3/{service}}}{service}Soap"
        proxy = self._loaded[service].create_service(binding, f"{self.simulator.url}/soap/v3/{service}.asmx")
        return proxy[operation](**values, _soapheaders={"AuthHeaderWithDomain": LOGIN})

    def insert(self, hours: str = "22", code: int = 2100, employee: int = 50001, **other: Any) -> Any:
        """Insert hours; a cost centre, a comment and another period may be given by their names."""
        component = {"Id": 0, "HourCode": code, "Hours": Decimal(hours), "CostCenterId": None, "CostUnitId": None}
        component |= {name: other.pop(name) for name in ("CostCenterId", "Comment") if name in other}
        return self("HourComponentVar_Insert", EmployeeId=employee, Hourcomponent=component, **{**NOW, **other})

    def bonus(self, value: str = "50", code: int = 5600, **other: Any) -> Any:
        """Insert a wage component."""
        component = {"Id": 0, "Code": code, "Value": Decimal(value), "CostCenterId": None, "CostUnitId": None}
        return self("WageComponentVar_Insert", EmployeeId=50001, WageComponent=component, **{**NOW, **other})

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Everything that was posted."""
        found: list[dict[str, Any]] = self.simulator.state()["rows"]
        return found


@pytest.fixture
def start(loaded: dict[str, zeep.Client]) -> Iterator[Start]:
    running: list[NmbrsSimulator] = []

    def starting(**switches: Any) -> Nmbrs:
        running.append(NmbrsSimulator(**switches).start())
        return Nmbrs(running[-1], loaded)

    yield starting
    for simulator in running:
        simulator.stop()


@pytest.fixture
def nmbrs(start: Start) -> Nmbrs:
    return start()


def refused(code: int) -> Any:
    return pytest.raises(zeep.exceptions.Fault, match=rf"---> {code}: ")


# -- inserting and reading --------------------------------------------------------------------------------------------


def test_an_insert_answers_with_an_id_and_shows_in_the_state(nmbrs: Nmbrs) -> None:
    number = nmbrs.insert("22.5", CostCenterId=901, Comment="week 41")
    (row,) = nmbrs.rows
    assert row == {
        "company": 3101,
        "employee": 50001,
        "employee_number": 1,
        "name": row["name"],
        "kind": "hours",
        "code": 2100,
        "cost_centre": "KP10",
        "amount": "22.50",
        "comment": "week 41",
        "year": 2026,
        "period": 10,
        "id": number,
    }


def test_the_same_insert_twice_is_two_rows_with_growing_ids(nmbrs: Nmbrs) -> None:
    first, second = nmbrs.insert(), nmbrs.insert()
    assert second > first
    assert nmbrs.simulator.state()["totals"] == {"1/hours/2100": "44.00"}


def test_a_reading_tells_id_code_and_hours_and_nothing_else(nmbrs: Nmbrs) -> None:
    number = nmbrs.insert("7.25", CostCenterId=901, Comment="hidden")
    (row,) = nmbrs("HourComponentVar_Get", **SLOT)
    assert {name: row[name] for name in row} == {"Id": number, "HourCode": 2100, "Hours": Decimal("7.25")}


def test_an_empty_slot_reads_as_nothing(nmbrs: Nmbrs) -> None:
    assert nmbrs("HourComponentVar_Get", **SLOT) is None


def test_the_current_period_can_be_read_without_naming_it(nmbrs: Nmbrs) -> None:
    nmbrs.insert()
    assert len(nmbrs("HourComponentVar_GetCurrent", EmployeeId=50001)) == 1


def test_hours_and_wage_components_are_kept_apart(nmbrs: Nmbrs) -> None:
    nmbrs.insert()
    number = nmbrs.bonus("12.345")
    (row,) = nmbrs("WageComponentVar_Get", **SLOT)
    assert (row.Id, row.Code, row.Value) == (number, 5600, Decimal("12.35"))


@pytest.mark.parametrize("code", [2100, 2105])
def test_codes_of_both_hour_models_are_taken(nmbrs: Nmbrs, code: int) -> None:
    assert nmbrs.insert(code=code) > 0


def test_an_unknown_code_is_refused_per_kind(nmbrs: Nmbrs) -> None:
    with refused(2001):
        nmbrs.insert(code=5310)
    with refused(2002):
        nmbrs.bonus(code=2100)
    assert nmbrs.rows == []


def test_a_cost_centre_of_another_company_is_refused(nmbrs: Nmbrs) -> None:
    with refused(2037):
        nmbrs.insert(CostCenterId=904)
    assert nmbrs.insert(employee=50002, Period=11, CostCenterId=904) > 0


def test_calls_from_many_threads_lose_nothing(nmbrs: Nmbrs) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: nmbrs.insert("1"), range(48)))
    assert len(set(ids)) == 48
    assert nmbrs.simulator.state()["totals"] == {"1/hours/2100": "48.00"}


# -- periods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("employee", "period", "year"), [(50001, 13, 2026), (50001, 0, 2026), (50002, 14, 2026), (50001, 10, 1026)]
)
def test_a_period_that_does_not_exist_is_refused(nmbrs: Nmbrs, employee: int, period: int, year: int) -> None:
    with refused(2006):
        nmbrs.insert(employee=employee, Period=period, Year=year)


def test_four_weeks_have_thirteen_periods(nmbrs: Nmbrs) -> None:
    assert nmbrs.insert(employee=50002, Period=13) > 0


@pytest.mark.parametrize("code", [2011, 9999])
def test_a_past_period_is_protected(start: Start, code: int) -> None:
    nmbrs = start(protected_fault=code)
    with refused(code):
        nmbrs.insert(Period=9)
    assert nmbrs.insert(Period=9, UnprotectedMode=True) > 0


def test_a_declared_period_is_refused_even_unprotected(start: Start) -> None:
    nmbrs = start(declared=[(3101, 2026, 9)])
    with refused(2012):
        nmbrs.insert(Period=9, UnprotectedMode=True)


def test_closing_a_period_protects_it(nmbrs: Nmbrs) -> None:
    nmbrs.simulator.close_period(3101)
    with refused(2011):
        nmbrs.insert()


# -- changing ---------------------------------------------------------------------------------------------------------


def update(nmbrs: Nmbrs, number: int, hours: str = "20", employee: int = 50001) -> Any:
    component = {"Id": number, "HourCode": 2190, "Hours": Decimal(hours), "CostCenterId": None, "CostUnitId": None}
    rest = {"EndPeriod": 0, "EndYear": 0, "UnprotectedMode": False}
    return nmbrs("HourComponent_Update", EmployeeId=employee, Hourcomponent=component, **rest)


def delete(nmbrs: Nmbrs, number: int, employee: int = 50001) -> Any:
    return nmbrs("HourComponent_Delete", EmployeeId=employee, HourComponentID=number)


def test_an_update_changes_the_row_in_place(nmbrs: Nmbrs) -> None:
    number = nmbrs.insert("22")
    assert update(nmbrs, number) == number
    (row,) = nmbrs.rows
    assert (row["id"], row["code"], row["amount"], row["period"]) == (number, 2190, "20.00", 10)


def test_an_update_can_be_told_to_make_a_new_id(start: Start) -> None:
    nmbrs = start(update_makes_new_id=True)
    number = nmbrs.insert("22")
    successor = update(nmbrs, number)
    assert successor != number
    assert [(row["id"], row["amount"]) for row in nmbrs.rows] == [(successor, "20.00")]


def test_an_update_of_an_unknown_row_is_refused(nmbrs: Nmbrs) -> None:
    with refused(2046):
        update(nmbrs, 1)


def test_a_delete_takes_the_row_away_once(nmbrs: Nmbrs) -> None:
    number = nmbrs.insert()
    assert [delete(nmbrs, number), delete(nmbrs, number)] == [True, False]
    assert nmbrs.rows == []


def test_a_delete_leaves_the_row_of_another_employee_alone(nmbrs: Nmbrs) -> None:
    number = nmbrs.insert()
    assert delete(nmbrs, number, employee=50003) is False
    assert len(nmbrs.rows) == 1


@pytest.mark.parametrize("code", [2046, 9999])
def test_an_unknown_id_can_be_told_to_be_a_fault(start: Start, code: int) -> None:
    with refused(code):
        delete(start(unknown_id_fault=code), 1)


def test_a_delete_cannot_reach_a_past_period(nmbrs: Nmbrs) -> None:
    number = nmbrs.insert(Period=9, UnprotectedMode=True)
    with refused(2011):
        delete(nmbrs, number)


def test_a_wage_component_is_deleted_by_its_own_id(nmbrs: Nmbrs) -> None:
    number = nmbrs.insert()
    assert nmbrs.bonus() == number, "ids of the two kinds overlap"
    assert nmbrs("WageComponent_Delete", EmployeeId=50001, WageComponentID=number) is True
    assert [row["kind"] for row in nmbrs.rows] == ["hours"]


@pytest.mark.parametrize(("kind", "left"), [("Hour", "wage"), ("Wage", "hours")])
def test_a_clear_takes_every_row_of_its_kind_and_slot(nmbrs: Nmbrs, kind: str, left: str) -> None:
    for period in (10, 11):
        nmbrs.insert(Period=period)
        nmbrs.bonus(Period=period)
    nmbrs(f"{kind}ComponentVar_Clear", **SLOT, UnprotectedMode=False)
    assert [row["kind"] for row in nmbrs.rows if row["period"] == 10] == [left]
    assert len(nmbrs.rows) == 3


def line(employee: int, code: int = 2100) -> dict[str, Any]:
    return {
        "EmployeeId": employee,
        "Id": 0,
        "HourCode": code,
        "CostCenterId": None,
        "CostUnitId": None,
        "Hours": Decimal(8),
    }


def test_a_batch_adds_all_rows_and_answers_nothing(nmbrs: Nmbrs) -> None:
    lines = {"EmployeeHourComponent": [line(50001), line(50003)]}
    assert nmbrs("HourComponentVar_Insert_Batch", HourComponents=lines, **NOW) is None
    assert [row["employee_number"] for row in nmbrs.rows] == [1, 3]


def test_a_batch_with_one_bad_line_adds_nothing(nmbrs: Nmbrs) -> None:
    lines = {"EmployeeHourComponent": [line(50001), line(50003, code=1)]}
    with refused(2001):
        nmbrs("HourComponentVar_Insert_Batch", HourComponents=lines, **NOW)
    assert nmbrs.rows == []


def test_a_batch_of_wage_components_adds_its_rows(nmbrs: Nmbrs) -> None:
    item = {
        "EmployeeId": 50001,
        "Id": 0,
        "Code": 5310,
        "Value": Decimal("9.5"),
        "CostCenterId": 902,
        "CostUnitId": None,
    }
    nmbrs("WageComponentVar_Insert_Batch", WageComponents={"EmployeeWageComponent": [item]}, **NOW)
    (row,) = nmbrs.rows
    assert (row["kind"], row["code"], row["amount"], row["cost_centre"]) == ("wage", 5310, "9.50", "KP20")


# -- days -------------------------------------------------------------------------------------------------------------


def test_days_are_set_and_not_added(nmbrs: Nmbrs) -> None:
    for days in (3, 5):
        assert nmbrs("DaysVar_Set", EmployeeId=50001, Days=days, **NOW) is None
    assert nmbrs("DaysVar_Get", **SLOT) == 5
    (row,) = nmbrs.rows
    assert (row["kind"], row["code"], row["id"], row["amount"]) == ("days", 0, 0, "5.00")


def test_days_that_were_not_set_are_zero(nmbrs: Nmbrs) -> None:
    assert nmbrs("DaysVar_Get", **SLOT) == 0


def test_days_of_a_past_period_are_protected(nmbrs: Nmbrs) -> None:
    with refused(2011):
        nmbrs("DaysVar_Set", **{**NOW, "EmployeeId": 50001, "Days": 3, "Period": 9})


def test_a_batch_of_days_has_a_period_per_line(nmbrs: Nmbrs) -> None:
    lines = [{**SLOT, "Days": 4}, {"EmployeeId": 50002, "Days": 2, "Period": 11, "Year": 2026}]
    nmbrs("DaysVar_Set_Batch", EmployeesDaysWorked={"DaysWorked": lines}, UnprotectedMode=False)
    assert [(row["employee_number"], row["period"], row["amount"]) for row in nmbrs.rows] == [
        (1, 10, "4.00"),
        (2, 11, "2.00"),
    ]


def test_the_newer_call_for_days_sets_the_same_days(nmbrs: Nmbrs) -> None:
    nmbrs("DaysVarWorked_Set", EmployeeId=50001, Days=6, PlusMinusDaysForWageComp=-1, **NOW)
    worked = nmbrs("DaysVarWorked_Get", **SLOT)
    assert (worked.Days, worked.PlusMinusDaysForWageComp) == (6, -1)
    assert nmbrs("DaysVar_Get", **SLOT) == 6
