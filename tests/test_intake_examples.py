"""What the examples and the documentation show can be imported as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.intake.members import Member, read_members
from hub.intake.timecards import Deletion, Timecard, read_timecards

ROOT = Path(__file__).parent.parent


def read_strictly(name: str, path: Path) -> list[Timecard | Deletion] | list[Member]:
    """Read a file of timecards or of members; any wrong row raises."""
    if name == "timecards":
        return read_timecards(path, strict=True).good
    reading = read_members(path, strict=True)
    assert reading.notes == []
    return reading.good


NAMES = ("timecards", "members")
DOCUMENTS = [ROOT / "docs" / f"{name}.md" for name in NAMES]
BLOCK = re.compile(r"^```(jsonl|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FICTITIOUS = {"123456782", "111222333", "012345672", "12345672"}


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_read_without_an_error(name: str, suffix: str) -> None:
    assert read_strictly(name, ROOT / "examples" / f"{name}.{suffix}")


@pytest.mark.parametrize("name", NAMES)
def test_both_formats_show_the_same_example(name: str) -> None:
    csv, json_lines = (read_strictly(name, ROOT / "examples" / f"{name}.{suffix}") for suffix in ("csv", "jsonl"))
    assert csv == json_lines


def test_the_examples_have_a_card_of_each_kind_and_the_long_night() -> None:
    found = read_timecards(ROOT / "examples" / "timecards.jsonl").good
    cards = [card for card in found if isinstance(card, Timecard)]
    assert {card.status.value for card in cards} == {"planned", "written", "approved"}
    assert {card.category.value for card in cards} == {"worked", "leave", "unproductive"}
    assert {one.unit.value for card in cards for one in card.amounts} == {"minutes", "pieces", "cents"}
    assert any(isinstance(card, Deletion) for card in found)
    assert any((card.start.hour, card.end.hour, card.minutes) == (22, 6, 540) for card in cards)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_block_of_the_documentation_is_read_without_an_error(document: Path, tmp_path: Path) -> None:
    blocks = BLOCK.findall(document.read_text(encoding="utf-8"))
    assert {suffix for suffix, _ in blocks} == {"jsonl", "csv"}
    for suffix, content in blocks:
        path = tmp_path / f"block.{suffix}"
        path.write_text(content, encoding="utf-8")
        assert read_strictly(document.stem, path)


def test_only_fictitious_numbers_are_shown() -> None:
    shown = [*DOCUMENTS, *(ROOT / "examples").glob("timecards.*"), *(ROOT / "examples").glob("members.*")]
    numbers = {number for path in shown for number in re.findall(r"(?<!\d)\d{8,9}(?!\d)", path.read_text("utf-8"))}
    assert numbers <= FICTITIOUS
