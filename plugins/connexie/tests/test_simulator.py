"""The simulator of Connexie takes the file that the hub makes, pays what it says, and notices it a second time."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from hub.testing.importing import file_of, paid_once, simulated, state
from hub.testing.simulated_importer import WRONG_ROWS, upload
from hub_connexie.simulator import ConnexieSimulator
from hub_connexie.story import STORY

PAID = {
    ("Lieve Molenweg", "dagen"): 200,
    ("Lieve Molenweg", "maaltijden"): 200,
    ("Lieve Molenweg", "toeslag nacht 25%"): 300,
    ("Lieve Molenweg", "uren"): 1400,
    ("Abel van Sluiswijk", "dagen"): 200,
    ("Abel van Sluiswijk", "reiskosten"): 1380,
    ("Abel van Sluiswijk", "uren"): 1600,
    ("Wout Heidehof", "dagen"): 100,
    ("Wout Heidehof", "uren"): 600,
}
"""Worked out by hand, in hundredths; what Wout worked after he left for another payroll is not here."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the demonstration's company."""
    return file_of(STORY, tmp_path_factory.mktemp("hub"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `hub simulate` serves."""
    with simulated(ConnexieSimulator, tmp_path_factory.mktemp("site")) as url:
        yield url


def test_the_file_of_the_demonstration_is_paid_once_however_often_it_comes(file: Path, address: str) -> None:
    """To the hundredth, per person and code; the second time it is noticed and nothing is paid."""
    assert paid_once(address, file, "connexie") == PAID


def test_somebody_without_a_bsn_refuses_the_file(file: Path, address: str) -> None:
    """The row is told, and nothing of it."""
    before, changed = state(address)["paid"], BytesIO()
    book = load_workbook(file)
    book["Uren"]["A2"] = None
    book.save(changed)
    status, told = upload(address, "wrong.xlsx", changed.getvalue())
    assert (status, told["wrong"]) == (WRONG_ROWS, ["row 2: its BSN is none, or is not one"])
    assert state(address)["paid"] == before
