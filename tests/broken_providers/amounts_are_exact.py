"""It calculates with floats and cuts off."""

from __future__ import annotations

from typing import Any

from broken_providers.good import GoodPosting, GoodProvider
from hub import Entry


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """It calculates with floats and cuts off."""

        def body(self, entry: Entry) -> dict[str, Any]:
            return {**super().body(entry), "amount": f"{int(entry.amount / 100 * 100) / 100:.2f}"}
