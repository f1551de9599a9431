"""Everybody of a company at once: persons, contracts, employments, salaries, schedules and departments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hub_nmbrs.schema_employee import ROTA
from hub_nmbrs.simulator.desk import Desk, Handler, Handlers
from hub_nmbrs.simulator.people import Person, Term
from hub_nmbrs.simulator.reading import Values
from hub_nmbrs.simulator.world import DEPARTMENTS
from hub_nmbrs.simulator.writing import UNSET_DATE

Result = dict[str, Any]

HOURLY_TYPE, MONTHLY_TYPE = 3, 1
"""The places of an hourly wage and a monthly salary in Nmbrs's list of salary types, counted from zero."""

FULL_TIME = Decimal(38)
DAY_FIELDS = tuple(word.partition(":")[0] for word in ROTA.split())


def flat(person: Person) -> Result:
    """Return the one row that joins person, contract, salary and address."""
    contract = person.contracts[-1] if person.contracts else Term(0, None)
    return {
        "EmployeeID": person.id,
        "EmployeeNumber": person.number,
        **_person(person),
        "City": "Utrecht",
        "ContractStartDate": contract.start,
        "ContractEndDate": contract.end,
        "SalaryType": "Bruto_Salaris_Fulltime" if person.hours else "Bruto_Uurloon",
        "SalaryValue": person.wages[-1][1],
        "Street": "Lindelaan",
        "HouseNumber": str(person.number),
        "PostCode": "3500 AA",
        "HourlyWage": Decimal(0) if person.hours else person.wages[-1][1],
        "ContractHours": contract.hours,
    }


def personal_infos(person: Person) -> Result:
    """Return the history of a person: one record."""
    record = {
        "Id": 80000 + person.number,
        "DisplayName": str(person.name),
        "EmployeeNumber": person.number,
        **_person(person),
        "Initials": f"{person.name.first[0]}.",
        "NationalityCode": 1,
        "IdentificationType": 0,
        "BurgerlijkeStaat": 0,
        "Naamstelling": 0,
        "CreationDate": person.employments[0].created,
        "StartPeriod": 1,
        "StartYear": 2025,
    }
    return {"EmployeeId": person.id, "EmployeePersonalInfos": [record]}


def contracts(person: Person) -> Result:
    """Return the contract records of a person, an empty list where there is none."""
    records = [
        {
            "ContractID": term.id,
            "CreationDate": term.created,
            "StartDate": term.start,
            "EndDate": term.end,
            "EmployementType": 1,
            "EmploymentSequenceTaxId": 1,
            "Indefinite": term.end is None,
            "WrittenContract": True,
            "HoursPerWeek": term.hours,
        }
        for term in person.contracts
    ]
    return {"EmployeeId": person.id, "EmployeeContracts": records}


def employments(person: Person) -> Result:
    """Return the employments of a person."""
    records = [
        {
            "EmploymentId": term.id,
            "CreationDate": term.created,
            "StartDate": term.start,
            "EndDate": term.end,
            "InitialStartDate": person.employments[0].start,
        }
        for term in person.employments
    ]
    return {"EmployeeId": person.id, "EmployeeEmployments": records}


def salaries(person: Person) -> Result:
    """Return the salaries of a person, oldest first."""
    records = [
        {
            "ID": 90000 + 2 * person.number + place,
            "Value": amount,
            "Type": MONTHLY_TYPE if person.hours else HOURLY_TYPE,
            "StartDate": _date(person, start),
            "CreationDate": _date(person, start),
        }
        for place, (start, amount) in enumerate(person.wages)
    ]
    return {"EmployeeId": person.id, "EmployeeSalaries": records}


def schedules(person: Person) -> Result:
    """Return the schedule of a person: two equal weeks, Monday to Friday, or three days of eight hours."""
    days, hours = (3, Decimal(8)) if person.hours == 24 else (5, person.hours / 5)
    week = [hours if day < days else Decimal(0) for day in range(7)]
    start = person.employments[-1].start or UNSET_DATE
    record = {
        "Id": Decimal(40000 + person.number),
        **dict(zip(DAY_FIELDS, week * 2, strict=True)),
        "ParttimePercentage": (person.hours / FULL_TIME * 100).quantize(Decimal("0.01")),
        "StartDate": _date(person, start),
        "CreationDate": _date(person, start),
    }
    return {"EmployeeId": person.id, "EmployeeSchedules": [record]}


def departments(person: Person) -> Result:
    """Return the department of a person."""
    number, code, title = DEPARTMENTS[person.number % len(DEPARTMENTS)]
    record = {"Id": number, "Code": code, "Description": title, "StartPeriod": 1, "StartYear": 2025}
    return {"EmployeeId": person.id, "EmployeeDepartments": [record]}


def _person(person: Person) -> Result:
    """Return what both kinds of personal record hold. The address is the private one, the one at work, or both."""
    email = person.email or None
    return {
        "FirstName": person.name.first,
        "Birthday": person.birthday,
        "Prefix": person.name.prefix or None,
        "LastName": person.name.last,
        "Gender": "male" if person.male else "female",
        "BSN": person.bsn,
        "TelephoneMobilePrivate": None if person.number % 5 == 0 else f"06 000 {person.number:05d}",
        "EmailPrivate": None if person.number % 3 == 0 else email,
        "EmailWork": email if person.number % 3 == 0 or person.number % 4 == 0 else None,
    }


def _date(person: Person, day: date) -> date:
    return UNSET_DATE if person.dates_unset else day


def _of_all(record: Callable[[Person], Result]) -> Handler:
    def handle(desk: Desk, values: Values) -> list[Result]:
        return [record(person) for person in desk.world.staff(desk.company(values["CompanyID"]))]

    return handle


def _contracts_of_all(desk: Desk, values: Values) -> Result:
    return {desk.rules.contract_item: _of_all(contracts)(desk, values)}


HANDLERS: Handlers = {
    "PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany": _of_all(flat),
    "PersonalInfo_GetAll_AllEmployeesByCompany": _of_all(personal_infos),
    "Contract_GetAll_AllEmployeesByCompany": _contracts_of_all,
    "Employment_GetAll_AllEmployeesByCompany": _of_all(employments),
    "Salary_GetAll_AllEmployeesByCompany": _of_all(salaries),
    "Schedule_GetAll_AllEmployeesByCompany": _of_all(schedules),
    "Department_GetAll_AllEmployeesByCompany": _of_all(departments),
}
"""The handlers of EmployeeService for a whole company; their answers never change while a simulator runs."""
