"""It does not look whether somebody came in between."""

from __future__ import annotations

from broken_providers.shapes import PutPosting, PutProvider
from hub import PostedEntry, Slot


class Broken(PutProvider):
    class Posting(PutPosting):
        """It does not look whether somebody came in between."""

        def moved(self, slot: Slot, before: tuple[PostedEntry, ...]) -> bool:
            return False
