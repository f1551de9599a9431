"""It replaces every row of the slot."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import Entry, PostedEntry


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It replaces every row of the slot."""

        def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
            for row in self.read(entry.slot):
                super().replace(row, entry)
            return super().replace(posted, entry)
