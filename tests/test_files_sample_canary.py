"""Of a sample nothing but its form is kept: no cell of it is in a proposal, an error, or what a command prints."""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from hub.cli.layouts import add_to
from hub.errors import InputError
from hub.files.layout_file import write_layout
from hub.files.sample import layout_from_sample
from hub.testing.canary import leaks, told

SECRETS = (
    "123456782",
    "111222333",
    "Zoë Tolsma",
    "Saar Wubbels",
    "31407,25",
    "73914,50",
    "Keizersgracht",
    "Kp-Havenbar",
    "E-4711-0815",
)
HEADER = ("BSN", "Personeelsnummer", "Naam", "Looncode", "Kostenplaats", "Uren", "Adres")
ROWS = (
    ("123456782", "E-4711-0815", "Zoë Tolsma", "100", "Kp-Havenbar", "31407,25", "Keizersgracht"),
    ("111222333", "E-4711-0815", "Saar Wubbels", "100", "Kp-Havenbar", "73914,50", "Keizersgracht"),
)
SPOILT = {
    "no header": lambda rows: rows[1:],
    "no header but a word": lambda rows: [(*rows[1][:6], "Uren"), *rows[2:]],
    "an amount that is none": lambda rows: [*rows, (*rows[1][:5], "€ 31407,25", "x")],
    "thousands": lambda rows: [*rows, (*rows[1][:5], "1.234,50", "x")],
    "a day and a code": lambda rows: [
        [*row[:6], day] for row, day in zip(rows, ("Datum", "05-11-2026", ""), strict=True)
    ],
    "rows of another length": lambda rows: [rows[0], (*rows[1], "=A1"), rows[2]],
    "nobody": lambda rows: [("A", "B", *rows[0][2:]), *rows[1:]],
    "two signs": lambda rows: [*rows, (*rows[1][:5], "31407.25", "x")],
}
"""How a sample is spoilt, so that it is refused."""


def csv(rows: object) -> bytes:
    return "".join(";".join(row) + "\r\n" for row in rows).encode()  # type: ignore[attr-defined]


def xlsx(rows: object) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:  # type: ignore[attr-defined]
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


def ran(*words: str) -> str:
    """Run a layout command; return all that it printed and raised."""
    app = typer.Typer()
    add_to(app)
    result = CliRunner().invoke(app, ["layout", *words])
    return result.output + result.stderr + (told(result.exception) if result.exception else "")


@pytest.mark.parametrize("make", [csv, xlsx])
def test_a_proposal_holds_nothing_of_the_cells(make: object, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its repr, its JSON, its TOML, the log and what the command prints or writes are searched."""
    caplog.set_level(logging.DEBUG)
    sample, made = tmp_path / "sample", tmp_path / "made.toml"
    sample.write_bytes(make((HEADER, *ROWS)))  # type: ignore[operator]
    proposal = layout_from_sample(sample, "proposed")
    words = ("from-sample", str(sample), "--name", "proposed")
    printed = [ran(*words), ran(*words, "--json"), ran(*words, "-o", str(made)), ran("check", str(made), "--json")]
    said = [repr(proposal), str(proposal), proposal.model_dump_json(), write_layout(proposal.layout, proposal.notes)]
    everything = "\n".join((*said, *printed, made.read_text(), caplog.text))
    assert "Adres" in proposal.unmatched
    assert everything.count("Looncode") > 7
    assert leaks(everything.encode(), SECRETS) == []


@pytest.mark.parametrize("make", [csv, xlsx])
@pytest.mark.parametrize("how", SPOILT)
def test_a_refusal_holds_nothing_of_the_cells(how: str, make: object, tmp_path: Path) -> None:
    """Neither the error, nor its chain, nor the command says what a cell held."""
    sample = tmp_path / "sample"
    sample.write_bytes(make(SPOILT[how]((HEADER, *ROWS))))  # type: ignore[no-untyped-call,operator]
    with pytest.raises(InputError) as caught:
        layout_from_sample(sample, "proposed")
    printed = ran("from-sample", str(sample), "--name", "proposed")
    assert leaks((told(caught.value) + printed).encode(), SECRETS) == []


def test_a_number_that_is_shown_as_a_date_is_not_in_a_warning(tmp_path: Path) -> None:
    """The reader of workbooks warns of a date that cannot be, with its number; nobody may see that."""
    book = openpyxl.Workbook()
    for row in (HEADER, (123456782, *ROWS[0][1:])):
        book.worksheets[0].append(row)
    book.worksheets[0]["A2"].number_format = "dd-mm-yyyy"
    book.save(tmp_path / "sample.xlsx")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        layout_from_sample(tmp_path / "sample.xlsx", "proposed")
    assert warned == []


def test_bytes_that_are_no_text_are_not_in_the_error(tmp_path: Path) -> None:
    """An error of decoding would hold the whole sample."""
    sample = tmp_path / "sample"
    sample.write_bytes(csv((HEADER, *ROWS)) + b"\x81\x8d")
    with pytest.raises(InputError, match="is no text in utf-8") as caught:
        layout_from_sample(sample, "proposed")
    assert caught.value.__context__ is None
    assert leaks(told(caught.value).encode(), SECRETS) == []
