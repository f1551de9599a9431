"""It puts back only what the hub knows of the rows of others."""

from __future__ import annotations

from broken_providers.shapes import PutPosting, PutProvider
from hub import Entry, PostedEntry, Slot


class Broken(PutProvider):
    class Posting(PutPosting):
        """It puts back only what the hub knows of the rows of others."""

        def put(
            self, slot: Slot, before: tuple[PostedEntry, ...], entries: tuple[Entry, ...], key: str
        ) -> tuple[PostedEntry, ...]:
            added = super().put(slot, before, entries, key)
            for row in before:
                self.replace(row, Entry(slot=slot, code=row.code, amount=row.amount))
            return added
