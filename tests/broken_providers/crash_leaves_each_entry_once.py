"""It keeps the keys to itself, and forgets them with the process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from broken_providers.good import Api, GoodPosting, GoodProvider
from hub import Capability, Entry, PostedEntry, Support


class Broken(GoodProvider):
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        **GoodProvider.capabilities,
        Capability.IDEMPOTENT: Support.FULL,
    }

    class Posting(GoodPosting):
        """It keeps the keys to itself, and forgets them with the process."""

        def __init__(self, api: Api) -> None:
            super().__init__(api)
            self.sent: set[str] = set()

        def post(self, entry: Entry, key: str) -> PostedEntry:
            if key in self.sent:
                return self.read(entry.slot)[-1]
            self.sent.add(key)
            return super().post(entry, key)
