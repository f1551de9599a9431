"""From rows to the records of a file: one list of typed cells for each of its lines. Pure.

A record is about one person, one person and day, or one person and code, whatever the layout says; and about one cost
centre where the layout has a column for it. Sums are whole hundredths and whole minutes: nothing is rounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.errors import InputError
from hub.files.cells import EMPTY, Amount, Cell, Day, Duration, Text, Whole
from hub.files.layout import Column, Grain, Layout, Source
from hub.models import Kind, PeriodType, Row, WagePeriod

_NUMBERED = frozenset({PeriodType.MONTH, PeriodType.FOUR_WEEKS, PeriodType.WEEK})
_TEXTS = frozenset({Source.BSN, Source.EMPLOYEE, Source.NAME, Source.CODE, Source.COST_CENTRE})

Key = tuple[str, str, str]
"""Employee, date or code or nothing, cost centre or nothing: what a record is about, in the order of the file."""


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One line of a file. `employee` is for messages; a line of totals has none."""

    employee: str
    cells: tuple[Cell, ...]


def records(layout: Layout, rows: Sequence[Row], period: WagePeriod) -> list[Record]:
    """Return the records of a file, in the order of employee, date or code, and cost centre.

    A cell to which no row gives anything, or whose rows add up to 0, is empty; a record in which every amount is empty
    is left out. Raises `InputError`, which names employees by their id only: for a code without a column, a negative
    amount that the layout does not take, a person without a BSN where the file needs it, hours that are no whole
    minutes where they are written as hh:mm, one code for two kinds of amounts, and one employee with two names or BSNs.
    """
    _check(layout, rows)
    groups: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[_key(layout, row)].append(row)
    fixed = _fixed(period)
    made = (Record(key[0], _cells(layout, groups[key], fixed)) for key in sorted(groups))
    return [record for record in made if any(isinstance(cell, Amount | Duration) for cell in record.cells)]


def totals(layout: Layout, rows: Sequence[Row], made: Sequence[Record]) -> Record:
    """Return the line under the records: "Totaal" in the first column of text, sums under the amounts.

    Raises `InputError` where that would add up hours and money: a column for any code, and rows of different kinds.
    """
    if layout.grain is Grain.PERSON_CODE and len({row.kind for row in rows}) > 1:
        raise InputError(
            f"Layout {layout.name} has a row of totals, but its one column of amounts holds hours, days and money "
            "together, which do not add up: set totals = false in the layout, or export one kind at a time."
        )
    word = next(place for place, column in enumerate(layout.columns) if column.source in _TEXTS)
    columns = [[record.cells[place] for record in made] for place in range(len(layout.columns))]
    return Record("", tuple(Text("Totaal") if place == word else _sum(cells) for place, cells in enumerate(columns)))


def no_column(layout: Layout, code: str) -> str:
    """Say that a layout has no column for a code, and what to do."""
    return (
        f"Layout {layout.name} has no column for code {code}: add one to the layout, "
        "or map the component to a code that has a column."
    )


def no_negative(layout: Layout, code: str) -> str:
    """Say that a layout takes no negative amount of a code, and what to do."""
    return (
        f"There is a negative amount of code {code}, and layout {layout.name} cannot take anything back: correct it "
        "in payroll, or set negative = true in the layout if payroll takes it."
    )


# -- before anything is written ---------------------------------------------------------------------------------------


def _check(layout: Layout, rows: Iterable[Row]) -> None:
    kinds: dict[str, Kind] = {}
    people: dict[str, tuple[str, object]] = {}
    for row in rows:
        if layout.codes is not None and row.code not in layout.codes:
            raise InputError(no_column(layout, row.code))
        if kinds.setdefault(row.code, row.kind) is not row.kind:
            raise InputError(f"Code {row.code} is used for two kinds of amounts: map one of them to another code.")
        if people.setdefault(row.employee, (row.name, row.bsn)) != (row.name, row.bsn):
            raise InputError(f"Employee {row.employee} has two names or two BSNs: correct the members that are linked.")


def _key(layout: Layout, row: Row) -> Key:
    middle = {Grain.PERSON_PERIOD: "", Grain.PERSON_DAY: row.date.isoformat(), Grain.PERSON_CODE: row.code}
    centre = row.cost_centre or "" if Source.COST_CENTRE in layout.sources else ""
    return row.employee, middle[layout.grain], centre


# -- the cells of one record ------------------------------------------------------------------------------------------


def _fixed(period: WagePeriod) -> dict[Source, Cell]:
    return {
        Source.START: Day(period.start),
        Source.END: Day(period.end),
        Source.YEAR: Whole(period.year),
        Source.NUMBER: Whole(period.number) if period.type in _NUMBERED else EMPTY,
    }


def _cells(layout: Layout, rows: Sequence[Row], fixed: dict[Source, Cell]) -> tuple[Cell, ...]:
    return tuple(
        _amount(layout, rows, column.code) if column.source is Source.AMOUNT else _about(column, rows[0], fixed)
        for column in layout.columns
    )


def _about(column: Column, row: Row, fixed: dict[Source, Cell]) -> Cell:
    match column.source:
        case Source.BSN:
            return Text(_bsn(row))
        case Source.EMPLOYEE:
            return Text(row.employee)
        case Source.NAME:
            return Text(row.name)
        case Source.DATE:
            return Day(row.date)
        case Source.CODE:
            return Text(row.code)
        case Source.COST_CENTRE:
            return Text(row.cost_centre or "")
        case Source.TEXT:
            return Text(column.text)
    return fixed[column.source]


def _bsn(row: Row) -> str:
    if row.bsn is None:
        raise InputError(f"Employee {row.employee} has no BSN, and the file needs it: send it with the members.")
    return row.bsn.get_secret_value()


def _amount(layout: Layout, rows: Sequence[Row], code: str) -> Cell:
    own = [row for row in rows if not code or row.code == code]
    if layout.hours == "hh:mm" and any(row.kind is Kind.HOURS and not row.pieces for row in own):
        cell = _sum([Duration(_minutes(row)) for row in own])
    else:
        cell = _sum([Amount(row.amount) for row in own])
    if not layout.negative and _number(cell) < 0:
        raise InputError(f"Employee {own[0].employee}: {no_negative(layout, own[0].code)}")
    return cell


def _minutes(row: Row) -> int:
    if row.minutes is not None:
        return row.minutes
    minutes, left = divmod(row.amount * 60, 100)
    if left:
        raise InputError(
            f"Employee {row.employee} has hours of code {row.code} that are no whole minutes, and the layout writes "
            "hh:mm: set hours = 'decimal' in the layout."
        )
    return minutes


def _sum(cells: Iterable[Cell]) -> Cell:
    """Return what cells of one kind add up to; an empty cell where that is nothing."""
    cells = list(cells)
    total = sum(_number(cell) for cell in cells)
    if not total:
        return EMPTY
    return Duration(total) if any(isinstance(cell, Duration) for cell in cells) else Amount(total)


def _number(cell: Cell) -> int:
    match cell:
        case Amount(number) | Duration(number):
            return number
    return 0
