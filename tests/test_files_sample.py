"""A sample gives a layout with exactly its form, and new rows are written in that form."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from hub.errors import InputError
from hub.files.layout import DATES, Column, Grain, Layout, Source
from hub.files.render import render
from hub.files.sample import Proposal, layout_from_sample
from hub.models import Kind, PeriodType, Row, WagePeriod

NOVEMBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=11, start=date(2026, 11, 1), end=date(2026, 11, 30))
PLAIN = "BSN;Naam;Looncode;Uren\r\n123456782;Zoë Tolsma;100;7,50\r\n111222333;Saar Wubbels;100;8,00\r\n"
BY_DAY = "Personeelsnr.;Datum;Gewerkte uren;ORT 25%\r\nE-1;{};7,50;\r\nE-2;{};8,00;2,00\r\n"


def propose(sample: str | bytes, encoding: str = "utf-8") -> Proposal:
    """Return what a sample with this content proposes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.csv")
        path.write_bytes(sample if isinstance(sample, bytes) else sample.encode(encoding))
        return layout_from_sample(path, "proposed")


def row(employee: str, name: str, bsn: str, code: str, day: int, amount: int) -> Row:
    """Return the hours of a day."""
    return Row(
        entry=0,
        employee=employee,
        name=name,
        bsn=SecretStr(bsn),
        date=date(2026, 11, day),
        kind=Kind.HOURS,
        code=code,
        cost_centre="Bar",
        amount=amount,
        minutes=amount * 60 // 100,
    )


ROWS = [
    row("E-1", "Zoë Tolsma", "123456782", "100", 12, 750),
    row("E-1", "Zoë Tolsma", "123456782", "210", 13, -800),
    row("E-2", "Saar Wubbels", "111222333", "100", 13, 400),
]


def test_a_sample_from_windows_gives_exactly_its_form_and_new_rows_are_written_in_it() -> None:
    """Windows-1252, semicolons, decimal commas, all quoted, an accent: layout and new rows have exactly that form."""
    lines = (
        '"Personeelsnummer";"BSN";"Naam";"Looncode";"Kostenplaats";"Aantal"',
        '"9";"012345672";"Noëlle";"7";"K";"1,00"',
    )
    proposal = propose("".join(f"{line}\r\n" for line in lines), "cp1252")
    sources = (Source.EMPLOYEE, Source.BSN, Source.NAME, Source.CODE, Source.COST_CENTRE, Source.AMOUNT)
    headers = ("Personeelsnummer", "BSN", "Naam", "Looncode", "Kostenplaats", "Aantal")
    assert proposal.layout == Layout(
        name="proposed",
        version="1",
        grain=Grain.PERSON_CODE,
        columns=tuple(Column(header=header, source=one) for header, one in zip(headers, sources, strict=True)),
        encoding="cp1252",
        quotes="all",
    )
    assert render(proposal.layout, ROWS, NOVEMBER).content.decode("cp1252").splitlines(keepends=True) == [
        f"{lines[0]}\r\n",
        '"E-1";"123456782";"Zoë Tolsma";"100";"Bar";"7,50"\r\n',
        '"E-1";"123456782";"Zoë Tolsma";"210";"Bar";"-8,00"\r\n',
        '"E-2";"111222333";"Saar Wubbels";"100";"Bar";"4,00"\r\n',
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_each_encoding_is_told_with_its_byte_order_mark(encoding: str) -> None:
    """Encoding and byte order mark are those of the sample."""
    layout = propose(PLAIN, encoding).layout
    assert layout.encoding == {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    assert layout.bom is (encoding in ("utf-8-sig", "utf-16"))
    assert [one.header for one in layout.columns] == ["BSN", "Naam", "Looncode", "Uren"]


@pytest.mark.parametrize("form", DATES)
def test_each_form_of_dates_is_told(form: str) -> None:
    """The grain is a day where there is a date, and the date is written as in the sample."""
    days = [date(2026, 11, 5).strftime(DATES[form]), date(2026, 12, 13).strftime(DATES[form])]
    layout = propose(BY_DAY.format(*days)).layout
    assert (layout.grain, layout.date_format) == (Grain.PERSON_DAY, form)
    assert [(one.source, one.code) for one in layout.columns[2:]] == [
        (Source.AMOUNT, "Gewerkte uren"),
        (Source.AMOUNT, "ORT 25%"),
    ]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("7,50", "8,00"), {"decimal_sign": ",", "zeros": True, "hours": "decimal"}),
        (("7.50", "8.00"), {"decimal_sign": ".", "zeros": True, "hours": "decimal"}),
        (("7,5", "8"), {"decimal_sign": ",", "zeros": False, "hours": "decimal"}),
        (("7", "8"), {"decimal_sign": ",", "zeros": False, "hours": "decimal"}),
        (("7:30", "8:00"), {"decimal_sign": ",", "zeros": True, "hours": "hh:mm"}),
        (("-7.5", "8"), {"decimal_sign": ".", "zeros": False, "hours": "decimal"}),
    ],
)
def test_each_way_of_writing_amounts_is_told(amounts: tuple[str, str], expected: dict[str, object]) -> None:
    """Decimal sign, zeros and hours are those of the sample."""
    layout = propose(PLAIN.replace("7,50", amounts[0]).replace("8,00", amounts[1])).layout
    assert {name: getattr(layout, name) for name in expected} == expected


