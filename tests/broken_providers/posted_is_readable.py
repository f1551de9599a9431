"""It gives its rows ids of its own."""

from __future__ import annotations

from broken_providers.good import GoodPosting, GoodProvider
from hub import Entry, PostedEntry


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It gives its rows ids of its own."""

        def post(self, entry: Entry, key: str) -> PostedEntry:
            return super().post(entry, key).model_copy(update={"id": f"own-{key}"})
