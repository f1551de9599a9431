"""Its class has another name than its entry point."""

from __future__ import annotations

from broken_providers.good import GoodProvider


class Broken(GoodProvider):
    name = "another"
