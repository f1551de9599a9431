"""A layout file is read with everything that is wrong with it, and reads back as it was written."""

from __future__ import annotations

import re
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import InputError
from hub.files.layout import DATES, ENCODINGS, Column, Grain, Layout, Source
from hub.files.layout_file import WrongLayout, read_layout, summary, write_layout

GOOD = """
name = "horecalonen"
version = "1"
grain = "person_code"
[[columns]]
header = "BSN"
source = "bsn"
[[columns]]
header = "Looncode"
source = "code"
[[columns]]
header = "Uren"
source = "amount"
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def read(text: str | bytes) -> Layout:
    """Read a layout from a file that holds this."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "layout.toml")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_layout(path)


def wrong(text: str) -> list[str]:
    """Return everything that is wrong with a layout, one sentence each, after checking that the error says all."""
    with pytest.raises(WrongLayout) as caught:
        read(text)
    said = [str(one) for one in caught.value.problems]
    assert caught.value.text == " ".join(("The layout is not right:", *said))
    assert not re.search(r"pydantic|validation|literal_|string_|Input should|Value error", caught.value.text)
    return said


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Make any layout that is right."""
    grain = draw(st.sampled_from(Grain))
    by_code = grain is Grain.PERSON_CODE
    codes = draw(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, unique=True))
    columns = [Column(header=draw(TEXTS), source=draw(st.sampled_from([Source.BSN, Source.EMPLOYEE])))]
    columns += [Column(header=draw(TEXTS), source=Source.AMOUNT, code=code) for code in ([""] if by_code else codes)]
    extra = {Grain.PERSON_CODE: Source.CODE, Grain.PERSON_DAY: Source.DATE, Grain.PERSON_PERIOD: Source.YEAR}
    columns += [Column(header=draw(TEXTS), source=extra[grain])]
    columns += [Column(header=draw(TEXTS), source=Source.TEXT, text=draw(TEXTS))]
    encoding = draw(st.sampled_from(ENCODINGS))
    decimal = draw(st.sampled_from([",", "."]))
    return Layout(
        name=draw(st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,59}", fullmatch=True)),
        version=draw(st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True)),
        status=draw(st.sampled_from(["verified", "unverified"])),
        format=draw(st.sampled_from(["csv", "xlsx"])),
        grain=grain,
        columns=tuple(draw(st.permutations(columns))),
        header=draw(st.booleans()),
        delimiter=draw(st.sampled_from([one for one in (";", ",", "\t", "|") if one != decimal])),
        encoding=encoding,
        bom=encoding.startswith("utf") and draw(st.booleans()),
        line_end=draw(st.sampled_from(["crlf", "lf"])),
        quotes=draw(st.sampled_from(["needed", "texts", "all"])),
        decimal_sign=decimal,
        zeros=draw(st.booleans()),
        hours=draw(st.sampled_from(["decimal", "hh:mm"])),
        date_format=draw(st.sampled_from([*DATES])),
        sheet=draw(st.text(st.characters(codec="utf-8", exclude_characters="[]:*?/\\'\n"), min_size=1, max_size=31)),
        totals=draw(st.booleans()),
        negative=draw(st.booleans()),
    )


@given(layouts(), st.lists(TEXTS, max_size=3))
def test_what_was_written_reads_back_the_same(layout: Layout, notes: list[str]) -> None:
    """Any layout, whatever its texts hold and whatever is noted above it, comes back as it was."""
    assert read(write_layout(layout, notes)) == layout


def test_a_layout_that_is_right_is_told_in_a_few_words() -> None:
    """The summary says what a row is about, how many columns there are, and whether somebody verified it."""
    assert summary(read(GOOD)) == "CSV, one row per person and code, 3 columns, unverified"


def test_a_byte_order_mark_before_it_is_no_problem() -> None:
    """Editors on Windows put one there."""
    assert read(b"\xef\xbb\xbf" + GOOD.encode()) == read(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "horecalonen"', "", "name: this is missing; write 1 to 60 lower-case letters, "),
        ('name = "horecalonen"', 'name = "Horeca Lonen"', "name: write 1 to 60 lower-case letters, "),
        ('version = "1"', "version = 1", "version: write 1 to 20 letters, "),
        ('"person_code"', '"per_code"', 'grain: choose from "person_period", "person_day", "person_code".'),
        ('source = "bsn"', 'source = "bsm"', 'column 1, source: choose from "bsn", "employee", "name", '),
        ('header = "Uren"\n', "", "column 3, header: this is missing; write a text between quotes."),
        ('header = "Uren"\n', "header = 5\n", "column 3, header: write a text between quotes."),
        ('source = "bsn"', 'source = "bsn"\ncode = "1"', "column 1: only a column with source = 'amount' has a code."),
        ('source = "bsn"', 'source = "bsn"\nheadr = "1"', "column 1, headr: no such key; did you mean header?"),
        (
            'source = "bsn"',
            'source = "bsn"\nsheet = "1"',
            "column 1, sheet: this belongs to the layout, not to a column",
        ),
        ("version", 'Date-Format = "YYYYMMDD"\nversion', "Date-Format: no such key; did you mean date_format?"),
        ("version", 'zzz = "1"\nversion', "zzz: no such key; choose from name, version, status, format, "),
        ("version", 'bom = "perhaps"\nversion', "bom: write true or false, without quotes."),
        ("version", 'delimiter = ":"\nversion', r'delimiter: choose from ";", ",", "\t", "|".'),
        (
            "version",
            'encoding = "ebcdic"\nversion',
            'encoding: choose from "utf-8", "cp1252", "iso8859-1", "utf-16-le".',
        ),
        ("version", 'date_format = "DD-MM"\nversion', 'date_format: choose from "DD-MM-YYYY", "DD/MM/YYYY", '),
        ("version", 'sheet = "a/b"\nversion', "sheet: write 1 to 31 characters between quotes, none of them "),
        ("version", "header = [1]\nversion", "header: write true or false, without quotes."),
        (
            "version",
            'bom = true\nencoding = "cp1252"\nversion',
            "layout: a byte order mark belongs to utf-8 or utf-16-le.",
        ),
        ('source = "bsn"', 'source = "name"', "layout: no column tells who a row is about: add one with source = "),
    ],
)
def test_one_thing_that_is_wrong_is_told_with_its_place_and_what_to_write(old: str, new: str, said: str) -> None:
    """Every sort of mistake is one sentence: where it is, and what may be written there."""
    assert old in GOOD
    [problem] = wrong(GOOD.replace(old, new, 1))
    assert problem.startswith(said)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Wrong fields, unknown keys and what contradicts itself come together, not one after the other."""
    text = GOOD.replace('"1"', "1").replace('source = "code"', 'source = "name"').replace("name =", "nme =", 1)
    found = wrong(text.replace('source = "bsn"', 'source = "text"'))
    assert [one.partition(": ")[0] for one in found] == ["name", "version", "nme", "layout", "layout"]


