"""From rows to records: which lines a file has, what is in their cells, and what cannot be written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from hub.errors import InputError
from hub.files.cells import EMPTY, Amount, Cell, Day, Duration, Text, Whole
from hub.files.layout import Grain, Layout
from hub.files.records import records, totals
from hub.files.render import problems
from hub.models import Kind, PeriodType, Row, WagePeriod
from hub.testing.file_rows import NOVEMBER, file_layout, file_row

PERIOD, DAY, CODE = Grain.PERSON_PERIOD, Grain.PERSON_DAY, Grain.PERSON_CODE

ROWS = [
    file_row("e2", 3, "100", 800, cost_centre="bar"),
    file_row("e1", 3, "150", 250, cost_centre="bar"),
    file_row("e1", 2, "100", 750, cost_centre="kitchen"),
    file_row("e1", 3, "100", 333, cost_centre="bar"),
]


def cells(layout: Layout, rows: Sequence[Row], period: WagePeriod = NOVEMBER) -> list[tuple[Cell, ...]]:
    return [record.cells for record in records(layout, rows, period)]


def refused(layout: Layout, *rows: Row) -> str:
    with pytest.raises(InputError) as error:
        records(layout, rows, NOVEMBER)
    return error.value.text


def test_a_row_per_person_holds_all_that_was_worked() -> None:
    """One record for each employee, by id; a code of which somebody has nothing is an empty cell."""
    layout = file_layout(PERIOD, "Nr:employee", "Uren:amount:100", "Toeslag:amount:150")
    assert cells(layout, ROWS) == [
        (Text("e1"), Amount(1083), Amount(250)),
        (Text("e2"), Amount(800), EMPTY),
    ]


def test_a_row_per_person_and_day_is_in_the_order_of_days() -> None:
    """One record for each employee and business date."""
    layout = file_layout(DAY, "Nr:employee", "Datum:date", "Uren:amount:100", "Toeslag:amount:150")
    assert cells(layout, ROWS) == [
        (Text("e1"), Day(date(2026, 11, 2)), Amount(750), EMPTY),
        (Text("e1"), Day(date(2026, 11, 3)), Amount(333), Amount(250)),
        (Text("e2"), Day(date(2026, 11, 3)), Amount(800), EMPTY),
    ]


def test_a_row_per_person_and_code_takes_any_code() -> None:
    """One record for each employee and code, with its one amount."""
    layout = file_layout(CODE, "Nr:employee", "Looncode:code", "Aantal:amount")
    assert cells(layout, ROWS) == [
        (Text("e1"), Text("100"), Amount(1083)),
        (Text("e1"), Text("150"), Amount(250)),
        (Text("e2"), Text("100"), Amount(800)),
    ]


@pytest.mark.parametrize(
    ("grain", "columns", "keys"),
    [
        (PERIOD, ("Nr:employee", "Kp:cost_centre", "U:amount:100", "T:amount:150"), ["e1 bar", "e1 kitchen", "e2 bar"]),
        (
            DAY,
            ("Nr:employee", "Kp:cost_centre", "D:date", "U:amount:100", "T:amount:150"),
            ["e1 kitchen", "e1 bar", "e2 bar"],
        ),
        (
            CODE,
            ("Nr:employee", "Kp:cost_centre", "C:code", "A:amount"),
            ["e1 bar", "e1 kitchen", "e1 bar", "e2 bar"],
        ),
    ],
)
def test_a_column_for_the_cost_centre_splits_the_rows(grain: Grain, columns: tuple[str, ...], keys: list[str]) -> None:
    """With such a column there is a record for each cost centre, after the date or the code in the order."""
    made = cells(file_layout(grain, *columns), ROWS)
    assert [" ".join(cell.text for cell in one[:2] if isinstance(cell, Text)) for one in made] == keys


def test_what_cancels_out_is_left_out() -> None:
    """A record of which every amount is 0 is not in the file; no column says that it was there."""
    layout = file_layout(PERIOD, "Nr:employee", "Uren:amount:100")
    assert cells(layout, [file_row("e1", amount=750), file_row("e1", amount=-750), file_row("e2")]) == [
        (Text("e2"), Amount(750))
    ]


def test_a_column_about_the_period_or_a_fixed_text_is_filled_by_it() -> None:
    """Dates, year and number come from the wage period, a fixed text from the layout, a name and BSN from the row."""
    layout = file_layout(
        PERIOD, "S:start", "E:end", "Y:year", "N:number", "F:text:U", "B:bsn", "Naam:name", "Uren:amount:100"
    )
    assert cells(layout, [file_row("e3")]) == [
        (
            *(Day(date(2026, 11, 1)), Day(date(2026, 11, 30)), Whole(2026), Whole(11)),
            *(Text("U"), Text("012345672"), Text("Chloé Şahin"), Amount(750)),
        )
    ]


def test_a_free_range_of_dates_has_no_number() -> None:
    """The number of a wage period is an empty cell where the dates are no wage period."""
    free = WagePeriod(type=PeriodType("range"), year=2026, number=0, start=date(2026, 12, 28), end=date(2027, 1, 3))
    layout = file_layout(PERIOD, "Nr:employee", "N:number", "Uren:amount:100")
    assert cells(layout, [file_row()], free) == [(Text("e1"), EMPTY, Amount(750))]


def test_hours_as_a_clock_are_summed_in_minutes() -> None:
    """Three times 20 minutes is an hour; in hundredths it is three times 33. Money stays a decimal."""
    rows = [file_row(amount=33, minutes=20) for _ in range(3)] + [file_row(code="9", kind=Kind.WAGE, amount=1250)]
    columns = ("Nr:employee", "Uren:amount:100", "Geld:amount:9")
    assert cells(file_layout(PERIOD, *columns, hours="hh:mm"), rows) == [(Text("e1"), Duration(60), Amount(1250))]
    assert cells(file_layout(PERIOD, *columns), rows) == [(Text("e1"), Amount(99), Amount(1250))]


def test_hours_that_are_no_whole_minutes_cannot_be_a_clock() -> None:
    """Without minutes a quarter of an hour can be told from its hundredths, 0.33 hours cannot."""
    layout = file_layout(PERIOD, "Nr:employee", "Uren:amount:100", hours="hh:mm")
    assert cells(layout, [file_row(amount=-25)]) == [(Text("e1"), Duration(-15))]
    assert "Employee e1 has hours of code 100 that are no whole minutes" in refused(layout, file_row(amount=33))


def test_totals_stand_under_the_amounts() -> None:
    """The word is in the first column of text that is not fixed; the sums are those of the records."""
    layout = file_layout(PERIOD, "F:text:U", "B:bsn", "Nr:employee", "Y:year", "U:amount:100", "T:amount:150")
    made = records(layout, ROWS, NOVEMBER)
    assert totals(layout, ROWS, made).cells == (EMPTY, Text("Totaal"), EMPTY, EMPTY, Amount(1883), Amount(250))


def test_totals_of_one_column_need_one_kind() -> None:
    """Where each row has a code of its own, hours are added up with hours, and never with money."""
    layout = file_layout(CODE, "Nr:employee", "Looncode:code", "Aantal:amount", totals=True, hours="hh:mm")
    rows = [file_row(amount=750), file_row(code="150", amount=-25)]
    assert totals(layout, rows, records(layout, rows, NOVEMBER)).cells == (Text("Totaal"), EMPTY, Duration(435))
    rows = [*rows, file_row(code="9", kind=Kind.WAGE)]
    with pytest.raises(InputError, match="hours, days and money together, which do not add up: set totals = false"):
        totals(layout, rows, records(layout, rows, NOVEMBER))


def test_a_code_without_a_column_is_refused() -> None:
    """Nothing may be left out in silence: the text names the code and both ways out."""
    layout = file_layout(PERIOD, "Nr:employee", "Uren:amount:100")
    assert refused(layout, file_row(code="777", amount=0)) == (
        "Layout test has no column for code 777: add one to the layout, "
        "or map the component to a code that has a column."
    )


@pytest.mark.parametrize("grain", [PERIOD, CODE])
def test_taking_back_is_refused_where_the_layout_cannot(grain: Grain) -> None:
    """A sum below 0 is refused by employee id and code; a row below 0 is fine while the sum is not."""
    own = ("Looncode:code", "Aantal:amount") if grain is CODE else ("Uren:amount:100",)
    layout = file_layout(grain, "B:bsn", "Naam:name", *own, negative=False)
    text = refused(layout, file_row("e1", amount=-50))
    assert text.startswith("Employee e1: There is a negative amount of code 100, and layout test cannot take anything")
    assert "Anna" not in text
    assert "123456782" not in text
    assert len(cells(layout, [file_row(amount=-50), file_row(amount=75)])) == 1


def test_a_person_without_a_bsn_is_refused_only_where_the_file_needs_it() -> None:
    """The text names the employee id; a file without BSNs takes the person."""
    row = file_row("e2", bsn=None)
    text = refused(file_layout(PERIOD, "BSN:bsn", "Uren:amount:100"), file_row("e1"), row)
    assert text == "Employee e2 has no BSN, and the file needs it: send it with the members."
    assert cells(file_layout(PERIOD, "Nr:employee", "Uren:amount:100"), [row]) == [(Text("e2"), Amount(750))]


def test_one_code_for_two_kinds_is_refused() -> None:
    """A column has a code and no kind: hours and money of the same code would be added up."""
    layout = file_layout(PERIOD, "Nr:employee", "Uren:amount:100")
    assert refused(layout, file_row(), file_row("e2", kind=Kind.WAGE)).startswith("Code 100 is used for two kinds")


@pytest.mark.parametrize("changes", [{"name": "Somebody Else"}, {"bsn": SecretStr("111222333")}, {"bsn": None}])
def test_one_employee_is_one_person(changes: dict[str, Any]) -> None:
    """Rows of one employee that name two people are refused: hours would go to one of them by chance."""
    layout = file_layout(PERIOD, "Nr:employee", "Uren:amount:100")
    assert refused(layout, file_row(), file_row(**changes)).startswith("Employee e1 has two names or two BSNs")


def test_a_record_shows_neither_name_nor_bsn() -> None:
    """What is printed of a record, in a log or in a failing test, says nothing about a person."""
    (record,) = records(file_layout(PERIOD, "B:bsn", "N:name", "U:amount:100"), [file_row()], NOVEMBER)
    assert "123456782" not in repr(record) + repr(record.cells)
    assert "Anna" not in repr(record) + repr(record.cells)


def test_problems_are_told_ahead() -> None:
    """Before anything is written it is known which codes have no column, and which cannot be taken back."""
    layout = file_layout(PERIOD, "Nr:employee", "Uren:amount:100", negative=False)
    said = problems(layout, ["300", "100", "200", "300"], ["100"])
    assert [text.split(":")[0] for text in said] == [
        "Layout test has no column for code 200",
        "Layout test has no column for code 300",
        "There is a negative amount of code 100, and layout test cannot take anything back",
    ]
    assert problems(file_layout(CODE, "N:employee", "C:code", "A:amount"), ["1", "2"], ["1"]) == ()
