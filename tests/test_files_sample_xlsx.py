"""A workbook as a sample: its form is told, and one that could do harm is refused before it is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub.errors import InputError
from hub.files.layout import Grain, Source
from hub.files.sample import Proposal, layout_from_sample

HEADER = ("BSN", "Datum", "Uren")
CODES = ("BSN", "Looncode", "Uren")


def workbook(*rows: Sequence[Any], title: str = "Import", formats: dict[str, str] | None = None) -> bytes:
    """Return a workbook with these rows; `formats` are number formats by cell."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for place, form in (formats or {}).items():
        sheet[place].number_format = form
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def propose(content: bytes, folder: Path) -> Proposal:
    """Return what a workbook proposes; its name does not say what it is."""
    (folder / "sample").write_bytes(content)
    return layout_from_sample(folder / "sample", "proposed")


def refused(content: bytes, folder: Path) -> str:
    """Return why a workbook is refused."""
    with pytest.raises(InputError) as caught:
        propose(content, folder)
    return caught.value.text


def test_a_workbook_gives_its_sheet_its_dates_and_its_numbers(tmp_path: Path) -> None:
    """Sheet name, form of dates, zeros and the totals row are those of the cells; rows above the header are noted."""
    rows = (["Uren van november"], [], HEADER, ("123456782", date(2026, 11, 5), 7.5), ("Totaal", None, 7.5))
    formats = {"B4": r"[$-413]dd\/mm\/yyyy;@", "C4": "0.00", "C5": "0.00"}
    proposal = propose(workbook(*rows, formats=formats), tmp_path)
    layout = proposal.layout
    assert (layout.format, layout.sheet, layout.grain) == ("xlsx", "Import", Grain.PERSON_DAY)
    assert (layout.date_format, layout.zeros, layout.hours, layout.totals) == ("DD/MM/YYYY", True, "decimal", True)
    assert [(one.header, one.source) for one in layout.columns] == [
        ("BSN", Source.BSN),
        ("Datum", Source.DATE),
        ("Uren", Source.AMOUNT),
    ]
    assert any(note.startswith("The rows above the header are not kept") for note in proposal.notes)
    assert not any("decimals" in note or "quotes" in note for note in proposal.notes)


@pytest.mark.parametrize(
    ("value", "form", "zeros", "hours"),
    [
        (7.5, "General", False, "decimal"),
        (7, "General", False, "decimal"),
        (7.25, "#,##0.00", True, "decimal"),
        (7.125, "0.000", True, "decimal"),
        (time(7, 30), "h:mm", True, "hh:mm"),
        (timedelta(hours=38, minutes=15), "[h]:mm", True, "hh:mm"),
        ("7:30", "@", True, "hh:mm"),
        ("7,5", "@", False, "decimal"),
    ],
)
def test_amounts_are_told_by_how_they_are_shown(
    value: object, form: str, zeros: bool, hours: str, tmp_path: Path
) -> None:
    """Numbers, times, lengths of time and texts: the form is what a person sees."""
    layout = propose(workbook(CODES, ("123456782", "100", value), formats={"C2": form}), tmp_path).layout
    assert (layout.zeros, layout.hours) == (zeros, hours)


@pytest.mark.parametrize("title", ["123456782", "it's november", "Uren 05-11-2026"])
def test_a_sheet_name_that_cannot_be_kept_becomes_the_usual_one(title: str, tmp_path: Path) -> None:
    """A name that looks like data is not kept either, and is not quoted."""
    proposal = propose(workbook(CODES, ("1", "2", 3), title=title), tmp_path)
    assert proposal.layout.sheet == "Uren"
    assert title not in str(proposal)
    assert any(note.startswith("The name of the sheet cannot be kept") for note in proposal.notes)


def test_a_form_of_dates_that_no_layout_has_is_a_guess_and_said_so(tmp_path: Path) -> None:
    """The usual form is proposed, with a note."""
    sample = workbook(HEADER, ("123456782", date(2026, 11, 5), 1), formats={"B2": "d mmm yy"})
    proposal = propose(sample, tmp_path)
    assert proposal.layout.date_format == "DD-MM-YYYY"
    assert any("DD-MM-YYYY is a guess" in note for note in proposal.notes)


def test_a_formula_is_refused_with_its_cell(tmp_path: Path) -> None:
    """The cell is named, the formula is not quoted."""
    said = refused(workbook(CODES, ("123456782", "100", "=SUM(40,2)")), tmp_path)
    assert said.startswith("Cell C2 of the sample is a formula: ")
    assert "SUM" not in said


def rewritten(content: bytes, parts: dict[str, bytes]) -> bytes:
    """Return a workbook with these parts added to it or in the place of its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in ({one: old.read(one) for one in old.namelist()} | parts).items():
            new.writestr(name, part)
    return file.getvalue()


GOOD = workbook(CODES, ("123456782", "100", 7.5))
ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl/vbaProject.bin": b"x"}, "The sample holds macros"),
        ({"xl/media/a.bin": b"\0" * 100_000_001}, "The sample expands to more than 100 MB"),
        ({"xl/worksheets/sheet1.xml": ENTITY}, "The sample is no workbook that can be read"),
        (
            {"xl/worksheets/sheet1.xml": ENTITY.decode().encode("utf-16")},
            "The sample is no workbook that can be read",
        ),
        ({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}, "The sample is no workbook that can be read"),
        ({"xl/workbook.xml": b"<workbook/>"}, "The sample is no workbook that can be read"),
    ],
)
def test_a_workbook_that_may_do_harm_or_is_broken_is_refused(
    parts: dict[str, bytes], said: str, tmp_path: Path
) -> None:
    """Macros, a small file that expands to a large one, entities, and parts that are not whole."""
    assert propose(rewritten(GOOD, {}), tmp_path).layout.grain is Grain.PERSON_CODE
    assert refused(rewritten(GOOD, parts), tmp_path).startswith(said)


def test_one_cell_far_away_does_not_make_the_sheet_large(tmp_path: Path) -> None:
    """A cell in the last row and column of a sheet is refused in words, and quickly."""
    book = openpyxl.Workbook()
    book.worksheets[0]["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    assert "header row" in refused((tmp_path / "far.xlsx").read_bytes(), tmp_path)
