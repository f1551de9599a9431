"""The calls of Nmbrs that this plugin uses: where each lives and what is read of its answer.

Names are spelled as Nmbrs spells them, its inconsistencies included.
"""

from __future__ import annotations

from dataclasses import dataclass

EMPLOYEE_ID = "EmployeeId"

DAYS_WORKED = "days"
"""Our code for days worked: Nmbrs keeps one number of them per employee and period, and has no code for it."""


@dataclass(frozen=True)
class Operation:
    """One call. Every answer is read as rows: flat records with `fields`.

    `path` leads from the record's parent up to the body of the envelope; `records` is every name the record goes by.
    Where `inner` is set, a record groups the rows of one employee: each `inner` element becomes a row of its own, with
    the `EmployeeId` of its group added. A call that `changes` something is never sent twice.
    """

    service: str
    name: str
    path: tuple[str, ...]
    records: tuple[str, ...]
    fields: tuple[str, ...] = ()
    inner: str = ""
    changes: bool = False

    @property
    def right(self) -> str:
        """The name under which an accountant ticks this call in the API user template."""
        return f"{self.service}.{self.name}"

    @property
    def result(self) -> str:
        """The element that holds the value, in an answer of one value."""
        return f"{self.name}Result"

    @property
    def namespace(self) -> str:
        """The namespace of the service: the same in production and in the sandbox."""
        return f"https://api.nmbrs.nl/soap/v3/{self.service}"


def _value(service: str, name: str, *, changes: bool = False) -> Operation:
    """Return a call that answers one value, or nothing: one row, with the value under `<name>Result`."""
    return Operation(service, name, (), (f"{name}Response",), (f"{name}Result",), changes=changes)


def _list(service: str, name: str, record: str, *fields: str) -> Operation:
    return Operation(service, name, (f"{name}Result", f"{name}Response"), (record,), fields)


def _grouped(subject: str, records: tuple[str, ...], inner: str, *fields: str) -> Operation:
    name = f"{subject}_GetAll_AllEmployeesByCompany"
    return Operation("EmployeeService", name, (f"{name}Result", f"{name}Response"), records, fields, inner)


ENVIRONMENT = Operation(
    "DebtorService",
    "Environment_Get",
    ("Environment_GetResponse",),
    ("Environment_GetResult",),
    ("Domain", "SubDomain"),
)

COMPANIES = _list("CompanyService", "List_GetAll", "Company", "ID", "Number", "Name")
CURRENT_PERIOD = _value("CompanyService", "Company_GetCurrentPeriod")
HOUR_CODES = _list("CompanyService", "HourModel_GetHourCodes", "HourCode", "Code", "Description")
HOUR_CODES_2 = _list("CompanyService", "HourModel2_GetHourCodes", "HourCode", "Code", "Description")
WAGE_CODES = _list("CompanyService", "WageModel_GetWageCodes", "WageCode", "Code", "Description")
WAGE_CODES_2 = _list("CompanyService", "WageModel2_GetWageCodes", "WageCode", "Code", "Description")
COST_CENTRES = _list("CompanyService", "CostCenter_GetList", "CostCenter", "Id", "Code", "Description")

PEOPLE = _list(
    "EmployeeService",
    "PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany",
    "PersonalInfoContractSalaryAddress",
    *("EmployeeID", "EmployeeNumber", "FirstName", "Prefix", "LastName", "Birthday", "EmailWork", "EmailPrivate"),
    *("TelephoneMobileWork", "TelephoneMobilePrivate", "TelephoneWork", "TelephonePrivate"),
)
"""One flat row per employee. It also carries the BSN, which is not among the fields and so is never read."""

CONTRACTS = _grouped(
    "Contract",
    ("EmployeeContractItemGlobal", "EmployeeContractItem"),  # clients of v3 disagree about the name
    "EmployeeContract",
    *("ContractID", "CreationDate", "StartDate", "EndDate", "HoursPerWeek"),
)
EMPLOYMENTS = _grouped("Employment", ("EmployeeEmploymentItem",), "Employment", "StartDate", "EndDate")
SALARIES = _grouped("Salary", ("EmployeeSalaryItem",), "Salary_V2", "Value", "Type", "StartDate", "CreationDate")

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_WEEK = tuple(f"Hours{day}" for day in _DAYS)
SECOND_WEEK = tuple(f"Hours{day}2" for day in _DAYS)
SCHEDULES = _grouped(
    "Schedule", ("EmployeeScheduleItem",), "Schedule_V2", *FIRST_WEEK, *SECOND_WEEK, "StartDate", "CreationDate"
)
DEPARTMENTS = _grouped(
    "Department",
    ("EmployeeDepartmentItem",),
    "Department_V2",
    *("Code", "Description", "CreationDate", "StartPeriod", "StartYear"),
)

GET_HOURS = _list("EmployeeService", "HourComponentVar_Get", "HourComponent", "Id", "HourCode", "Hours")
GET_WAGE = _list("EmployeeService", "WageComponentVar_Get", "WageComponent", "Id", "Code", "Value")
GET_DAYS = _value("EmployeeService", "DaysVar_Get")
INSERT_HOURS = _value("EmployeeService", "HourComponentVar_Insert", changes=True)
INSERT_WAGE = _value("EmployeeService", "WageComponentVar_Insert", changes=True)
SET_DAYS = _value("EmployeeService", "DaysVar_Set", changes=True)
UPDATE_HOURS = _value("EmployeeService", "HourComponent_Update", changes=True)
DELETE_HOURS = _value("EmployeeService", "HourComponent_Delete", changes=True)
DELETE_WAGE = _value("EmployeeService", "WageComponent_Delete", changes=True)


def for_company(operation: Operation, company: int) -> dict[str, int]:
    """Return the argument that names a company; EmployeeService spells it differently."""
    return {"CompanyID" if operation.service == "EmployeeService" else "CompanyId": company}