def test_a_row_per_period_has_a_code_for_each_amount_and_a_text_for_what_is_not_known() -> None:
    """Amounts under unknown headers become codes; other columns become empty texts, and notes name them all."""
    proposal = propose(
        "Sofi-nummer,Employee No.,Jaar,Période,Van,T/m,Norm (uren),100,Telefoon,Plaats,\n"
        "123456782,E-1,2026,11,2026-11-01,2026-11-30,7:30,,0612345678,Zwolle,\n"
        "111222333,E-2,2026,11,2026-11-01,2026-11-30,8:00,1:15,0612345679,Zwolle,\n"
        "Totaal,,,,,,15:30,1:15\n"
    )
    layout = proposal.layout
    assert [one.source.value for one in layout.columns] == [
        *("bsn", "employee", "year", "number", "start", "end", "amount", "amount", "text", "text", "text")
    ]
    assert [one.code for one in layout.columns if one.source is Source.AMOUNT] == ["Norm (uren)", "100"]
    assert {one.text for one in layout.columns} == {""}
    assert (layout.grain, layout.totals, layout.line_end, layout.delimiter) == (Grain.PERSON_PERIOD, True, "lf", ",")
    assert proposal.unmatched == ("Norm (uren)", "100", "Telefoon", "Plaats", "")
    assert all(any(f"'{header}'" in note for note in proposal.notes) for header in proposal.unmatched)


def test_what_a_header_says_is_not_believed_where_the_cells_are_something_else() -> None:
    """Times under Van, a weekday under Dag and a name of a month under Periode are written empty, with a note."""
    proposal = propose("BSN;Dag;Van;Periode;Uren\r\n123456782;maandag;09:00;november;8\r\n")
    assert [one.source.value for one in proposal.layout.columns] == ["bsn", "text", "text", "text", "amount"]
    assert sum("are not what its header says" in note for note in proposal.notes) == 3


def test_only_texts_in_quotes_and_only_some_texts_in_quotes_are_noted() -> None:
    """All texts quoted is `all`, with a note where numbers are not; some texts quoted is `needed`, with a note."""
    texts = propose('"BSN";"Looncode";"Uren"\r\n"123456782";"100";7,50\r\n')
    some = propose('BSN;Looncode;Uren\r\n"123456782";100;7,50\r\n')
    needed = propose('BSN;Naam;Looncode;Uren\r\n123456782;"Tolsma; F.";100;7,50\r\n')
    assert (texts.layout.quotes, some.layout.quotes, needed.layout.quotes) == ("texts", "needed", "needed")
    assert [sum("quotes" in note for note in one.notes) for one in (texts, some, needed)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("", "The rows of the sample do not all have as many cells"),
        ("BSN", "The rows of the sample do not all have as many cells"),
        ("BSN;Uren;Code\r\n1;2\r\n1;2;3\r\n", "The rows of the sample do not all have as many cells"),
        ('BSN;Looncode;Uren\r\n"1;2;3\r\n', "The rows of the sample do not all have as many cells"),
        ("123456782;Fenna Tolsma;7,50\r\n111222333;Saar;8,00", "The sample has no header row with a known word"),
        ("BSN;Looncode;Uren;fenna@example.com\r\n1;2;3;4", "The header of column 4 looks like data"),
        ("1234.56.782;Week;Uren\r\n1;2;3", "The header of column 1 looks like data"),
        ("Naam;Looncode;Uren\r\nFenna;2;3", "No header of the sample says who a row is about"),
        ("BSN;Looncode;Datum;Uren\r\n1;2;05-11-2026;4", "A row of the sample is about one day and one code"),
        ("BSN;Looncode;Uren\r\n1;2;1.234,50", "Column 3 of the sample has numbers with a thousands separator"),
        ("BSN;Looncode;Uren\r\n1;2;7,125", "Column 3 of the sample has numbers with a thousands separator"),
        ("BSN;Looncode;Uren\r\n1;2;acht", "Column 3 of the sample should hold amounts"),
        ("BSN;Looncode;Uren\r\n1;2;7:75", "Column 3 of the sample should hold amounts"),
        ("BSN;Looncode;Uren\r\n1;2;7,5\r\n1;2;7.5", "The sample writes decimals with a comma and with a point"),
        ("BSN;Looncode\r\n1;2", "The layout is not right: layout: no column has source = 'amount'"),
        (b"\xfe\xff\0B\0S", "The sample is no text in utf-8, utf-16-le or cp1252"),
        (b"BSN;Uren\r\n\x81;1", "The sample is no text in utf-8, utf-16-le or cp1252"),
        (b"\xd0\xcf\x11\xe0", "The sample is an old .xls, or has a password"),
        (b"PK\x03\x04 no zip", "The sample is no workbook that can be read"),
        ("BSN;Looncode;Uren\n" + "1;2;3\n" * 10_001, "A sample has at most 200 columns and 10000 rows"),
        (b" " * 10_000_001, "The sample is larger than 10 MB"),
    ],
)
def test_a_sample_that_gives_no_layout_is_refused_in_words(sample: str | bytes, said: str) -> None:
    """Each reason is a sentence that says what to do."""
    with pytest.raises(InputError) as caught:
        propose(sample)
    assert caught.value.text.startswith(said)


