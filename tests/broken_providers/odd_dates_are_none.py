"""It takes the first day of the year 1 for a date."""

from __future__ import annotations

from broken_providers.good import GoodProvider


class Broken(GoodProvider):
    def day(self, text: str | None) -> str | None:
        return text
