"""It logs who it found."""

from __future__ import annotations

from collections.abc import Mapping
from logging import getLogger
from typing import Any

from broken_providers.good import GoodProvider
from hub import Employee


class Broken(GoodProvider):
    def employee(self, one: Mapping[str, Any]) -> Employee:
        getLogger("good").debug("found %s", one["email"])
        return super().employee(one)
