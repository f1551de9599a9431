"""The simulator of Horecalonen takes the file that the hub makes, pays what it says, and notices it a second time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.testing.importing import file_of, paid_once, simulated, state
from hub.testing.simulated_importer import WRONG_ROWS, upload
from hub_horecalonen.simulator import HorecalonenSimulator
from hub_horecalonen.story import STORY

PAID = {
    ("Jasmijn Overweg", "dagen"): 300,
    ("Jasmijn Overweg", "maaltijden"): 200,
    ("Jasmijn Overweg", "toeslag zondag 50%"): 733,
    ("Jasmijn Overweg", "uren"): 2200,
    ("Tijmen de Beekhof", "dagen"): 200,
    ("Tijmen de Beekhof", "maaltijden"): 100,
    ("Tijmen de Beekhof", "reiskosten"): 920,
    ("Tijmen de Beekhof", "uren"): 1600,
    ("Noor van Duinwijk", "dagen"): 100,
    ("Noor van Duinwijk", "toeslag zondag 50%"): 300,
    ("Noor van Duinwijk", "uren"): 850,
}
"""Worked out by hand, in hundredths."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the demonstration's company."""
    return file_of(STORY, tmp_path_factory.mktemp("hub"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `hub simulate` serves."""
    with simulated(HorecalonenSimulator, tmp_path_factory.mktemp("site")) as url:
        yield url


def test_the_file_of_the_demonstration_is_paid_once_however_often_it_comes(file: Path, address: str) -> None:
    """To the hundredth, per person and code; the second time it is noticed and nothing is paid."""
    assert paid_once(address, file, "horecalonen") == PAID


def test_somebody_without_a_bsn_refuses_the_file(file: Path, address: str) -> None:
    """The row is told, and nothing of it."""
    before = state(address)["paid"]
    status, told = upload(address, "wrong.csv", file.read_bytes().replace(b"111222333", b""))
    assert (status, told["outcome"], len(told["wrong"])) == (WRONG_ROWS, "refused", 4)
    assert told["wrong"][0] == "row 6: its BSN is none, or is not one"
    assert state(address)["paid"] == before
