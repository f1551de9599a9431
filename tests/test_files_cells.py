"""Cells as text: decimals, clocks and dates, and no text that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.files.cells import Amount, Cell, Day, Duration, Text, Whole, clean, csv_text, harmless
from hub.files.csv_file import write_csv
from hub.files.layout import DATES, Grain
from hub.files.records import Record
from hub.testing.file_rows import file_layout

TRIGGERS = "=+-@\t\r\n\x00＝＋－＠﹦﹢﹣﹫−"
UNSEEN = " \t\r\n\x00\xa0\u200b\u2060\ufeff\u3000\x1b\x85\u2028"


def shown(cell: Cell, **changes: Any) -> str:
    return csv_text(cell, file_layout(Grain.PERSON_PERIOD, "Nr:employee", "Uren:amount:100", **changes))


@pytest.mark.parametrize(
    ("hundredths", "full", "short"),
    [(750, "7,50", "7,5"), (800, "8,00", "8"), (-750, "-7,50", "-7,5"), (-5, "-0,05", "-0,05"), (10, "0,10", "0,1")],
)
def test_a_decimal_has_its_sign_and_digits(hundredths: int, full: str, short: str) -> None:
    """With `zeros` always two digits, else no more than it needs; below 0 a minus and no apostrophe."""
    assert shown(Amount(hundredths)) == full
    assert shown(Amount(hundredths), zeros=False) == short
    assert shown(Amount(hundredths), decimal_sign=".") == full.replace(",", ".")


@pytest.mark.parametrize(("minutes", "text"), [(450, "7:30"), (-30, "-0:30"), (5, "0:05"), (10000, "166:40")])
def test_a_clock_has_hours_and_minutes(minutes: int, text: str) -> None:
    """Hours go past 24, and less than an hour back still shows its minus."""
    assert shown(Duration(minutes)) == text


def test_a_date_is_written_in_each_of_the_ways() -> None:
    """Each way of writing dates gives what its name says, zeros included."""
    assert {form: shown(Day(date(2026, 3, 9)), date_format=form) for form in DATES} == {
        "DD-MM-YYYY": "09-03-2026",
        "DD/MM/YYYY": "09/03/2026",
        "DD.MM.YYYY": "09.03.2026",
        "YYYY-MM-DD": "2026-03-09",
        "YYYYMMDD": "20260309",
        "DDMMYYYY": "09032026",
    }


@pytest.mark.parametrize("text", ["012345672", "Anna de Vries", "'s-Gravenhage", "a=b", "1-2", "", "Şahin"])
def test_a_text_that_is_no_formula_stays_as_it_is(text: str) -> None:
    """Digits, names and signs in the middle need nothing before them."""
    assert shown(Text(text)) == text


def test_a_text_stays_on_one_line() -> None:
    """Tabs and line breaks become one space, other control characters are left out."""
    assert clean("Anna\r\n\tde\x00 Vr\x1bies\x85\u2028x\ufffe") == "Anna de Vries x"
    assert shown(Whole(2026)) == "2026"


@pytest.mark.parametrize("unseen", ["", *UNSEEN])
@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹦﹢﹣﹫−")
def test_each_sign_that_starts_a_formula_gets_an_apostrophe(sign: str, unseen: str) -> None:
    """Also behind what cannot be seen: a spreadsheet trims that before it looks."""
    assert harmless(f"{unseen}{sign}1+1") == f"'{clean(unseen)}{sign}1+1"


def starts_a_formula(text: str) -> bool:
    """Tell it another way than the product does: drop all that is blank, make it narrow, look at the first sign."""
    narrow = unicodedata.normalize("NFKC", text)
    return narrow.lstrip(UNSEEN + "\u2029\x0b\x0c\x1c\x1d\x1e\x1f\xad").startswith(
        ("=", "+", "-", "@", "\N{MINUS SIGN}")
    )


@given(
    before=st.text(st.sampled_from(UNSEEN), max_size=3),
    first=st.sampled_from(TRIGGERS) | st.characters(exclude_categories=["Cs"]),
    rest=st.text(st.characters(exclude_categories=["Cs"])),
    delimiter=st.sampled_from([";", ",", "\t", "|"]),
    quotes=st.sampled_from(["needed", "texts", "all"]),
)
def test_no_text_in_a_csv_file_is_a_formula(before: str, first: str, rest: str, delimiter: str, quotes: str) -> None:
    """Whatever a name, a code, a fixed text or a header begins with: read back, no cell starts like a formula."""
    text = before + first + rest
    layout = file_layout(
        Grain.PERSON_PERIOD,
        "Nr:employee",
        "Uren:amount:100",
        delimiter=delimiter,
        quotes=quotes,
        decimal_sign="." if delimiter == "," else ",",
    )
    layout = layout.model_copy(
        update={"columns": (layout.columns[0].model_copy(update={"header": text}), *layout.columns[1:])}
    )
    content = write_csv(layout, [Record("e1", (Text(text), Amount(-750)))]).decode()
    header, line = csv.reader(StringIO(content, newline=""), delimiter=delimiter)
    assert len(header) == len(line) == 2
    assert header[0] == line[0]
    assert not starts_a_formula(line[0])
    assert line[0].removeprefix("'") == clean(text).removeprefix("'")
    assert line[1].replace(",", ".") == "-7.50"
