"""It takes the last day for the first one that is not worked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from broken_providers.good import GoodProvider
from hub import Employee


class Broken(GoodProvider):
    def employee(self, one: Mapping[str, Any]) -> Employee:
        found = super().employee(one)
        ends = found.ends - timedelta(days=1) if found.ends else None
        return found.model_copy(update={"ends": ends})
