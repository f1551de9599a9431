"""It takes every row of the slot away."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import PostedEntry, Slot


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It takes every row of the slot away."""

        def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
            for row in self.read(slot):
                super().withdraw(slot, row)
