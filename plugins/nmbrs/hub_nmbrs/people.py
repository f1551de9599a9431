"""The people of an administration, from the company-wide lists of Nmbrs: never a call per employee.

Each list is picked from while it streams by (`history`); all is merged per employee when the people themselves come
last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from hub import Contract, Department, Employee, PermissionMissing, Schedule, SyncRequest, Wage, Workforce
from hub_nmbrs import history
from hub_nmbrs import operations as call
from hub_nmbrs.operations import Operation, for_company
from hub_nmbrs.reading import Row
from hub_nmbrs.soap import Collect, Soap
from hub_nmbrs.values import day, identifier

T = TypeVar("T")

_PHONES = ("TelephoneMobileWork", "TelephoneMobilePrivate", "TelephoneWork", "TelephonePrivate")


@dataclass(frozen=True)
class _Details:
    """What the other lists say, by employee id."""

    contracts: Mapping[str, tuple[Contract, ...]]
    employments: Mapping[str, tuple[date | None, date | None]]
    wages: Mapping[str, Wage]
    schedules: Mapping[str, Schedule]
    departments: Mapping[str, Department]


def sync_workforce(soap: Soap, request: SyncRequest) -> Workforce:
    """Return everyone in the administrations, as they are on the asked date: six calls for each administration.

    Raises `PermissionMissing` without the right to the lists of people and contracts; without that to another list,
    its fields stay empty. Else raises what `Soap.read` raises.
    """
    employees: list[Employee] = []
    for administration in request.administrations:
        employees += _employees(soap, administration, request.today)
    return Workforce(employees=tuple(employees))


def _employees(soap: Soap, administration: str, today: date) -> list[Employee]:
    company = int(administration)
    details = _details(soap, company, today)

    def collect(rows: Iterator[Row]) -> list[Employee]:
        return [_employee(row, administration, details) for row in rows]

    return soap.read(call.PEOPLE, for_company(call.PEOPLE, company), collect)


def _details(soap: Soap, company: int, today: date) -> _Details:
    def optional(operation: Operation, collect: Collect[dict[str, T]]) -> dict[str, T]:
        try:
            return soap.read(operation, for_company(operation, company), collect)
        except PermissionMissing:
            return {}

    return _Details(
        contracts=soap.read(call.CONTRACTS, for_company(call.CONTRACTS, company), history.contracts),
        employments=optional(call.EMPLOYMENTS, history.employments(today)),
        wages=optional(call.SALARIES, history.wages(today)),
        schedules=optional(call.SCHEDULES, history.schedules(today)),
        departments=optional(call.DEPARTMENTS, history.departments()),
    )


def _employee(row: Row, administration: str, details: _Details) -> Employee:
    key = identifier(row, "EmployeeID")
    starts, ends = details.employments.get(key, (None, None))
    return Employee(
        id=key,
        administration=administration,
        number=row.get("EmployeeNumber", ""),
        first_name=row.get("FirstName", ""),
        prefix=row.get("Prefix", ""),
        last_name=row.get("LastName", ""),
        email=_first(row, ("EmailWork", "EmailPrivate")).lower(),
        phone=_first(row, _PHONES),
        birth_date=day(row, "Birthday"),
        starts=starts,
        ends=ends,
        contracts=details.contracts.get(key, ()),
        schedule=details.schedules.get(key),
        wage=details.wages.get(key),
        department=details.departments.get(key),
    )


def _first(row: Row, names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := row.get(name, "").strip())), "")
