"""It takes the id 0 for a row."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import PostedEntry


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It takes the id 0 for a row."""

        def proven(self, row: PostedEntry) -> PostedEntry:
            return row
