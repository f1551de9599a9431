"""A payroll that takes a file, as a provider, and a company on it: for tests of what stands around files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from hub.administrations import Booking
from hub.clock import Clock
from hub.export.report import PlanView, RunView
from hub.export.scope import Scope
from hub.files.layout import Column, Grain, Layout, Source
from hub.files.provider import FileProvider
from hub.filing import HandedOver
from hub.hub import Hub
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.models import ContractType
from hub.process import Process
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, Company
from hub.testing.ledger import LedgerProvider

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
BSN = {"m1": "123456782", "m2": "111222333"}
"""Published test numbers, of two made-up people."""

PER_CODE = Layout(
    name="paper",
    version="1",
    grain=Grain.PERSON_CODE,
    columns=(
        Column(header="BSN", source=Source.BSN),
        Column(header="Naam", source=Source.NAME),
        Column(header="Code", source=Source.CODE),
        Column(header="Aantal", source=Source.AMOUNT),
    ),
)
PER_DAY = Layout(
    name="paper-day",
    version="1",
    grain=Grain.PERSON_DAY,
    columns=(
        Column(header="BSN", source=Source.BSN),
        Column(header="Datum", source=Source.DATE),
        Column(header="Uren", source=Source.AMOUNT, code="uren"),
        Column(header="Dagen", source=Source.AMOUNT, code="dagen"),
    ),
)


class PaperProvider(FileProvider):
    """A payroll that takes a file with BSNs."""

    name = "paper"
    title = "Paper"
    layout: ClassVar[Layout | None] = PER_CODE
    needs_bsn = True


class CardboardProvider(PaperProvider):
    """Another payroll that takes a file."""

    name = "cardboard"
    title = "Cardboard"


PROVIDERS = {one.name: one for one in (PaperProvider, CardboardProvider, LedgerProvider)}


@dataclass
class PaperCompany(Company):
    """A company whose payroll takes a file, with short ways to do what a host does."""

    folder: Path = Path()
    provider: str = "paper"

    def plan(self, **more: Any) -> PlanView:  # noqa: ANN401 - the fields of Scope
        """Plan the dates of October 2026, unless others are given."""
        asked = {"provider": self.provider, "administration": more.get("provider", self.provider), "dates": OCTOBER}
        usual = self.hub.export_settings(self.name, self.provider)
        return self.hub.plan(self.name, Scope(**{"contract_types": usual.contract_types, **asked, **more}))

    def made(self, **more: Any) -> RunView:  # noqa: ANN401 - the fields of Scope
        """Plan, release and run: the file is ready."""
        return self.export(**more)

    def fetch(self, run: int) -> HandedOver:
        """Fetch the file of a run."""
        return self.hub.fetch(self.name, run, self.folder)

    def exported(self, **more: Any) -> tuple[HandedOver, list[dict[str, str]]]:  # noqa: ANN401 - the fields of Scope
        """Plan, release, run and fetch; return what was handed over and the rows of its file."""
        handed = self.fetch(self.made(**more).id)
        return handed, rows_in(handed.file)


def rows_in(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with semicolons, by its header."""
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))


@contextmanager
def paper_company(process: Process, folder: Path, clock: Clock | None = None) -> Iterator[PaperCompany]:
    """Make the company: two team members on zero hours, with a BSN each."""
    find = lambda name, allowed=None: PROVIDERS[name]  # noqa: E731 - stands in for `hub.registry.find`
    with (
        patch("hub.activation.find", find),
        patch("hub.filing.find", find),
        Hub.open(process, lambda: NOW, clock) as hub,
    ):
        hub.add_company("acme", "Acme")
        hub.connect("acme", "paper", {})
        for component, code in {"surcharge:sunday": "zondag", "allowance:travel": "reiskosten"}.items():
            hub.map("acme", "paper", Booking(component, code))
        hub.import_members("acme", Reading(good=[person(one) for one in BSN]))
        yield PaperCompany(hub=hub, ledger=None, folder=folder)  # type: ignore[arg-type]  # nothing is posted


@pytest.fixture
def clock() -> FakeClock:
    """Return the clock of the company, which a test moves on."""
    return FakeClock(NOW)


@pytest.fixture
def paper(process: Process, tmp_path: Path, clock: FakeClock) -> Iterator[PaperCompany]:
    """Yield the company, once on SQLite and once on PostgreSQL; its files go into a folder of their own."""
    folder = tmp_path / "out"
    folder.mkdir()
    with paper_company(process, folder, clock) as made:
        yield made


def person(name: str, **more: Any) -> Member:  # noqa: ANN401 - the fields of Member
    """Return a team member on zero hours, with a BSN where one of this id has one."""
    bsn = SecretStr(BSN[name]) if name in BSN else None
    return Member(**{"id": name, "name": name.upper(), "contract_type": ContractType.ZERO_HOURS, "bsn": bsn, **more})
