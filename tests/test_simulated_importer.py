"""The simulated importer: it takes a file as a person uploads it, refuses what is wrong, and never pays twice."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from openpyxl import Workbook, load_workbook
from pydantic import SecretStr

from hub import Kind, Layout, Row
from hub.files.layout import Column, Grain, Source
from hub.files.render import render
from hub.testing.canary import leaks
from hub.testing.conformance.file_bench import OCTOBER, PEOPLE
from hub.testing.imported_file import is_bsn
from hub.testing.simulated_importer import (
    IMPORTED_BEFORE,
    TAKEN,
    UNREADABLE,
    WRONG_ROWS,
    SimulatedImporter,
    upload,
)

WHO = (Column(header="BSN", source=Source.BSN), Column(header="Naam", source=Source.NAME))
DATES = (Column(header="Van", source=Source.START), Column(header="Tot", source=Source.END))
CODED = (Column(header="Code", source=Source.CODE), Column(header="Aantal", source=Source.AMOUNT))
KIND = Column(header="Soort", source=Source.TEXT, text="U")
ABOUT: dict[str, Any] = {"name": "acme", "version": "1"}

BY_CODE = Layout(**ABOUT, grain=Grain.PERSON_CODE, columns=(*WHO, *DATES, *CODED, KIND), negative=False)
BOOK = BY_CODE.model_copy(update={"format": "xlsx"})
DAYS = Layout(
    **ABOUT,
    grain=Grain.PERSON_DAY,
    columns=(
        Column(header="Nr", source=Source.EMPLOYEE),
        Column(header="Dag", source=Source.DATE),
        Column(header="Uren", source=Source.AMOUNT, code="uren"),
        Column(header="Dagen", source=Source.AMOUNT, code="dagen"),
    ),
    hours="hh:mm",
    header=False,
    bom=True,
)
"""Ids in the place of BSNs, no header, and hours as hh:mm beside days as decimals."""


class Acme(SimulatedImporter):
    """A payroll that imports a file of rows by person and code."""

    layout: ClassVar[Layout] = BY_CODE
    needs_bsn = True


@pytest.fixture
def acme() -> Iterator[Acme]:
    """Run the importer on a free port."""
    with Acme() as running:
        yield running


def row(who: str, code: str, amount: int, kind: Kind = Kind.HOURS, minutes: int | None = None) -> Row:
    """Return a row of somebody who is made up."""
    name, bsn = PEOPLE[who]
    more = {"kind": kind, "minutes": minutes, "cost_centre": None, "date": date(2026, 10, 5)}
    return Row.model_validate(
        {"entry": 1, "employee": who, "name": name, "bsn": SecretStr(bsn), "code": code, "amount": amount, **more}
    )


ROWS = [row("id-71", "uren", 733), row("id-71", "toeslag", 29), row("id-73", "uren", 100_013)]


def file_of(layout: Layout = BY_CODE, rows: list[Row] = ROWS) -> bytes:
    """Return the file that the hub renders of some rows."""
    return render(layout, rows, OCTOBER).content


def paid(acme: SimulatedImporter) -> dict[tuple[str, str], int]:
    """Return what was paid, by who it is and the code."""
    return {(one["who"], one["code"]): one["amount"] for one in acme.state()["paid"]}


PAID = {("…782", "uren"): 733, ("…782", "toeslag"): 29, ("…672", "uren"): 100_013}


# -- what is right ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", [BY_CODE, BOOK, BY_CODE.model_copy(update={"decimal_sign": ".", "quotes": "all"})])
def test_a_file_of_the_hub_is_imported_and_paid_to_the_hundredth(
    acme: Acme, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CSV and XLSX, in whatever way numbers are written."""
    monkeypatch.setattr(Acme, "layout", layout)
    status, told = upload(acme.url, "oktober.csv", file_of(layout))
    assert (status, told["outcome"], told["rows"], told["layout_status"]) == (TAKEN, "imported", 3, "unverified")
    assert paid(acme) == PAID
    assert acme.state()["layout_status"] == "unverified"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_hours_as_clock_times_are_paid_in_minutes(acme: Acme, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside days in hundredths, without a header, of people who are known by an id."""
    layout = DAYS.model_copy(update={"format": form})
    monkeypatch.setattr(Acme, "layout", layout)
    rows = [row("id-71", "uren", 733, minutes=440), row("id-71", "dagen", 100, Kind.DAYS)]
    assert upload(acme.url, "x", file_of(layout, rows))[0] == TAKEN
    told = {(one["who"], one["code"]): (one["amount"], one["unit"]) for one in acme.state()["paid"]}
    assert told == {("id-71", "uren"): (440, "minutes"), ("id-71", "dagen"): (100, "hundredths")}


def test_two_files_add_up(acme: Acme) -> None:
    """A correction comes as a file of its own."""
    upload(acme.url, "one", file_of())
    assert upload(acme.url, "two", file_of(rows=[row("id-71", "uren", 67)]))[0] == TAKEN
    assert paid(acme) == PAID | {("…782", "uren"): 800}


# -- the same file twice ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [lambda file: file, lambda file: file.replace(b"\r\n", b"\n")])
def test_a_file_that_comes_twice_is_noticed_and_pays_once(acme: Acme, again: Callable[[bytes], bytes]) -> None:
    """Also under another name and saved anew, where its bytes are others."""
    upload(acme.url, "oktober.csv", file_of())
    status, told = upload(acme.url, "oktober (1).csv", again(file_of()))
    assert (status, told["outcome"], told["name"]) == (IMPORTED_BEFORE, "imported before", "oktober (1).csv")
    assert paid(acme) == PAID
    assert [one["outcome"] for one in acme.state()["imports"]] == ["imported", "imported before"]


def test_a_file_whose_answer_was_lost_is_noticed_when_it_is_uploaded_again(acme: Acme) -> None:
    """The person saw an error, and tries once more."""
    acme.inject("lost-answer@import*1")
    with pytest.raises(OSError, match="closed connection without response"):
        upload(acme.url, "oktober.csv", file_of())
    assert upload(acme.url, "oktober.csv", file_of())[0] == IMPORTED_BEFORE
    assert paid(acme) == PAID


def test_a_file_that_was_refused_can_be_uploaded_once_it_is_mended(acme: Acme) -> None:
    """Of the wrong one nothing is known again."""
    wrong = file_of().replace(b"123456782", b"123456789")
    assert [upload(acme.url, "x", one)[0] for one in (wrong, wrong, file_of())] == [WRONG_ROWS, WRONG_ROWS, TAKEN]


# -- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("123456782", "123456789", "its BSN is none, or is not one"),
        ("123456782", "", "its BSN is none, or is not one"),
        ("01-10-2026", "2026-10-01", "column Van holds no date as DD-MM-YYYY"),
        ("01-10-2026", "31-12-2026", "its dates end before they begin"),
        ("7,33", "7.33", "its amount is no number of at most two decimals, as the layout writes it"),
        ("7,33", "7,333", "its amount is no number of at most two decimals, as the layout writes it"),
        ("7,33", "-7,33", "its amount is negative"),
        ("7,33", "", "it has no amount"),
        ("uren", "", "it has no code"),
        (";U", ";V", "column Soort holds another text than the layout has"),
        (";U", "", "it has more or fewer cells than the layout has columns"),
    ],
)
def test_a_row_that_is_wrong_refuses_the_file_whole(acme: Acme, before: str, after: str, why: str) -> None:
    """The row and what is wrong are told, none of its values, and nothing is paid to anybody."""
    lines = file_of().decode().split("\r\n")
    assert before in lines[2]
    lines[2] = lines[2].replace(before, after)
    status, told = upload(acme.url, "x.csv", "\r\n".join(lines).encode())
    assert (status, told["outcome"], told["wrong"]) == (WRONG_ROWS, "refused", [f"row 3: {why}"])
    assert acme.state()["paid"] == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the first row is not the header of the layout"),
        (b"BSN;Naam\r\n", "the first row is not the header of the layout"),
        (file_of().split(b"\r\n")[0] + b"\r\n", "there is no row in it"),
        (b"\xff\xfe\x00", "it cannot be read as csv in utf-8"),
        (file_of(BOOK), "it cannot be read as csv in utf-8"),
    ],
)
def test_what_is_no_file_of_the_layout_is_refused(acme: Acme, content: bytes, why: str) -> None:
    """Before any row of it is looked at."""
    status, told = upload(acme.url, "x.csv", content)
    assert (status, told["wrong"]) == (UNREADABLE, [why])


@pytest.mark.parametrize("content", [b"BSN;Naam", b"PK\x03\x04 torn", file_of(BOOK)[:900]])
def test_what_is_no_workbook_is_refused(acme: Acme, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that is torn; the importer itself does not fail."""
    monkeypatch.setattr(Acme, "layout", BOOK)
    status, told = upload(acme.url, "x.xlsx", content)
    assert (status, told["wrong"]) == (UNREADABLE, ["it cannot be read as a workbook with a sheet Uren"])
    assert acme.state()["errors"] == []


def test_a_formula_in_a_workbook_is_refused(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it would come to."""
    monkeypatch.setattr(Acme, "layout", BOOK)
    book = load_workbook(io.BytesIO(file_of(BOOK)))
    book["Uren"]["B2"] = "=1+1"
    assert upload(acme.url, "x.xlsx", saved(book))[1]["wrong"] == ["row 2: column Naam holds a formula"]


def saved(book: Workbook) -> bytes:
    """Return a workbook as bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(("sum_", "status"), [(b"10,00", TAKEN), (b"10,01", WRONG_ROWS)])
def test_a_row_of_totals_must_add_up(acme: Acme, sum_: bytes, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no row that is paid."""
    layout = BY_CODE.model_copy(update={"totals": True})
    monkeypatch.setattr(Acme, "layout", layout)
    file = file_of(layout, [row("id-71", "uren", 700), row("id-73", "uren", 300)])
    assert file.count(b"10,00") == 1
    assert upload(acme.url, "x", file.replace(b"10,00", sum_))[0] == status


# -- for people -------------------------------------------------------------------------------------------------------


def posted(acme: Acme, name: str, content: bytes) -> tuple[int, str]:
    """Post a file as the form of a browser does; return the status and the page."""
    boundary = b"----form4711"
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    body = b"--" + boundary + b"\r\n" + head.encode() + content + b"\r\n--" + boundary + b"--\r\n"
    sent = Request(f"{acme.url}/import", body, {"Content-Type": f"multipart/form-data; boundary={boundary.decode()}"})
    try:
        with urlopen(sent, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_person_uploads_a_file_on_the_page(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook comes through a form byte for byte, and the page shows what came of it."""
    with urlopen(acme.url, timeout=10) as answer:
        first = answer.read().decode()
    assert "<strong>unverified</strong>" in first
    assert 'enctype="multipart/form-data"' in first
    monkeypatch.setattr(Acme, "layout", BOOK)
    status, page = posted(acme, "oktober.xlsx", file_of(BOOK))
    assert (status, paid(acme)) == (TAKEN, PAID)
    assert "<p>oktober.xlsx: imported</p>" in page
    assert "<td>…782</td><td>Marijke Zonderland</td><td>uren</td><td>733</td>" in page
    assert posted(acme, "oktober.xlsx", file_of(BOOK))[0] == IMPORTED_BEFORE


def test_a_name_is_shown_as_it_is_and_not_carried_out(acme: Acme) -> None:
    """Neither that of a file nor that of a person is markup."""
    rows = [ROWS[0].model_copy(update={"name": "<script>x</script>"})]
    _, page = posted(acme, "<b>oktober</b>", file_of(rows=rows))
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_no_whole_bsn_is_shown(acme: Acme) -> None:
    """Not in an answer, the state or the page, of what was paid or of what was refused."""
    told = [upload(acme.url, "x", file_of()), upload(acme.url, "y", file_of().replace(b"7,33", b"x"))]
    shown = [json.dumps(told), json.dumps(acme.state()), posted(acme, "z", file_of())[1]]
    assert leaks("\n".join(shown).encode(), [bsn for _, bsn in PEOPLE.values()]) == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("123456782", True),
        ("012345672", True),
        ("123456789", False),
        ("000000000", False),
        ("12345672", False),
        ("12345678²", False),
    ],
)
def test_a_bsn_passes_the_test_of_eleven(text: str, right: bool) -> None:
    """Nine digits, with their leading zero, and not all of them 0."""
    assert is_bsn(text) is right
