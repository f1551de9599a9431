"""The amount of a row is a float."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broken_providers.good import GoodPosting, GoodProvider
from hub import PostedEntry


class Broken(GoodProvider):
    class Posting(GoodPosting):
        """The amount of a row is a float."""

        def row(self, one: Mapping[str, Any]) -> PostedEntry:
            found = super().row(one)
            return found.model_copy(update={"amount": float(found.amount)})
