"""A small provider of files that keeps every rule: a row per person, a column per code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from broken_providers.good import GoodConformance
from hub import ExportRequest, FileProvider, Layout, LayoutDocument, ProviderSettings, hookimpl
from hub.files.layout import Column, Grain, Source
from hub.testing.simulated_importer import SimulatedImporter

LAYOUT = Layout(
    name="good",
    version="1",
    grain=Grain.PERSON_PERIOD,
    columns=(
        Column(header="BSN", source=Source.BSN),
        Column(header="Naam", source=Source.NAME),
        Column(header="Van", source=Source.START),
        Column(header="Uren", source=Source.AMOUNT, code="uren"),
        Column(header="Dagen", source=Source.AMOUNT, code="dagen"),
    ),
)


class GoodFileSettings(ProviderSettings):
    """Who looks into the file first."""

    note: str = Field(title="Note / Notitie", description="Who looks at the file. / Wie het bestand bekijkt.")


class GoodFileProvider(FileProvider):
    """Good Payroll, by file."""

    name = "good"
    title = "Good Payroll"
    Settings = GoodFileSettings
    layout: ClassVar[Layout | None] = LAYOUT
    needs_bsn = True
    Document: ClassVar[type[LayoutDocument]] = LayoutDocument

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> LayoutDocument:
        """Open a file."""
        layout = Layout.model_validate_json(request.layout) if request.layout else self.layout
        assert layout is not None
        return self.Document(layout, request.period)


class GoodImporter(SimulatedImporter):
    """Good Payroll, which imports the file of the layout that it published."""

    layout = LAYOUT
    needs_bsn = True


class GoodFileConformance(GoodConformance):
    """The conformance of the good provider of files, and of those that are made from it."""

    provider = GoodFileProvider
    remote = None
    importer = GoodImporter
    settings: ClassVar[Mapping[str, str]] = {"note": "Robin"}
