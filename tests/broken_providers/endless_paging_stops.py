"""It asks for the next page for as long as there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broken_providers.good import GoodProvider


class Broken(GoodProvider):
    def news(self, known: list[Mapping[str, Any]], page: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return page
