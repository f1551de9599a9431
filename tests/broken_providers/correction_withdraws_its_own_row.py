"""It finds the row to take away by its amount."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import PostedEntry, Slot


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It finds the row to take away by its amount."""

        def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
            alike = [row for row in self.read(slot) if (row.code, row.amount) == (posted.code, posted.amount)]
            like = alike[0] if alike else posted
            super().withdraw(slot, like)
