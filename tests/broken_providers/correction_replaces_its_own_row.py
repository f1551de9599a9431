"""It finds the row to change by its amount."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import Entry, PostedEntry


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It finds the row to change by its amount."""

        def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
            alike = [row for row in self.read(entry.slot) if (row.code, row.amount) == (posted.code, posted.amount)]
            like = alike[0] if alike else posted
            return super().replace(like, entry)
