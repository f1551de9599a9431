"""The simulator of Connexie: takes the file as its layout says, which is `unverified`, as is all else of it.

Connexie publishes neither the form of its file nor what it does with one. What is checked here is what the layout
tells, and that somebody without a BSN cannot be paid.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hub import Layout, read_layout
from hub.testing.simulated_importer import SimulatedImporter


class ConnexieSimulator(SimulatedImporter):
    """Connexie on this machine: it knows people by their BSN."""

    layout: ClassVar[Layout] = read_layout(Path(__file__).with_name("layout.toml"))
    needs_bsn = True
