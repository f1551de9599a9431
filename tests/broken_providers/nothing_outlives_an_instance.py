"""Its class counts what was synced, over all companies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from broken_providers.good import GoodProvider
from hub import Employee


class Broken(GoodProvider):
    synced: ClassVar[list[str]] = []

    def employee(self, one: Mapping[str, Any]) -> Employee:
        self.synced.append(one["id"])
        return super().employee(one)
