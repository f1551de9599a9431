"""It takes the first employment for the one of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broken_providers.good import GoodProvider
from hub import Employee


class Broken(GoodProvider):
    def employee(self, one: Mapping[str, Any]) -> Employee:
        return super().employee({**one, **(one["before"] or {})})
