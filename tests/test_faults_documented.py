"""docs/faults.md: every fault has its row, every row its tests, and every test of a fault its row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[1]
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((HOME / "docs" / "faults.md").read_text())
REASON = "cannot happen yet: "


def written_in(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the docstring of each test in the files that fit a pattern."""
    for file in HOME.glob(pattern):
        for one in ast.parse(file.read_text()).body:
            if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
                yield one.name, ast.get_docstring(one) or ""


def named(cell: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", cell))


def test_there_is_a_row_for_each_of_the_fifty() -> None:
    """In their order, none twice."""
    assert [int(number) for number, *_ in ROWS] == list(range(1, 51))


def test_each_row_names_tests_that_exist_or_says_why_there_is_none() -> None:
    """A fault without a test says so, and why."""
    exist = {name for pattern in ("tests/test_*.py", "plugins/*/tests/test_*.py") for name, _ in written_in(pattern)}
    assert [number for number, _, _, cell in ROWS if named(cell) - exist] == []
    assert [number for number, _, end, cell in ROWS if not named(cell) and not end.startswith(REASON)] == []


def test_each_test_of_a_fault_is_in_a_row_that_its_docstring_names() -> None:
    """The number in the docstring is that of a row that names the test."""
    rows = {int(number): named(cell) for number, _, _, cell in ROWS}
    for name, told in written_in("plugins/nmbrs/tests/test_fault_*.py"):
        numbers = [int(one) for one in re.findall(r"\b\d{1,2}\b", told.partition(":")[0])]
        assert any(name in rows.get(number, set()) for number in numbers), name
