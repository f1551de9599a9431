"""It takes whom it posted for first for everybody."""

from __future__ import annotations

from typing import Any

from broken_providers.good import GoodPosting, GoodProvider
from hub import Entry


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It takes whom it posted for first for everybody."""

        first = ""

        def body(self, entry: Entry) -> dict[str, Any]:
            self.first = self.first or entry.slot.employee
            return {**super().body(entry), "employee": self.first}
