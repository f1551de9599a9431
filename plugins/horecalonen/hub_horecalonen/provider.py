"""The provider Horecalonen, also called Loonstrookgigant: activated by name, hours in a CSV file, people by BSN.

What its users are told is all that is public: choose the name, and fill in every team member's BSN. Its layout is not
published, so ours is `unverified`; nothing tells of an API.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from hub import Capability, FileProvider, Layout, Support, read_layout


class HorecalonenProvider(FileProvider):
    """Horecalonen, by file."""

    api = 1
    name = "horecalonen"
    title = "Horecalonen"
    layout: ClassVar[Layout | None] = read_layout(Path(__file__).with_name("layout.toml"))
    needs_bsn = True
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        Capability.RENDER_FILE: Support.FULL,
        Capability.SYNC_WORKFORCE: Support.NO,
        Capability.READ_BACK: Support.NO,
    }
