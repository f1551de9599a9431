"""What a person may decide about an entry, what each choice means, and when payroll itself speaks against it. Pure.

`it is there`  an amount to add or set, or a row to change: payroll holds exactly this, in the row that is named. A row
               to take away: payroll no longer holds it.
`send again`   payroll does not hold it, or still has the row to be changed or taken away: the run sends it once more.
`leave out`    the hub does not do it: somebody sees to it by hand, and payroll stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.errors import InputError
from hub.export.deciding.case import Case, Rows
from hub.export.posting.reconcile import fits
from hub.export.states import ENTRY, Change, EntryState
from hub.models import Entry, PostedEntry


class Choice(StrEnum):
    """What a person decides."""

    IT_IS_THERE = "it is there"
    SEND_AGAIN = "send again"
    LEAVE_OUT = "leave out"


MEANING: Mapping[tuple[Change, Choice], str] = {
    (Change.POST, Choice.IT_IS_THERE): "Payroll holds this amount in row ID. Nothing is sent.",
    (Change.POST, Choice.SEND_AGAIN): "Payroll does not hold this amount. The run sends it once more.",
    (Change.POST, Choice.LEAVE_OUT): "The hub does not send it, nor its timecards later: see to it by hand.",
    (Change.REPLACE, Choice.IT_IS_THERE): "Row ID holds the new amount in payroll. Nothing is sent.",
    (Change.REPLACE, Choice.SEND_AGAIN): "The row still has to be changed. The run changes it once more.",
    (Change.REPLACE, Choice.LEAVE_OUT): "The hub does not change the row: see to it by hand.",
    (Change.WITHDRAW, Choice.IT_IS_THERE): "Row ID is taken out of payroll. Nothing is sent.",
    (Change.WITHDRAW, Choice.SEND_AGAIN): "The row is still in payroll. The run takes it out once more.",
    (Change.WITHDRAW, Choice.LEAVE_OUT): "The hub does not take the row out: see to it by hand.",
}
"""What each choice means for an entry that adds an amount, changes a row or takes one away."""

OR_ELSE = "Put that right in payroll first, or leave it out"


@dataclass(frozen=True)
class Settled:
    """What a choice makes of an entry. `shown` is what payroll held of an amount that is set again, in hundredths."""

    state: EntryState
    posted_id: str | None
    shown: int | None


def choices(case: Case) -> tuple[Choice, ...]:
    """Return what a person may choose for an entry; nothing where there is nothing to decide."""
    state = case.job.state
    if state not in (EntryState.NEEDS_DECISION, EntryState.DRIFTED, EntryState.LEFT_OUT):
        return ()
    able = (one for one in Choice if leads_to(state, one) in ENTRY[state])
    return tuple(one for one in able if one is not Choice.SEND_AGAIN or case.replaceable)


def leads_to(state: EntryState, choice: Choice) -> EntryState:
    """Return the state that a choice leads to."""
    if choice is Choice.IT_IS_THERE:
        return EntryState.VERIFIED if state is EntryState.DRIFTED else EntryState.CONFIRMED
    return EntryState.PLANNED if choice is Choice.SEND_AGAIN else EntryState.LEFT_OUT


def asks_payroll(case: Case, choice: Choice) -> bool:
    """Tell whether a choice is checked against what payroll holds now."""
    job = case.job
    knows_a_row = bool(job.posted_id or job.entry.sets or job.old)
    return choice is Choice.IT_IS_THERE or (choice is Choice.SEND_AGAIN and knows_a_row)


def settled(case: Case, choice: Choice, row: str, rows: Rows | None) -> Settled:
    """Return what a choice makes of an entry. `rows` is its slot as read now, None where payroll cannot be read.

    Raises `InputError` where payroll speaks against it.
    """
    state, entry = leads_to(case.job.state, choice), case.job.entry
    if choice is Choice.IT_IS_THERE:
        return Settled(state, _there(case, row, rows), case.job.shown)
    if choice is Choice.LEAVE_OUT:
        return Settled(state, case.job.posted_id, case.job.shown)
    if rows is None:
        return Settled(state, None, case.job.shown)
    _check_again(case, rows)
    return Settled(state, None, _held(entry, rows) if entry.sets else case.job.shown)


def _there(case: Case, row: str, rows: Rows | None) -> str | None:
    """Return the id of the row that payroll holds for an entry, or of the one that it no longer holds."""
    job = case.job
    if job.change is Change.WITHDRAW:
        return _taken_out(case, row, rows)
    other = case.ours.get(row)
    if other not in (None, job.id, job.replaces):
        raise InputError(f"Row {row} belongs to entry {other}: name another row.")
    if job.entry.sets:
        return _set(job.entry, row, rows)
    if rows is not None:
        _check_fits(case, row, rows)
    return row


def _taken_out(case: Case, row: str, rows: Rows | None) -> str:
    old = case.job.old.id if case.job.old else case.job.posted_id
    if row != old:
        raise InputError(f"Entry {case.job.id} takes row {old} out of payroll: name that row once it is gone.")
    if rows is not None and _find(row, rows):
        raise InputError(f"Row {row} is still in payroll: take it out there, send it again, or leave it out.")
    return row


def _set(entry: Entry, row: str, rows: Rows | None) -> str | None:
    """Check an amount that was set: it is named by its code where payroll gives it no id."""
    under = [one for one in rows or () if one.code == entry.code]
    if row not in {entry.code, *(one.id for one in under)}:
        raise InputError(f"This amount is set under a code: name that instead of a row ({entry.code}).")
    if rows is not None and _held(entry, rows) != entry.amount:
        says = f"payroll holds {_shown(_held(entry, rows))} under {entry.code} and this entry is {_shown(entry.amount)}"
        raise InputError(f"It is not there as it was sent: {says}. {OR_ELSE}, or send it again.")
    return next((one.id for one in under if one.id), None)


def _check_fits(case: Case, row: str, rows: Rows) -> None:
    there, entry = _find(row, rows), case.job.entry
    if there is None:
        held = ", ".join(one.id for one in rows if one.id) or "none"
        raise InputError(f"Payroll holds no row {row} for this person and period (rows: {held}): name one of its rows.")
    if not fits(there, entry):
        says = f"row {row} is {_described(there)} and this entry is {_shown(entry.amount)} under {entry.code}"
        centre = f", cost centre {entry.cost_centre}" if entry.cost_centre else ""
        raise InputError(f"It is not there as it was sent: {says}{centre}. {OR_ELSE}.")


def _check_again(case: Case, rows: Rows) -> None:
    """Refuse to add what payroll still has in the entry's own row, and to change a row that is gone."""
    job = case.job
    if job.change is not Change.POST and (job.old is None or not _find(job.old.id, rows)):
        raise InputError("The row that this entry is about is no longer in payroll: say it is there, or leave it out.")
    if job.change is Change.POST and not job.entry.sets and _find(job.posted_id or "", rows):
        raise InputError(f"Row {job.posted_id}, which is this entry's, is still in payroll: it would be paid twice.")


def _find(row: str, rows: Rows) -> PostedEntry | None:
    return next((one for one in rows if row and one.id == row), None)


def _held(entry: Entry, rows: Rows) -> int:
    return sum(one.amount for one in rows if one.code == entry.code)


def _described(row: PostedEntry) -> str:
    centre = f", cost centre {row.cost_centre}" if row.cost_centre else ""
    return f"{_shown(row.amount)} under {row.code}{centre}"


def _shown(amount: int) -> str:
    return f"{amount / 100:.2f}"
