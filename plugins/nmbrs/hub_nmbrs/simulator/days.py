"""Days worked: setting replaces what was there, so setting twice is setting once."""

from __future__ import annotations

from hub_nmbrs.simulator.desk import Desk, Handlers
from hub_nmbrs.simulator.ledger import Days
from hub_nmbrs.simulator.people import Person
from hub_nmbrs.simulator.periods import Period
from hub_nmbrs.simulator.reading import Values


def set_days(desk: Desk, values: Values) -> None:
    """Set the days worked of one employee."""
    person, period = _slot(desk, values, unprotected=values["UnprotectedMode"])
    desk.ledger.set_days(person.id, period, Days(values["Days"]))


def set_batch(desk: Desk, values: Values) -> None:
    """Set the days of many employees, each line with its own period; none where one of them is refused."""
    lines = [line for line in (values["EmployeesDaysWorked"] or {}).get("DaysWorked", ()) if line]
    slots = [_slot(desk, line, unprotected=values["UnprotectedMode"]) for line in lines]
    for (person, period), line in zip(slots, lines, strict=True):
        desk.ledger.set_days(person.id, period, Days(line["Days"]))


def get_days(desk: Desk, values: Values) -> int:
    """Return the days worked, zero where none were set."""
    person = desk.person(values["EmployeeId"])
    return desk.ledger.days(person.id, desk.period(person, values)).days


def set_worked(desk: Desk, values: Values) -> None:
    """Set the days worked with the correction for wage components per day."""
    person, period = _slot(desk, values, unprotected=values["UnprotectedMode"])
    desk.ledger.set_days(person.id, period, Days(values["Days"], values["PlusMinusDaysForWageComp"]))


def get_worked(desk: Desk, values: Values) -> Values:
    """Return the days worked with the correction for wage components per day."""
    person = desk.person(values["EmployeeId"])
    worked = desk.ledger.days(person.id, desk.period(person, values))
    return {"Days": worked.days, "PlusMinusDaysForWageComp": worked.extra}


def _slot(desk: Desk, values: Values, *, unprotected: bool) -> tuple[Person, Period]:
    person = desk.person(values["EmployeeId"])
    period = desk.period(person, values)
    desk.may_change(person, period, unprotected=unprotected)
    return person, period


HANDLERS: Handlers = {
    "DaysVar_Set": set_days,
    "DaysVar_Set_Batch": set_batch,
    "DaysVar_Get": get_days,
    "DaysVarWorked_Set": set_worked,
    "DaysVarWorked_Get": get_worked,
}
"""The handlers of EmployeeService for days worked."""
