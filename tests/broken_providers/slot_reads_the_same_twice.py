"""It gives the rows of a slot in another order every time."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import PostedEntry, Slot


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It gives the rows of a slot in another order every time."""

        forward = True

        def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
            self.forward = not self.forward
            return super().read(slot)[:: 1 if self.forward else -1]
