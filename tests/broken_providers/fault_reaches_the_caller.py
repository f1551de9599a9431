"""A reading that fails is an empty slot."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import PostedEntry, Slot, UnknownOutcome


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """A reading that fails is an empty slot."""

        def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
            try:
                return super().read(slot)
            except UnknownOutcome:
                return ()