@pytest.mark.parametrize("path", ["none.csv", ".", "a\0b"])
def test_a_sample_that_cannot_be_read_is_refused_in_words(path: str, tmp_path: Path) -> None:
    """No file, a folder, and a path that no file can have."""
    with pytest.raises(InputError, match="sample cannot be read"):
        layout_from_sample(tmp_path / path, "proposed")


def test_a_name_that_is_no_name_of_a_layout_is_refused(tmp_path: Path) -> None:
    """What is wrong is the name, and the sentence says what it may be."""
    (tmp_path / "sample.csv").write_text(PLAIN)
    with pytest.raises(InputError, match="layout is not right: name: write 1 to 60 lower-case letters"):
        layout_from_sample(tmp_path / "sample.csv", "My Layout")


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    """Make the form of a CSV file: each choice that a layout has."""
    encoding, bom = draw(
        st.sampled_from(
            [("utf-8", False), ("utf-8", True), ("utf-16-le", True), ("utf-16-le", False), ("cp1252", False)]
        )
    )
    decimal = draw(st.sampled_from([",", "."]))
    return {
        "encoding": encoding,
        "bom": bom,
        "decimal_sign": decimal,
        "delimiter": draw(st.sampled_from([one for one in (";", ",", "\t", "|") if one != decimal])),
        "line_end": draw(st.sampled_from(["crlf", "lf"])),
        "quotes": draw(st.sampled_from(["needed", "texts", "all"])),
        "zeros": draw(st.booleans()),
        "totals": draw(st.booleans()),
        "date_format": draw(st.sampled_from([*DATES])),
        "hours": draw(st.sampled_from(["decimal", "hh:mm"])),
        "grain": draw(st.sampled_from(Grain)),
    }


@settings(deadline=None)
@given(
    forms(), st.sampled_from(["csv", "xlsx"]), st.lists(st.sampled_from(["Zoë", 'Jan "J" Vos', "a;b,c|d"]), max_size=3)
)
def test_a_file_in_any_form_as_a_sample_gives_that_form(form: dict[str, Any], sort: str, names: list[str]) -> None:
    """What this hub writes in a layout gives that layout back, whatever it is, and so the same file again."""
    extra = {
        Grain.PERSON_CODE: [("Looncode", Source.CODE), ("Aantal", Source.AMOUNT), ("Van", Source.START)],
        Grain.PERSON_DAY: [("Datum", Source.DATE), ("100", Source.AMOUNT), ("Kostenplaats", Source.COST_CENTRE)],
        Grain.PERSON_PERIOD: [("Jaar", Source.YEAR), ("100", Source.AMOUNT), ("Eind", Source.END)],
    }[form["grain"]]
    coded = form["grain"] is not Grain.PERSON_CODE
    columns = [Column(header="BSN", source=Source.BSN), Column(header="Naam", source=Source.NAME)]
    columns += [
        Column(header=header, source=source, code=header if coded and source is Source.AMOUNT else "")
        for header, source in extra
    ]
    layout = Layout(name="proposed", version="1", format=sort, columns=tuple(columns), **form)
    people = [("E-0", "Zoë Tolsma"), *((f"E-{place}", name) for place, name in enumerate(names, start=1))]
    rows = [row(*one, "123456782", "100", 12, amount) for one in people for amount in (750, -50)]
    rows += [row("E-9", "Noor", "111222333", "100", 13, 650)]
    content = render(layout, rows, NOVEMBER).content
    found = propose(content).layout
    same = {"columns", "grain", "totals", "hours", "zeros", "date_format", "sheet", "format"}
    same |= {*form} if sort == "csv" else set()
    same -= {"zeros", "decimal_sign"} if form["hours"] == "hh:mm" else set()
    assert {name: getattr(found, name) for name in same} == {name: getattr(layout, name) for name in same}
    assert render(found, rows, NOVEMBER).content == content
