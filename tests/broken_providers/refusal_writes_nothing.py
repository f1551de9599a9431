"""What is refused it books on another code."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import Entry, PostedEntry, Refused


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """What is refused it books on another code."""

        def post(self, entry: Entry, key: str) -> PostedEntry:
            try:
                return super().post(entry, key)
            except Refused:
                super().post(entry.model_copy(update={"code": "150"}), key)
                raise
