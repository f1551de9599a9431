"""Reading any file gives rows, row errors or one clear InputError, and never tells what a cell held."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.errors import InputError
from hub.intake import lines, reading
from hub.intake.rows import Columns, Reading, Row, RowError, WrongRows, collect, read_rows

COLUMNS = Columns(
    required=("id", "size"),
    optional=("colour",),
    ignored=("remarks",),
    groups={"extras": "extra"},
    dynamic=re.compile(r"extra:[a-z]{1,9}"),
)
HEADER = b"id,size,colour,remarks,extra:a\n"


def rows_of(content: bytes, name: str = "rows.csv") -> list[Row | RowError]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        return list(read_rows(path, COLUMNS))


def cells_of(content: bytes, name: str = "rows.csv") -> list[tuple[int, dict[str, str]]]:
    return [(row.line, row.cells.values) for row in rows_of(content, name) if isinstance(row, Row)]


def reasons_of(content: bytes, name: str = "rows.csv") -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows_of(content, name) if isinstance(row, RowError)]


def collected(content: bytes, *, strict: bool = False) -> Reading[str]:
    def parse(row: Row) -> str:
        return row.cells.needed("id")

    return collect(iter(rows_of(content)), parse, lambda item: item, strict=strict)


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"id,size\n1,2\n", b"id;size\r\n1;2\r\n", b"\xef\xbb\xbfid,size\n 1 , 2 "])
def test_csv_is_read_with_either_delimiter_line_end_and_mark(content: bytes) -> None:
    assert cells_of(content) == [(2, {"id": "1", "size": "2"})]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_json_lines_are_read_with_numbers_as_text(mark: bytes) -> None:
    content = mark + b'{"id": 7, "size": 1.10, "colour": null, "extras": {"a": true}}\r\n'
    assert cells_of(content, "rows.jsonl") == [(1, {"id": "7", "size": "1.10", "extra:a": "true"})]


def test_the_first_character_tells_the_format_where_the_extension_does_not() -> None:
    assert cells_of(b'{"id": "1"}\n', "rows.txt") == [(1, {"id": "1"})]
    assert cells_of(b"id,size\n1,2\n", "rows.txt") == [(2, {"id": "1", "size": "2"})]


def test_what_is_ignored_is_not_taken_in() -> None:
    assert cells_of(b"id,size,remarks\n1,2,private\n") == [(2, {"id": "1", "size": "2"})]
    assert cells_of(b'{"id": "1", "remarks": ["private"]}', "rows.jsonl") == [(1, {"id": "1"})]


def test_lines_are_counted_across_blank_ones_and_quoted_line_breaks() -> None:
    content = b'id,size,remarks\n\n1,2,"first\nsecond"\n;,\n,,\n3,4,\n'.replace(b";,\n", b"")
    assert [line for line, _ in cells_of(content)] == [3, 6]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER + "1,2,blå,,\n".encode("cp1252"), 2),
        ("id,size\n1,2\n".encode("utf-16"), 1),
        ("id,size\n1,2\n".encode("utf-16-le"), 1),
        (HEADER + b"1,2,,,\n1,\0,,,\n", 3),
    ],
    ids=["windows-1252", "utf-16", "utf-16 without mark", "nul byte"],
)
def test_what_is_not_utf_8_is_refused_with_the_line_and_what_to_do(content: bytes, line: int) -> None:
    with pytest.raises(InputError, match=f"^Line {line} is not UTF-8 text: save the file as UTF-8"):
        rows_of(content)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_json_file_has_no_rows(content: bytes) -> None:
    assert rows_of(content, "rows.jsonl") == []


@pytest.mark.parametrize("content", [b"", b"id,size\n", b"id,size\n,\n\n"])
def test_a_file_without_rows_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="no rows"):
        collected(content)


def test_a_large_file_is_refused_by_its_size_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.touch()
    os.truncate(path, 200_000_000)  # sparse: takes no room, and would be NUL bytes if it were read
    with pytest.raises(InputError, match="larger than 100 MB"):
        list(read_rows(path, COLUMNS))


def test_a_very_long_line_is_refused() -> None:
    with pytest.raises(InputError, match="Line 2 is longer than 1 MB"):
        rows_of(HEADER + b"x" * (lines.MAX_LINE + 1))


@pytest.mark.parametrize("name", ["missing.csv", "file.csv/below.csv", "nul\0.csv", "x" * 300], ids=repr)
def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.csv").touch()
    with pytest.raises(InputError, match="cannot be read"):
        list(read_rows(tmp_path / name, COLUMNS))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not that of a file"):
        list(read_rows(tmp_path, COLUMNS))


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="not that of a file"):
        list(read_rows(tmp_path / "pipe.csv", COLUMNS))


@pytest.fixture
def somebody() -> Iterator[None]:
    """Be somebody without rights for a while: root may read everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.mark.usefixtures("somebody")
def test_a_file_without_permission_is_refused() -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        os.chmod(file.name, 0)
        with pytest.raises(InputError, match="cannot be read"):
            list(read_rows(Path(file.name), COLUMNS))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and fails to read")
