"""Posting to Nmbrs: hours and wage components are rows that are added, days worked are one number that is set.

Nothing here retries, clears or changes a row that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hub import Entry, Kind, PostedEntry, Refused, Slot, UnknownOutcome
from hub_nmbrs import operations as call
from hub_nmbrs.faults import INVALID_VALUES
from hub_nmbrs.operations import DAYS_WORKED, Operation
from hub_nmbrs.reading import Row
from hub_nmbrs.soap import Arguments, Soap
from hub_nmbrs.values import hundredths, identifier, whole

READ: Mapping[Kind, Operation] = {Kind.HOURS: call.GET_HOURS, Kind.WAGE: call.GET_WAGE, Kind.DAYS: call.GET_DAYS}
"""The call that reads a slot back."""

WRITE: Mapping[Kind, Operation] = {Kind.HOURS: call.INSERT_HOURS, Kind.WAGE: call.INSERT_WAGE, Kind.DAYS: call.SET_DAYS}
"""The call that posts an entry."""

_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NmbrsPosting:
    """The destination of an export: satisfies `hub.Posting`. May be used from several threads for different slots."""

    def __init__(self, soap: Soap) -> None:
        self._soap = soap

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Return every row of the slot. Nmbrs does not tell their cost centres and comments. Raises as `Soap.read`."""
        return self._soap.read(READ[slot.kind], slot_arguments(slot), _READERS[slot.kind])

    def post(self, entry: Entry, key: str) -> PostedEntry:
        """Add a row, or set the days worked. `key` stays here: Nmbrs has no idempotency keys.

        Raises as `Soap.write`; `Refused` too for an entry that Nmbrs cannot hold, before anything is sent.
        """
        operation = WRITE[entry.slot.kind]
        row = self._soap.write(operation, entry_arguments(entry))
        posted = "" if entry.sets else _accepted(operation, row)
        return PostedEntry(
            id=posted,
            kind=entry.slot.kind,
            code=entry.code,
            amount=entry.amount,
            cost_centre=entry.cost_centre,
            comment=entry.comment,
        )


def slot_arguments(slot: Slot) -> Arguments:
    """Return what tells Nmbrs which slot is meant."""
    return {
        "EmployeeId": _number(slot.employee, "the employee"),
        "Period": slot.period.number,
        "Year": slot.period.year,
    }


def entry_arguments(entry: Entry) -> Arguments:
    """Return an entry as the arguments of its call. Raises `Refused` for one that Nmbrs cannot hold."""
    if entry.sets is not (entry.slot.kind is Kind.DAYS):
        raise Refused(INVALID_VALUES, "Nmbrs adds hours and wage components and sets days: correct the mapping.")
    where = {**slot_arguments(entry.slot), "UnprotectedMode": entry.unprotected}
    if entry.slot.kind is Kind.DAYS:
        return where | {"Days": _days(entry.amount)}
    if entry.slot.kind is Kind.HOURS:
        return where | {"Hourcomponent": _component(entry, code="HourCode", amount="Hours")}
    return where | {"WageComponent": _component(entry, code="Code", amount="Value")}


def _component(entry: Entry, *, code: str, amount: str) -> Arguments:
    """Return a new row; its `Id` must be there and is 0, its code and amount are named differently per kind."""
    return {
        "Id": 0,
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


def _accepted(operation: Operation, row: Row) -> str:
    """Return the id of the new row: only a positive one proves that there is one."""
    found = row.get(operation.result, "").strip()
    if not _NUMBER.fullmatch(found) or int(found) <= 0:
        raise UnknownOutcome(
            f"Nmbrs answered {operation.right} without the id of a row: look up in payroll whether it was done."
        )
    return found


def _hours(rows: Iterator[Row]) -> tuple[PostedEntry, ...]:
    return tuple(_posted(row, Kind.HOURS, code="HourCode", amount="Hours") for row in rows)


def _wage(rows: Iterator[Row]) -> tuple[PostedEntry, ...]:
    return tuple(_posted(row, Kind.WAGE, code="Code", amount="Value") for row in rows)


def _posted(row: Row, kind: Kind, *, code: str, amount: str) -> PostedEntry:
    return PostedEntry(id=identifier(row, "Id"), kind=kind, code=identifier(row, code), amount=hundredths(row, amount))


def _days_worked(rows: Iterator[Row]) -> tuple[PostedEntry, ...]:
    """Return the days worked as one row without an id; no days are no row."""
    days = [whole(row, call.GET_DAYS.result) for row in rows]
    return tuple(PostedEntry(id="", kind=Kind.DAYS, code=DAYS_WORKED, amount=one * 100) for one in days if one > 0)


_READERS = {Kind.HOURS: _hours, Kind.WAGE: _wage, Kind.DAYS: _days_worked}
