"""It calculates with floats and cuts off."""

from __future__ import annotations

from collections.abc import Sequence

from broken_providers.good_file import GoodFileProvider
from hub import LayoutDocument, RenderedFile, Row


class Broken(GoodFileProvider):
    class Document(LayoutDocument):
        """It calculates with floats and cuts off."""

        def render(self, rows: Sequence[Row]) -> RenderedFile:
            cut = [row.model_copy(update={"amount": int(row.amount / 100 * 100)}) for row in rows]
            return super().render(cut)