def test_a_file_that_fails_while_it_is_read_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(read_rows(Path("/proc/self/mem"), COLUMNS))


# -- headers and rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"id,size,secret\n1,2,3\n", "Column 3 of the header is not known"),
        (b"id,size,extra:A\n1,2,3\n", "Column 3 of the header is not known"),
        (b"id,size,id\n1,2,3\n", "Column 3 of the header has the name of an earlier one"),
        (b"id,colour\n1,2\n", "lacks the column size"),
        (b"colour\n1\n", "lacks the columns id, size"),
        (b"\n1\n", "lacks the columns id, size"),
        (b"id\tsize\n1\t2\n", "separated by commas or semicolons"),
    ],
)
def test_a_wrong_header_refuses_the_file_and_is_not_quoted(header: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        rows_of(header)
    assert "secret" not in caught.value.text


@pytest.mark.parametrize(("row", "count"), [(b"1,2,3", 3), (b"1", 1)])
def test_a_row_with_more_or_fewer_cells_than_the_header_is_wrong(row: bytes, count: int) -> None:
    [(line, reason)] = reasons_of(b"id,size\n" + row + b"\n")
    assert (line, f"{count} cells and the header 2" in reason) == (2, True)


@pytest.mark.parametrize(
    "record", [b'1,"2\n', b'1,"2"x\n', b"1,2\r3,4\n", b'1,"' + b"x" * 200_000], ids=["open", "after", "cr", "long"]
)
def test_csv_that_cannot_be_understood_is_refused_with_its_line(record: bytes) -> None:
    with pytest.raises(InputError, match="Line 3 cannot be read as CSV"):
        rows_of(b"id,size\n1,2\n" + record)


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"7",
        b"null",
        b"{",
        b'{"id": 1} {}',
        b'{"id": NaN}',
        b'{"id": 1, "id": 2}',
        b"[" * 100_000,
        b'{"a":' * 9999,
    ],
    ids=range(9),
)
def test_a_line_that_is_no_json_object_is_a_wrong_row(line: bytes) -> None:
    [(number, reason)] = reasons_of(b'{"id": "1"}\n' + line, "rows.jsonl")
    assert (number, "one JSON object" in reason) == (2, True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "1", "secret": 2}', "Key 2 of the object is not known"),
        (b'{"id": ["secret"]}', "Key id expects a text or a number"),
        (b'{"id": {"secret": 1}}', "Key id expects a text or a number"),
        (b'{"extras": "secret"}', "Key extras expects an object"),
        (b'{"extras": {"a": 1, "SECRET": 1}}', "Name 2 in extras is not allowed"),
        (b'{"extras": {"a": []}}', "Key extra:a expects a text or a number"),
        (b'{"extra:a": 1, "extras": {"a": 1}}', "A key is there twice"),
    ],
)
def test_a_wrong_key_or_value_is_a_wrong_row_and_is_not_quoted(line: bytes, message: str) -> None:
    [(_, reason)] = reasons_of(line, "rows.jsonl")
    assert reason.startswith(message)
    assert "secret" not in reason.lower()


# -- readings ---------------------------------------------------------------------------------------------------------


def test_good_rows_and_wrong_rows_are_kept_apart() -> None:
    result = collected(b"id,size\na,1\n,2\nb,3\n")
    assert result.good == ["a", "b"]
    assert result.errors == [RowError(3, "Column id expects a value: fill it in.")]


def test_an_id_that_comes_again_is_a_wrong_row() -> None:
    result = collected(b"id,size\na,1\nb,1\na,2\na,3\n")
    assert result.good == ["a", "b"]
    assert [(error.line, "line 2 again" in error.reason) for error in result.errors] == [(4, True), (5, True)]


def test_a_strict_reading_refuses_everything_and_attaches_the_wrong_rows() -> None:
    with pytest.raises(WrongRows, match=r"^2 of 3 rows are wrong; nothing was stored") as caught:
        collected(b"id,size\na,1\n,2\n,3\n", strict=True)
    assert [error.line for error in caught.value.errors] == [3, 4]


def test_a_strict_reading_without_wrong_rows_gives_them_all() -> None:
    assert collected(b"id,size\na,1\nb,1\n", strict=True).good == ["a", "b"]


def test_reading_stops_at_far_too_many_wrong_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ERRORS", 5)
    with pytest.raises(WrongRows, match="first 5 wrong rows") as caught:
        collected(b"id,size\n" + b",1\n" * 50)
    assert len(caught.value.errors) == 5


@given(st.binary(max_size=300), st.sampled_from(["rows.csv", "rows.jsonl", "rows"]))
@example(b'id,size\n"', "rows.csv")
@example(b'{"id": "\\ud800"}', "rows.jsonl")
def test_arbitrary_bytes_raise_nothing_but_an_input_error(content: bytes, name: str) -> None:
    try:
        rows = rows_of(content, name)
    except InputError as error:
        assert error.text.endswith(".")
    else:
        assert all(row.line >= 1 for row in rows)
