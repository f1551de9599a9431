"""CSV files, byte by byte: each grain, encoding, line end and quote."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import InputError
from hub.files.layout import Grain
from hub.files.render import LayoutDocument, render
from hub.models import RenderedFile, Row
from hub.testing.file_rows import NOVEMBER, file_layout, file_row

PERIOD = Grain.PERSON_PERIOD
PLAIN = ("BSN:bsn", "Naam:name", "Uren:amount:100")
ROWS = [file_row("e3", 2), file_row("e1", 2), file_row("e1", 3, amount=-1000), file_row("e3", 4, amount=50)]


def content(*columns: str, rows: list[Row] = ROWS, grain: Grain = PERIOD, **changes: Any) -> bytes:
    return render(file_layout(grain, *columns or PLAIN, **changes), rows, NOVEMBER).content


def test_a_row_per_person() -> None:
    """A byte order mark only if asked, CRLF, semicolons, decimal commas, BSNs with their zero, negatives as numbers."""
    assert content() == ("BSN;Naam;Uren\r\n123456782;Anna de Vries;-2,50\r\n012345672;Chloé Şahin;8,00\r\n".encode())


def test_a_row_per_person_and_day_with_totals() -> None:
    """Days in order, hours as a clock, line feeds, and the totals last."""
    columns = ("Nr:employee", "Datum:date", "Uren:amount:100")
    assert content(*columns, grain=Grain.PERSON_DAY, hours="hh:mm", line_end="lf", totals=True) == (
        b"Nr;Datum;Uren\ne1;02-11-2026;7:30\ne1;03-11-2026;-10:00\ne3;02-11-2026;7:30\ne3;04-11-2026;0:30\nTotaal;;5:30\n"
    )


def test_a_row_per_person_and_code_without_header() -> None:
    """Each code on a line of its own, commas between and dots in the numbers, all in quotes."""
    rows = [file_row("e1", code="150", amount=250), file_row("e1")]
    columns = ("Nr:employee", "Code:code", "Aantal:amount")
    form = {"header": False, "delimiter": ",", "decimal_sign": ".", "quotes": "all", "zeros": False}
    assert content(*columns, rows=rows, grain=Grain.PERSON_CODE, **form) == b'"e1","100","7.5"\r\n"e1","150","2.5"\r\n'


@pytest.mark.parametrize(
    ("encoding", "bom", "expected"),
    [
        ("utf-8", True, b"\xef\xbb\xbfNaam;U\r\nRen\xc3\xa9e \xe2\x82\xac;7,50\r\n"),
        ("windows-1252", False, b"Naam;U\r\nRen\xe9e \x80;7,50\r\n"),
        ("utf-16-le", True, "\ufeffNaam;U\r\nRenée €;7,50\r\n".encode("utf-16-le")),
        ("utf-16-le", False, "Naam;U\r\nRenée €;7,50\r\n".encode("utf-16-le")),
    ],
)
def test_each_encoding(encoding: str, bom: bool, expected: bytes) -> None:
    """The same text in the bytes of each encoding, and its mark once, before everything else."""
    rows = [file_row("e1", name="Renée €")]
    layout = file_layout(PERIOD, "Nr:employee", "Naam:name", "U:amount:100", encoding=encoding, bom=bom)
    layout = layout.model_copy(update={"columns": layout.columns[1:]})
    assert render(layout, rows, NOVEMBER).content == expected


@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "Chloé Şahin"), ("latin-1", "€"), ("utf-8", "\ud800")])
def test_a_character_that_does_not_exist_names_whose_row_it_is(encoding: str, name: str) -> None:
    """The text holds the employee id and the encoding, and neither the name nor the BSN; nothing hangs behind it."""
    with pytest.raises(InputError) as error:
        content(rows=[file_row("e1", name="Anna"), file_row("e3", name=name)], encoding=encoding)
    said = file_layout(PERIOD, *PLAIN, encoding=encoding).encoding
    assert error.value.text.startswith(f"The row of employee e3 holds a character that does not exist in {said}: ")
    assert name not in error.value.text
    assert error.value.__context__ is None


def test_a_header_that_does_not_fit_is_told_as_such() -> None:
    """The header belongs to the layout and to nobody."""
    with pytest.raises(InputError, match="The header holds a character that does not exist in cp1252"):
        content("BSN:bsn", "Şahin:amount:100", encoding="cp1252")


def test_quotes_stand_where_a_text_needs_them() -> None:
    """A delimiter or a quote in a text does not move the cells behind it."""
    rows = [file_row("e1", name='Anna "An"; de Vries')]
    assert content(rows=rows) == b'BSN;Naam;Uren\r\n123456782;"Anna ""An""; de Vries";7,50\r\n'


def test_a_formula_is_a_text_with_an_apostrophe() -> None:
    """A name, a cost centre, a code and an id that look like a formula are harmless; the amount is still a number."""
    rows = [file_row("@e1", name="=1+1", cost_centre="+x", amount=-750)]
    assert content("Nr:employee", "Naam:name", "K:cost_centre", "U:amount:100", rows=rows, header=False) == (
        b"'@e1;'=1+1;'+x;-7,50\r\n"
    )


def test_no_rows_give_a_file_with_nothing_but_its_form() -> None:
    """A header, the totals of nothing, and no rows."""
    layout = file_layout(PERIOD, *PLAIN, totals=True)
    assert render(layout, [], NOVEMBER) == RenderedFile(
        extension="csv", content=b"BSN;Naam;Uren\r\nTotaal;;\r\n", rows=0
    )


def test_a_document_renders_what_its_layout_and_period_say() -> None:
    """It gives the same as the function, and counts rows without header and totals."""
    layout = file_layout(PERIOD, *PLAIN, totals=True)
    made = LayoutDocument(layout, NOVEMBER).render(ROWS)
    assert made == render(layout, ROWS, NOVEMBER)
    assert (made.extension, made.rows, len(made.content.splitlines())) == ("csv", 2, 4)
