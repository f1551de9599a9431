"""The provider Connexie: activated by name; hours go out in a file, until its API has a public contract.

Planning products tell that Connexie has an API, with a token or a client id. None publishes an address, a call or an
answer of it, so nothing here talks to it: it is graded `not_built`, and the setting `channel` is where it will be
chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from hub import Capability, FileProvider, Layout, ProviderSettings, Support, read_layout


class ConnexieSettings(ProviderSettings):
    """How hours reach Connexie. A channel over its API will be a second choice here, with a secret of its own."""

    channel: Literal["file"] = Field(
        default="file",
        title="Channel / Kanaal",
        description="How hours reach Connexie: as a file. / Hoe de uren bij Connexie komen: als bestand.",
    )


class ConnexieProvider(FileProvider):
    """Connexie, by file."""

    api = 1
    name = "connexie"
    title = "Connexie"
    layout: ClassVar[Layout | None] = read_layout(Path(__file__).with_name("layout.toml"))
    needs_bsn = True
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        Capability.RENDER_FILE: Support.FULL,
        Capability.SYNC_WORKFORCE: Support.NOT_BUILT,
        Capability.READ_BACK: Support.NOT_BUILT,
        Capability.POST_HOURS: Support.NOT_BUILT,
        Capability.POST_WAGE: Support.NOT_BUILT,
        Capability.POST_DAYS: Support.NOT_BUILT,
    }
    Settings = ConnexieSettings
