"""The smaller lists: companies, codes, cost centres, periods, debtors and who is in service."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from hub_nmbrs.simulator.desk import Desk, Handler, Handlers
from hub_nmbrs.simulator.people import Person
from hub_nmbrs.simulator.periods import FOUR_WEEKS, first_day, spelled
from hub_nmbrs.simulator.reading import Values
from hub_nmbrs.simulator.refusals import refusal
from hub_nmbrs.simulator.world import (
    COST_UNITS,
    DEBTOR,
    DEPARTMENTS,
    DOMAIN,
    FUNCTIONS,
    HOUR_CODES,
    HOUR_CODES_2,
    SUB_DOMAIN,
    WAGE_CODES,
    WAGE_CODES_2,
    Company,
)

Result = dict[str, Any]

IN_SERVICE, LEFT = 2, 4
"""Ids of employee types: the first is published by two clients, the second by one."""


def companies(desk: Desk, values: Values) -> list[Result]:
    """Return the companies that the login may see. They have no telephone, address or chamber of commerce number."""
    return [
        {
            "ID": company.id,
            "Number": company.number,
            "Name": company.name,
            "LoonaangifteTijdvak": "Week4" if company.period_type == FOUR_WEEKS else "Month",
        }
        for company in desk.world.visible(desk.rules.invisible)
    ]


def companies_of_debtor(desk: Desk, values: Values) -> list[Result]:
    """Return the companies of a debtor."""
    _debtor(values)
    return companies(desk, values)


def current_period(desk: Desk, values: Values) -> str:
    """Return the current period of a company."""
    return _spelled(desk, desk.company(values["CompanyId"]))


def current_period_of_employee(desk: Desk, values: Values) -> str:
    """Return the current period of the company of an employee, which the name of the call does not tell."""
    return _spelled(desk, desk.world.company_of(desk.person(values["EmployeeId"])))


def cost_centres(desk: Desk, values: Values) -> list[Result]:
    """Return the cost centres of a company."""
    centres = desk.company(values["CompanyId"]).cost_centres
    return [{"Code": centre.code, "Description": centre.title, "Id": centre.id} for centre in centres]


def cost_units(desk: Desk, values: Values) -> list[Result]:
    """Return the cost units of a company."""
    desk.company(values["CompanyId"])
    return _coded(COST_UNITS)


def employees(desk: Desk, values: Values) -> list[Result]:
    """Return the people of a company who are in service (type 2) or have left (type 4)."""
    company = desk.company(values["CompanyId"])
    return [
        {"Id": person.id, "Number": person.number, "DisplayName": str(person.name)}
        for person in desk.world.staff(company)
        if values["EmployeeType"] == _type_of(desk, company, person)
    ]


def employee_types(desk: Desk, values: Values) -> list[Result]:
    """Return the types of employees that there are here."""
    return [{"Id": IN_SERVICE, "Description": "Payroll"}, {"Id": LEFT, "Description": "Former payroll"}]


def environment(desk: Desk, values: Values) -> Result:
    """Return the domain of the login."""
    return {"Domain": DOMAIN, "SubDomain": SUB_DOMAIN}


def debtors(desk: Desk, values: Values) -> list[Result]:
    """Return the one debtor."""
    number, code, name = DEBTOR
    return [{"Id": number, "Number": code, "Name": name}]


def departments(desk: Desk, values: Values) -> list[Result]:
    """Return the departments of a debtor."""
    _debtor(values)
    return _coded(DEPARTMENTS)


def functions(desk: Desk, values: Values) -> list[Result]:
    """Return the functions of a debtor."""
    _debtor(values)
    return _coded(FUNCTIONS)


def is_owner(desk: Desk, values: Values) -> bool:
    """Return that the login is the owner's."""
    return True


def _codes(codes: Iterable[tuple[int, str]]) -> Handler:
    def handle(desk: Desk, values: Values) -> list[Result]:
        desk.company(values["CompanyId"])
        return [{"Code": code, "Description": title} for code, title in codes]

    return handle


def _coded(rows: Collection[tuple[int, Any, str]]) -> list[Result]:
    return [{"Id": number, "Code": code, "Description": title} for number, code, title in rows]


def _debtor(values: Values) -> None:
    if values["DebtorId"] != DEBTOR[0]:
        raise refusal(2009)


def _spelled(desk: Desk, company: Company) -> str:
    period = desk.world.current[company.id]
    rules = desk.rules
    return spelled(company.period_type, period, padded=rules.padded_periods, letter_first=rules.letter_first_periods)


def _type_of(desk: Desk, company: Company, person: Person) -> int:
    end = person.employments[-1].end
    return LEFT if end and end < first_day(company.period_type, desk.world.current[company.id]) else IN_SERVICE


EMPLOYEE_HANDLERS: Handlers = {
    "List_GetByCompany": employees,
    "EmployeeType_GetList": employee_types,
    "Employee_GetCurrent": current_period_of_employee,
}
"""The handlers of EmployeeService for small lists."""

COMPANY_HANDLERS: Handlers = {
    "List_GetAll": companies,
    "List_GetByDebtor": companies_of_debtor,
    "Company_GetCurrentPeriod": current_period,
    "HourModel_GetHourCodes": _codes(HOUR_CODES),
    "HourModel2_GetHourCodes": _codes(HOUR_CODES_2),
    "WageModel_GetWageCodes": _codes(WAGE_CODES),
    "WageModel2_GetWageCodes": _codes(WAGE_CODES_2),
    "CostCenter_GetList": cost_centres,
    "CostUnit_GetList": cost_units,
}
"""The handlers of CompanyService."""

DEBTOR_HANDLERS: Handlers = {
    "Environment_Get": environment,
    "List_GetAll": debtors,
    "Department_GetList": departments,
    "Function_GetList": functions,
    "Debtor_IsOwner": is_owner,
}
"""The handlers of DebtorService."""
