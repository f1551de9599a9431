"""What holds for any rows: nothing is lost or made up in a file, and the order of the rows does not matter."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from io import BytesIO, StringIO
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from hub.files.layout import Grain, Layout, Source
from hub.files.render import render
from hub.models import Kind, Row
from hub.testing.file_rows import NOVEMBER, PEOPLE, file_layout, file_row

KINDS = {"100": Kind.HOURS, "150": Kind.HOURS, "7": Kind.DAYS, "9": Kind.WAGE}


@st.composite
def any_row(draw: st.DrawFn) -> Row:
    """Return a row of one of three people, in one of two cost centres or none, on one of three days."""
    code = draw(st.sampled_from(sorted(KINDS)))
    minutes = 3 * draw(st.integers(-400, 400))
    return file_row(
        draw(st.sampled_from(sorted(PEOPLE))),
        draw(st.integers(2, 4)),
        code,
        minutes * 5 // 3,
        kind=KINDS[code],
        minutes=minutes if KINDS[code] is Kind.HOURS else None,
        cost_centre=draw(st.sampled_from([None, "", "bar", "kitchen"])),
    )


@st.composite
def any_layout(draw: st.DrawFn) -> Layout:
    """Return a layout of any grain that has room for every code, with or without cost centres and fixed texts."""
    grain = draw(st.sampled_from(Grain))
    about = {Grain.PERSON_PERIOD: [], Grain.PERSON_DAY: ["Datum:date"], Grain.PERSON_CODE: ["Code:code"]}[grain]
    amounts = ["A:amount"] if grain is Grain.PERSON_CODE else [f"{code}:amount:{code}" for code in KINDS]
    more = draw(st.lists(st.sampled_from(["K:cost_centre", "N:name", "T:text:=x", "J:year"]), unique=True))
    return file_layout(
        grain,
        *draw(st.permutations(["Nr:employee", "B:bsn", *about, *amounts, *more])),
        header=draw(st.booleans()),
        delimiter=draw(st.sampled_from([";", "\t", "|"])),
        zeros=draw(st.booleans()),
        hours=draw(st.sampled_from(["decimal", "hh:mm"])),
        quotes=draw(st.sampled_from(["needed", "texts", "all"])),
    )


def written(layout: Layout, rows: list[Row]) -> list[list[str]]:
    """Return the cells of the file without its header."""
    content = render(layout, rows, NOVEMBER).content.decode()
    lines = list(csv.reader(StringIO(content, newline=""), delimiter=layout.delimiter))
    return lines[1:] if layout.header else lines


def hundredths(text: str) -> int:
    """Read an amount, or a clock, as hundredths: each time here is a multiple of 3 minutes, so that is exact."""
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    if ":" in text:
        hours, minutes = text.split(":")
        return sign * (int(hours) * 60 + int(minutes)) * 5 // 3
    whole, _, rest = text.partition(",")
    return sign * (int(whole) * 100 + int(rest.ljust(2, "0")))


def sums_in_file(layout: Layout, rows: list[Row]) -> Counter[tuple[str, str]]:
    """Return hundredths per BSN and code, read from the file as it is written."""
    sums: Counter[tuple[str, str]] = Counter()
    places = {column.source: place for place, column in enumerate(layout.columns)}
    for line in written(layout, rows):
        for place, column in enumerate(layout.columns):
            if column.source is Source.AMOUNT and line[place]:
                code = column.code or line[places[Source.CODE]]
                sums[line[places[Source.BSN]], code] += hundredths(line[place])
    return sums


@given(any_layout(), st.lists(any_row(), max_size=12))
def test_the_sums_of_a_file_are_those_of_its_rows(layout: Layout, rows: list[Row]) -> None:
    """For each person and code, whatever the grain: read back, the amounts add up to exactly the same."""
    owed: Counter[tuple[str, str]] = Counter()
    for row in rows:
        owed[PEOPLE[row.employee][1], row.code] += row.amount
    assert {key: one for key, one in sums_in_file(layout, rows).items() if one} == {
        key: one for key, one in owed.items() if one
    }


@given(any_layout(), st.lists(any_row(), max_size=12))
def test_each_line_is_about_something_of_its_own(layout: Layout, rows: list[Row]) -> None:
    """No two lines are about the same person, day, code and cost centre, and their number is the one that is told."""
    amounts = {place for place, column in enumerate(layout.columns) if column.source is Source.AMOUNT}
    lines = written(layout, rows)
    about = [tuple(cell for place, cell in enumerate(line) if place not in amounts) for line in lines]
    assert len(set(about)) == len(lines) == render(layout, rows, NOVEMBER).rows
    assert all(any(line[place] for place in amounts) for line in lines)


@settings(max_examples=30)
@given(any_layout(), st.lists(any_row(), max_size=12), st.sampled_from(["csv", "xlsx"]), st.randoms())
def test_the_order_of_the_rows_does_not_matter(layout: Layout, rows: list[Row], form: str, random: Random) -> None:
    """The same rows in another order give the same bytes."""
    layout = layout.model_copy(update={"format": form, "hours": "decimal"})
    again = random.sample(rows, len(rows))
    assert render(layout, again, NOVEMBER) == render(layout, rows, NOVEMBER)


@settings(max_examples=50)
@given(any_layout(), st.lists(any_row(), max_size=12))
def test_both_formats_hold_the_same(layout: Layout, rows: list[Row]) -> None:
    """What openpyxl reads in the XLSX file is, cell by cell, what the CSV file shows; nothing in it is a formula."""
    layout = layout.model_copy(update={"hours": "decimal", "zeros": True})
    file = render(layout.model_copy(update={"format": "xlsx", "header": True}), rows, NOVEMBER).content
    (sheet,) = load_workbook(BytesIO(file)).worksheets
    lines = list(sheet.iter_rows(min_row=2))
    shown = [[_as_in_csv(cell.value) for cell in line] for line in lines]
    assert shown == [[text.removeprefix("'") for text in line] for line in written(layout, rows)]
    assert "f" not in {cell.data_type for line in lines for cell in line}


def _as_in_csv(value: object) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.strftime("%d-%m-%Y")
        case 2026:
            return "2026"
        case int() | float():
            return f"{value:.2f}".replace(".", ",")
    return str(value)
