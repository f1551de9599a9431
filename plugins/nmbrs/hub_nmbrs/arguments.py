"""What the calls about one slot take: an entry, a row or the slot itself as the arguments that Nmbrs knows.

What Nmbrs cannot hold is refused here, before anything is sent.
"""

from __future__ import annotations

import re

from hub import Entry, Kind, PostedEntry, Refused, Slot
from hub_nmbrs.faults import INVALID_VALUES
from hub_nmbrs.soap import Arguments

NEW_ROW = 0
"""The id of a row that is still to be made: Nmbrs wants one in every component."""

_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def slot_arguments(slot: Slot) -> Arguments:
    """Return what tells Nmbrs which slot is meant. Raises `Refused` for an employee that is no number."""
    return {**_employee(slot), "Period": slot.period.number, "Year": slot.period.year}


def entry_arguments(entry: Entry) -> Arguments:
    """Return an entry as the arguments of its call. Raises `Refused` for one that Nmbrs cannot hold."""
    _check_sets(entry)
    where = {**slot_arguments(entry.slot), "UnprotectedMode": entry.unprotected}
    if entry.slot.kind is Kind.DAYS:
        return where | {"Days": _days(entry.amount)}
    if entry.slot.kind is Kind.HOURS:
        return where | {"Hourcomponent": _hours(entry, NEW_ROW)}
    return where | {"WageComponent": _component(entry, NEW_ROW, code="Code", amount="Value")}


def update_arguments(entry: Entry, row: int) -> Arguments:
    """Return what gives the hour row with this id the content of an entry; the row stays in its own period.

    Raises `Refused` for an entry that Nmbrs cannot hold.
    """
    _check_sets(entry)
    return {
        **_employee(entry.slot),
        "Hourcomponent": _hours(entry, row),
        "EndPeriod": 0,  # of fixed components only; Nmbrs wants a number all the same
        "EndYear": 0,
        "UnprotectedMode": entry.unprotected,
    }


def delete_arguments(slot: Slot, row: int) -> Arguments:
    """Return what names the row with this id to a call that takes it away."""
    name = "HourComponentID" if slot.kind is Kind.HOURS else "WageComponentID"
    return {**_employee(slot), name: row}


def row_number(posted: PostedEntry, kind: Kind) -> int:
    """Return the id of a row. Raises `Refused` unless it has one and is of this kind.

    Hours and wage components are numbered apart: the id of the one may be that of somebody's other.
    """
    if posted.kind is not kind or not is_row_number(posted.id):
        raise Refused(INVALID_VALUES, "It is not certain which row at Nmbrs is meant: correct the amount in payroll.")
    return int(posted.id)


def is_row_number(text: str) -> bool:
    """Tell whether this is the id of a row that is there: a positive number."""
    return bool(_NUMBER.fullmatch(text)) and int(text) > 0


def _check_sets(entry: Entry) -> None:
    if entry.sets is not (entry.slot.kind is Kind.DAYS):
        raise Refused(INVALID_VALUES, "Nmbrs adds hours and wage components and sets days: correct the mapping.")


def _employee(slot: Slot) -> dict[str, int]:
    return {"EmployeeId": _number(slot.employee, "the employee")}


def _hours(entry: Entry, row: int) -> Arguments:
    return _component(entry, row, code="HourCode", amount="Hours")


def _component(entry: Entry, row: int, *, code: str, amount: str) -> Arguments:
    """Return a row; its code and amount are named differently per kind."""
    return {
        "Id": row,
        code: _number(entry.code, "the code"),
        amount: _decimal(entry.amount),
        "CostCenterId": None if entry.cost_centre is None else _number(entry.cost_centre, "the cost centre"),
        "CostUnitId": None,
        "Comment": _NOT_IN_XML.sub("", entry.comment) or None,
    }


def _number(text: str, what: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Refused(INVALID_VALUES, f"Nmbrs takes only a number for {what}: correct the mapping.")
    return int(text)


def _decimal(amount: int) -> str:
    whole_part, hundredths_part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole_part}.{hundredths_part:02}"


def _days(amount: int) -> int:
    days, rest = divmod(amount, 100)
    if rest:
        raise Refused(INVALID_VALUES, "Nmbrs takes only whole days: correct the days worked.")
    return days
