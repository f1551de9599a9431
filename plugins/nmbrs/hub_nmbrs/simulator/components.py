"""Variable hour and wage components: the same calls twice, with names of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from hub_nmbrs.simulator.desk import Desk, Handlers
from hub_nmbrs.simulator.ledger import HOURS, WAGE, Row
from hub_nmbrs.simulator.people import Person
from hub_nmbrs.simulator.periods import Period
from hub_nmbrs.simulator.reading import Values
from hub_nmbrs.simulator.refusals import refusal
from hub_nmbrs.simulator.world import HOUR_CODES, HOUR_CODES_2, WAGE_CODES, WAGE_CODES_2

NOT_FOUND = 2046


@dataclass(frozen=True)
class Names:
    """What differs between hours and wage components: element names, the codes that exist, the fault of another."""

    kind: str
    child: str
    batch: str
    item: str
    code: str
    amount: str
    id: str
    codes: frozenset[int]
    unknown_code: int


HOUR = Names(
    kind=HOURS,
    child="Hourcomponent",
    batch="HourComponents",
    item="EmployeeHourComponent",
    code="HourCode",
    amount="Hours",
    id="HourComponentID",
    codes=frozenset(code for code, _ in HOUR_CODES + HOUR_CODES_2),
    unknown_code=2001,
)
AMOUNT = Names(
    kind=WAGE,
    child="WageComponent",
    batch="WageComponents",
    item="EmployeeWageComponent",
    code="Code",
    amount="Value",
    id="WageComponentID",
    codes=frozenset(code for code, _ in WAGE_CODES + WAGE_CODES_2),
    unknown_code=2002,
)


def insert(names: Names, desk: Desk, values: Values) -> int:
    """Add a row and return its id; the same again adds another."""
    row = _row(names, desk, values["EmployeeId"], values[names.child] or {}, values)
    return desk.ledger.insert(row)


def insert_batch(names: Names, desk: Desk, values: Values) -> None:
    """Add all rows, or none where one of them is refused; no ids come back."""
    items = (values[names.batch] or {}).get(names.item, ())
    rows = [_row(names, desk, item["EmployeeId"], item, values) for item in items if item]
    for row in rows:
        desk.ledger.insert(row)


def get(names: Names, desk: Desk, values: Values) -> list[Values]:
    """Return id, code and amount of each row: no comment and no cost centre."""
    person = desk.person(values["EmployeeId"])
    return list(_listed(names, desk, person, desk.period(person, values)))


def get_current(names: Names, desk: Desk, values: Values) -> list[Values]:
    """Return the rows of the current period."""
    person = desk.person(values["EmployeeId"])
    return list(_listed(names, desk, person, desk.world.current[desk.world.company_of(person).id]))


def clear(names: Names, desk: Desk, values: Values) -> None:
    """Take away every row of the employee and period, foreign ones too."""
    person = desk.person(values["EmployeeId"])
    period = desk.period(person, values)
    desk.may_change(person, period, unprotected=values["UnprotectedMode"])
    desk.ledger.clear(names.kind, person.id, period)


def update(names: Names, desk: Desk, values: Values) -> int:
    """Change a row in its own period and return its id, or that of its successor."""
    person = desk.person(values["EmployeeId"])
    child = values[names.child] or {}
    with desk.ledger.lock:
        old = desk.ledger.find(names.kind, person.id, child.get("Id", 0))
        if old is None:
            raise refusal(desk.rules.unknown_id_fault or NOT_FOUND)
        desk.may_change(person, old.period, unprotected=values["UnprotectedMode"])
        new = replace(_checked(names, desk, person, old.period, child), id=old.id)
        if not desk.rules.update_makes_new_id:
            desk.ledger.overwrite(new)
            return new.id
        desk.ledger.delete(old)
        return desk.ledger.insert(new)


def delete(names: Names, desk: Desk, values: Values) -> bool:
    """Take a row away. The call cannot lift protection, so a past period refuses it."""
    person = desk.person(values["EmployeeId"])
    with desk.ledger.lock:
        row = desk.ledger.find(names.kind, person.id, values[names.id])
        if row is None and desk.rules.unknown_id_fault is not None:
            raise refusal(desk.rules.unknown_id_fault)
        if row is None:
            return False
        desk.may_change(person, row.period, unprotected=False)
        desk.ledger.delete(row)
        return True


def _row(names: Names, desk: Desk, employee: int, child: Values, values: Values) -> Row:
    person = desk.person(employee)
    period = desk.period(person, values)
    desk.may_change(person, period, unprotected=values["UnprotectedMode"])
    return _checked(names, desk, person, period, child)


def _checked(names: Names, desk: Desk, person: Person, period: Period, child: Values) -> Row:
    if child.get(names.code) not in names.codes:
        raise refusal(names.unknown_code)
    centre = desk.cost_centre(person, child["CostCenterId"])
    return Row(names.kind, person.id, period, child[names.code], child[names.amount], centre, child["Comment"] or "")


def _listed(names: Names, desk: Desk, person: Person, period: Period) -> Iterator[dict[str, Any]]:
    for row in desk.ledger.rows(names.kind, person.id, period):
        yield {"Id": row.id, names.code: row.code, names.amount: row.amount}


HANDLERS: Handlers = {
    "HourComponentVar_Insert": partial(insert, HOUR),
    "HourComponentVar_Insert_Batch": partial(insert_batch, HOUR),
    "HourComponentVar_Get": partial(get, HOUR),
    "HourComponentVar_GetCurrent": partial(get_current, HOUR),
    "HourComponentVar_Clear": partial(clear, HOUR),
    "HourComponent_Update": partial(update, HOUR),
    "HourComponent_Delete": partial(delete, HOUR),
    "WageComponentVar_Insert": partial(insert, AMOUNT),
    "WageComponentVar_Insert_Batch": partial(insert_batch, AMOUNT),
    "WageComponentVar_Get": partial(get, AMOUNT),
    "WageComponentVar_Clear": partial(clear, AMOUNT),
    "WageComponent_Delete": partial(delete, AMOUNT),
}
"""The handlers of EmployeeService for components."""
