"""Dagblad Lonen, made up: a spreadsheet with a row for each person and day, and a column for each kind of hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from hub import Capability, Code, FileProvider, Kind, Layout, Support

LAYOUT = Layout.model_validate(
    {
        "name": "dagblad-lonen",
        "version": "1",
        "format": "xlsx",
        "sheet": "Dagen",
        "grain": "person_day",
        "date_format": "YYYY-MM-DD",
        "columns": (
            {"header": "Personeelsnummer", "source": "employee"},
            {"header": "Naam", "source": "name"},
            {"header": "Datum", "source": "date"},
            {"header": "Gewerkt", "source": "amount", "code": "GEWERKT"},
            {"header": "Zondag", "source": "amount", "code": "ZONDAG"},
            {"header": "Soort", "source": "text", "text": "U"},
        ),
    }
)


class AFileProvider(FileProvider):
    """Dagblad Lonen."""

    name, title = "a_file", "Dagblad Lonen"
    layout = LAYOUT
    codes = (
        Code(kind=Kind.HOURS, code="GEWERKT", title="gewerkte uren", component="worked"),
        Code(kind=Kind.HOURS, code="ZONDAG", title="toeslag zondag", component="surcharge:sunday"),
    )
    capabilities: ClassVar[Mapping[Capability, Support]] = {Capability.RENDER_FILE: Support.FULL}
