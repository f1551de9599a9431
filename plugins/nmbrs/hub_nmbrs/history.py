"""What counts on a date of the histories that Nmbrs lists: contracts, employments, wages, schedules, departments.

Each function here is, or returns, what `Soap.read` collects rows with: it gives a value per employee id. Not verified
at Nmbrs, which publishes no tables: that `Type` of a salary counts as the enumeration of the WSDL does, and that 0
hours per week mean a zero-hours contract (what `EmployementType` means is not known).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from hub import Contract, ContractType, Department, Schedule, Wage
from hub_nmbrs.operations import EMPLOYEE_ID, FIRST_WEEK, SECOND_WEEK
from hub_nmbrs.reading import Row
from hub_nmbrs.soap import Collect
from hub_nmbrs.values import day, hundredths, identifier, whole

T = TypeVar("T")
Rank = tuple[str, ...]
"""What the rows of one employee are ordered by: dates as Nmbrs writes them, which sort as text."""

Employed = tuple[date | None, date | None]
"""The first and the last day of an employment."""

_PER_HOUR = frozenset({3, 6, 8})
"""Bruto_Uurloon, Netto_Uurloon_excl_looncomp and Netto_Uurloon_incl_looncomp, counted from None = 0 (unverified)."""


def contracts(rows: Iterator[Row]) -> dict[str, tuple[Contract, ...]]:
    """Return the contracts by employee. Nmbrs lists one contract several times: the one entered last counts."""
    found: dict[str, dict[str, tuple[str, Contract]]] = {}
    for row in rows:
        versions = found.setdefault(identifier(row, EMPLOYEE_ID), {})
        contract, entered = _contract(row), row.get("CreationDate", "")
        if contract.id not in versions or entered >= versions[contract.id][0]:
            versions[contract.id] = entered, contract
    return {employee: _by_start(contract for _, contract in versions.values()) for employee, versions in found.items()}


def _by_start(contracts: Iterable[Contract]) -> tuple[Contract, ...]:
    return tuple(sorted(contracts, key=lambda contract: (contract.start or date.min, int(contract.id))))


def _contract(row: Row) -> Contract:
    hours = hundredths(row, "HoursPerWeek") if "HoursPerWeek" in row else None
    return Contract(
        id=identifier(row, "ContractID"),
        start=day(row, "StartDate"),
        end=day(row, "EndDate"),
        weekly_hours=hours,
        type=_contract_type(hours),
    )


def _contract_type(hours: int | None) -> ContractType | None:
    if hours is None:
        return None
    return ContractType.FIXED_HOURS if hours > 0 else ContractType.ZERO_HOURS


def employments(today: date) -> Collect[dict[str, Employed]]:
    """Keep the employment in force, else the one that starts last: after a re-hire there are several."""
    return _highest(_employment_rank(today), _employment)


def wages(today: date) -> Collect[dict[str, Wage]]:
    """Keep the wage in force."""
    return _highest(_in_force(today), _wage)


def schedules(today: date) -> Collect[dict[str, Schedule]]:
    """Keep the schedule in force."""
    return _highest(_in_force(today), _schedule)


def departments() -> Collect[dict[str, Department]]:
    """Keep the department from the latest wage period; the list does not tell the dates of periods."""
    return _highest(_department_rank, _department)


# -- which row counts -------------------------------------------------------------------------------------------------


def _highest(rank: Callable[[Row], Rank | None], make: Callable[[Row], T]) -> Collect[dict[str, T]]:
    """Keep for each employee what `make` makes of the row that ranks highest; a row of rank None does not count."""

    def collect(rows: Iterator[Row]) -> dict[str, T]:
        found: dict[str, tuple[Rank, T]] = {}
        for row in rows:
            employee, ranked = identifier(row, EMPLOYEE_ID), rank(row)
            if ranked is not None and (employee not in found or ranked >= found[employee][0]):
                found[employee] = ranked, make(row)
        return {employee: made for employee, (_, made) in found.items()}

    return collect


def _in_force(today: date) -> Callable[[Row], Rank | None]:
    """Rank by start, the latest that is not after today; of two, the one that was entered last."""
    limit = today.isoformat()

    def rank(row: Row) -> Rank | None:
        start = row.get("StartDate", "")
        return (start, row.get("CreationDate", "")) if start[:10] <= limit else None

    return rank


def _employment_rank(today: date) -> Callable[[Row], Rank]:
    def rank(row: Row) -> Rank:
        starts, ends = _employment(row)
        running = (starts is None or starts <= today) and (ends is None or ends >= today)
        return ("in force" if running else "", row.get("StartDate", ""))

    return rank


def _department_rank(row: Row) -> Rank:
    """Rank by the wage period from which it holds, then by when it was entered."""
    return (row.get("StartYear", "").zfill(4), row.get("StartPeriod", "").zfill(2), row.get("CreationDate", ""))


# -- rows as models ---------------------------------------------------------------------------------------------------


def _employment(row: Row) -> Employed:
    return day(row, "StartDate"), day(row, "EndDate")


def _wage(row: Row) -> Wage:
    per = "hour" if whole(row, "Type") in _PER_HOUR else "month"
    return Wage(start=day(row, "StartDate"), amount=hundredths(row, "Value"), per=per)


def _schedule(row: Row) -> Schedule:
    """Return one week, or two where the second week has hours."""
    first, second = _hours(row, FIRST_WEEK), _hours(row, SECOND_WEEK)
    return Schedule(start=day(row, "StartDate"), hours=first + second if any(second) else first)


def _hours(row: Row, week: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(hundredths(row, name) if name in row else 0 for name in week)


def _department(row: Row) -> Department:
    return Department(code=identifier(row, "Code"), title=row.get("Description", ""))
