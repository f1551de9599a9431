"""Posting to Nmbrs: hours and wage components are rows that are added, days worked are one number that is set.

A row of ours is changed or taken away by its id, one row per call. Nothing here retries or clears.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub import Entry, Kind, PostedEntry, Refused, Slot, UnknownOutcome
from hub_nmbrs import operations as call
from hub_nmbrs.arguments import (
    delete_arguments,
    entry_arguments,
    is_row_number,
    row_number,
    slot_arguments,
    update_arguments,
)
from hub_nmbrs.faults import INVALID_VALUES
from hub_nmbrs.operations import DAYS_WORKED, Operation
from hub_nmbrs.reading import Row
from hub_nmbrs.soap import Soap
from hub_nmbrs.values import hundredths, identifier, whole

READ: Mapping[Kind, Operation] = {Kind.HOURS: call.GET_HOURS, Kind.WAGE: call.GET_WAGE, Kind.DAYS: call.GET_DAYS}
"""The call that reads a slot back."""

WRITE: Mapping[Kind, Operation] = {Kind.HOURS: call.INSERT_HOURS, Kind.WAGE: call.INSERT_WAGE, Kind.DAYS: call.SET_DAYS}
"""The call that posts an entry."""

REPLACE: Mapping[Kind, Operation] = {Kind.HOURS: call.UPDATE_HOURS}
"""The call that changes a row, where Nmbrs has one."""

WITHDRAW: Mapping[Kind, Operation] = {Kind.HOURS: call.DELETE_HOURS, Kind.WAGE: call.DELETE_WAGE}
"""The call that takes a row away, where Nmbrs has one."""

_PROTECTED = "2011"
_TRUE = ("true", "1")  # xs:boolean


class NmbrsPosting:
    """The destination of an export: satisfies `hub.Posting`, `hub.Replacing` and `hub.Withdrawing`.

    May be used from several threads for different slots.
    """

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
        return _as_sent(entry, "" if entry.sets else _accepted(operation, row))

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Give an hour row the content of an entry, and return it under the id that Nmbrs answers: maybe another.

        Raises as `post`; `Refused` too for what is no hour row, before anything is sent.
        """
        operation = _possible(REPLACE, entry.slot.kind)
        row = self._soap.write(operation, update_arguments(entry, row_number(posted, entry.slot.kind)))
        return _as_sent(entry, _accepted(operation, row))

    def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
        """Take an hour or wage row away. Raises as `replace`, and `UnknownOutcome` unless Nmbrs says that it did."""
        operation = _possible(WITHDRAW, slot.kind)
        arguments = delete_arguments(slot, row_number(posted, slot.kind))
        try:
            row = self._soap.write(operation, arguments)
        except Refused as refused:
            raise _without_permission(refused) from None
        if row.get(operation.result, "").strip() not in _TRUE:
            raise UnknownOutcome(
                f"Nmbrs answered {operation.right} without saying that it was done: look up in payroll whether the row "
                "is still there."
            )


def _possible(operations: Mapping[Kind, Operation], kind: Kind) -> Operation:
    if kind not in operations:
        raise Refused(INVALID_VALUES, "Nmbrs has no call that does this to such an amount: correct it in payroll.")
    return operations[kind]


def _as_sent(entry: Entry, row: str) -> PostedEntry:
    return PostedEntry(
        id=row,
        kind=entry.slot.kind,
        code=entry.code,
        amount=entry.amount,
        cost_centre=entry.cost_centre,
        comment=entry.comment,
    )


def _accepted(operation: Operation, row: Row) -> str:
    """Return the id of the row that was written: only a positive one proves that there is one."""
    found = row.get(operation.result, "").strip()
    if not is_row_number(found):
        raise UnknownOutcome(
            f"Nmbrs answered {operation.right} without the id of a row: look up in payroll whether it was done."
        )
    return str(int(found))


def _without_permission(refused: Refused) -> Refused:
    """Return the refusal of a delete, which has no way to use a permission for a past period."""
    if refused.code != _PROTECTED:
        return refused
    text = "The period is protected, and Nmbrs takes no row out of it: have payroll reopen it, or delete the row there."
    return Refused(refused.code, text, detail=refused.detail)


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
