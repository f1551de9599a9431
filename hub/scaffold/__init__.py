"""Makes the plugin of a new provider: a folder that can be installed, with tests that pass from the first minute."""

from __future__ import annotations

from hub.scaffold.plugin import Flavour, NewPlugin
from hub.scaffold.writing import own_folder, write_plugin

__all__ = ["Flavour", "NewPlugin", "own_folder", "write_plugin"]
