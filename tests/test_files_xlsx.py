"""XLSX files, opened again: texts are texts, amounts numbers, dates dates, and the bytes are always the same."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from hub.errors import InputError
from hub.files.cells import clean
from hub.files.layout import DATES, Grain, Layout
from hub.files.render import render
from hub.models import Kind, Row
from hub.testing.file_rows import NOVEMBER, file_layout, file_row, many_rows

COLUMNS = ("BSN:bsn", "Naam:name", "Datum:date", "Uren:amount:100", "Geld:amount:9")
ROWS = [
    file_row("e1", 2, amount=750, minutes=450),
    file_row("e1", 3, "9", -1250, kind=Kind.WAGE),
    file_row("e3", 3, amount=33, minutes=20),
]


def xlsx(*columns: str, grain: Grain = Grain.PERSON_DAY, **changes: Any) -> Layout:
    return file_layout(grain, *columns or COLUMNS, format="xlsx", **changes)


def opened(layout: Layout, rows: list[Row]) -> Worksheet:
    sheet = load_workbook(BytesIO(render(layout, rows, NOVEMBER).content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def values(sheet: Worksheet) -> list[tuple[object, ...]]:
    return list(sheet.iter_rows(values_only=True))


def test_it_opens_with_the_same_values() -> None:
    """A BSN is a text with its zero, an amount a number below 0 or not, a date a date, nothing an empty cell."""
    sheet = opened(xlsx(totals=True, sheet="Week 45"), ROWS)
    second, third = datetime(2026, 11, 2), datetime(2026, 11, 3)  # noqa: DTZ001 - a spreadsheet has no time zones
    assert sheet.title == "Week 45"
    assert values(sheet) == [
        ("BSN", "Naam", "Datum", "Uren", "Geld"),
        ("123456782", "Anna de Vries", second, 7.5, None),
        ("123456782", "Anna de Vries", third, None, -12.5),
        ("012345672", "Chloé Şahin", third, 0.33, None),
        ("Totaal", None, None, 7.83, -12.5),
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "d", "n", "n"]
    assert [cell.number_format for cell in sheet[2]][:4] == ["@", "@", "dd-mm-yyyy", "0.00"]


def test_hours_as_a_clock_are_a_part_of_a_day() -> None:
    """A spreadsheet shows 7:30, goes on past 24 hours, and can add them up; money stays a decimal."""
    rows = [*ROWS, *(file_row("e2", day, amount=1200) for day in (4, 5, 6))]
    sheet = opened(xlsx("Nr:employee", *COLUMNS[3:], grain=Grain.PERSON_PERIOD, hours="hh:mm", header=False), rows)
    assert values(sheet) == [
        ("e1", timedelta(hours=7, minutes=30), -12.5),
        ("e2", timedelta(hours=36), None),
        ("e3", timedelta(minutes=20), None),
    ]
    assert sheet["B1"].number_format == "[h]:mm"


def test_a_negative_time_is_refused() -> None:
    """A spreadsheet shows #### for it, so the text names the employee id and the way out."""
    layout = xlsx("BSN:bsn", "Naam:name", "Uren:amount:100", grain=Grain.PERSON_PERIOD, hours="hh:mm")
    with pytest.raises(InputError) as error:
        render(layout, [file_row("e2", amount=-50)], NOVEMBER)
    assert error.value.text == (
        "The row of employee e2 has a negative time, which a spreadsheet cannot show as hh:mm: "
        "set hours = 'decimal' in the layout."
    )


@pytest.mark.parametrize("form", list(DATES))
def test_each_way_of_writing_dates_is_a_date(form: str) -> None:
    """The number format is that of the layout and is known as a date when the file is opened."""
    cell = opened(xlsx(date_format=form), ROWS)["C2"]
    assert cell.number_format.replace("\\", "").upper() == form
    assert cell.is_date


@pytest.mark.parametrize(("zeros", "number_format"), [(True, "0.00"), (False, "General")])
def test_zeros_are_a_number_format(zeros: bool, number_format: str) -> None:
    """The number is the same with and without."""
    cell = opened(xlsx(zeros=zeros), ROWS)["D2"]
    assert (cell.value, cell.number_format) == (7.5, number_format)


@given(
    st.sampled_from(["=", "+", "-", "@", "{=", "http://", "<r>", "'", "\t", "1", "_x0041_"]), st.text(), st.booleans()
)
def test_every_text_is_a_text(start: str, rest: str, closed: bool) -> None:
    """No beginning of a name makes it a formula, a link, a number or markup: it is there letter by letter."""
    name = (start + rest + ("</r>" if closed else "")).encode(errors="ignore").decode()
    (line,) = opened(xlsx("Nr:employee", "Naam:name", "U:amount:100", grain=Grain.PERSON_PERIOD, header=False), [
        file_row(name=name)
    ]).iter_rows()  # fmt: skip
    assert [cell.data_type for cell in line] == ["s", "s", "n"]
    assert line[1].value == clean(name)
    assert line[1].hyperlink is None


def test_a_text_that_does_not_fit_is_refused() -> None:
    """A cell holds 32767 characters; cutting a text off in silence would change it."""
    with pytest.raises(InputError, match="The row of employee e1 does not fit: a text is too long"):
        render(xlsx(), [file_row(name="x" * 32768)], NOVEMBER)


def test_the_bytes_do_not_tell_when_or_where_it_was_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another moment, time zone, umask and folder give the same bytes; nothing touches the disk meanwhile."""
    first = render(xlsx(), ROWS, NOVEMBER).content
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    mask = os.umask(0)
    try:
        assert render(xlsx(), ROWS[::-1], NOVEMBER).content == first
    finally:
        os.umask(mask)
        monkeypatch.undo()
        time.tzset()
    with ZipFile(BytesIO(first)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_libreoffice_shows_the_same(tmp_path: Path) -> None:
    """Converted to CSV by LibreOffice, 1000 rows hold the same texts, dates and numbers as our own CSV file."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: nothing opened the XLSX file with it")
    rows = [*many_rows(1000), file_row("f1", name="=1+1", amount=-750), file_row("f2", name="@x", code="150")]
    columns = ("BSN:bsn", "Naam:name", "Datum:date", "U:amount:100", "T:amount:150")
    (tmp_path / "uren.xlsx").write_bytes(render(xlsx(*columns), rows, NOVEMBER).content)
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to"]
    command += ["csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true", "--outdir", str(tmp_path), "uren.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=100)
    ours = render(file_layout(Grain.PERSON_DAY, *columns, decimal_sign="."), rows, NOVEMBER).content.decode()
    shown = (tmp_path / "uren.csv").read_text().replace(",", ".")
    assert list(csv.reader(shown.splitlines(), delimiter=";")) == [
        [cell.removeprefix("'") for cell in line] for line in csv.reader(ours.splitlines(), delimiter=";")
    ]
