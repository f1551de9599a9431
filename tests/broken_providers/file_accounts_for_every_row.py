"""It leaves out who worked for less than a quarter of an hour."""

from __future__ import annotations

from collections.abc import Sequence

from broken_providers.good_file import GoodFileProvider
from hub import LayoutDocument, RenderedFile, Row


class Broken(GoodFileProvider):
    class Document(LayoutDocument):
        """It leaves out who worked for less than a quarter of an hour."""

        def render(self, rows: Sequence[Row]) -> RenderedFile:
            return super().render([row for row in rows if row.amount >= 25])