@pytest.mark.parametrize("columns", ["columns = 5", "columns = [5]", "columns = []", 'columns = "BSN"'])
def test_columns_that_are_no_columns_are_told_how_they_are_written(columns: str) -> None:
    """The key that is hardest to write says how that is done."""
    [problem] = wrong(f'name = "a"\nversion = "1"\ngrain = "person_code"\n{columns}')
    assert "each column is a line [[columns]] with its keys below it" in problem


def test_wrong_columns_are_told_one_by_one_and_not_as_missing() -> None:
    """Where every column is wrong, nothing says that there are none."""
    columns = "".join(f'[[columns]]\nheader = "{number}"\n' for number in range(2))
    assert [one[:24] for one in wrong(f'name = "a"\nversion = "1"\ngrain = "person_day"\n{columns}')] == [
        "column 1, source: this i",
        "column 2, source: this i",
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('name = "a"\nversion = 1.\n', "line 2"),
        ('name = "a"\nname = "b"\n', "line 2"),
        ("name = horecalonen", "line 1"),
        ('name = "a', "the last line"),
        ("name = " + "[" * 100_000, "the last line"),
        ("version = " + "1" * 10_000, "the last line"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str, where: str) -> None:
    """A mistake of syntax names its line, also where it is the last; nothing makes the reader fall over."""
    assert wrong(text) == [f"{where}: this is not TOML: check its quotes, brackets and =."]


def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    """No file, a folder, a path that no file can have, another encoding and a file that is too large."""
    latin, large = tmp_path / "latin.toml", tmp_path / "large.toml"
    latin.write_bytes("name = 'Zoë'".encode("cp1252"))
    large.write_bytes(b"#" * 1_000_001)
    said = {
        tmp_path / "none.toml": "The layout file cannot be read: ",
        Path("a\0b"): "The layout file cannot be read: ",
        tmp_path: "The path is not that of a file: ",
        latin: "The layout file is not UTF-8 text: ",
        large: "The file is larger than 1 MB: ",
    }
    for path, begin in said.items():
        with pytest.raises(InputError, match=f"^{begin}"):
            read_layout(path)


def test_the_longest_file_is_read_and_an_empty_one_lacks_its_fields() -> None:
    """The limit itself is still good; an empty file is a layout without anything."""
    assert read(GOOD + "#" * (1_000_000 - len(GOOD))) == read(GOOD)
    assert [one.partition(":")[0] for one in wrong("")] == ["name", "version", "grain", "columns"]


def test_the_documentation_shows_layouts_that_are_right_one_of_each_grain() -> None:
    """Every example in the documentation reads, and there is one of every grain."""
    text = (Path(__file__).parent.parent / "docs" / "layouts.md").read_text()
    examples = [read(one) for one in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)]
    assert {one.grain for one in examples} == {*Grain}


def test_the_documentation_names_every_field_with_its_choices() -> None:
    """Each field has a row with each value that may be chosen for it."""
    text = (Path(__file__).parent.parent / "docs" / "layouts.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", text, re.MULTILINE))
    assert set(rows) == set(Layout.model_fields) | set(Column.model_fields)
    for name, choices in {"encoding": ENCODINGS, "date_format": DATES, "grain": Grain, "source": Source}.items():
        assert [one for one in choices if f"`{one}`" not in rows[name]] == []


def test_what_does_not_apply_is_left_out_and_notes_are_comments() -> None:
    """A CSV layout says nothing of a sheet; a note that holds a line break stays one comment."""
    text = write_layout(read(GOOD), ["first\nsheet = 1"])
    assert text.startswith('# first sheet = 1\nname = "horecalonen"\n')
    assert "sheet" not in tomllib.loads(text)
