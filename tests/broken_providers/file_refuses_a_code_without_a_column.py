"""It leaves out what its layout has no column for."""

from __future__ import annotations

from collections.abc import Sequence

from broken_providers.good_file import GoodFileProvider
from hub import LayoutDocument, RenderedFile, Row


class Broken(GoodFileProvider):
    class Document(LayoutDocument):
        """It leaves out what its layout has no column for."""

        def render(self, rows: Sequence[Row]) -> RenderedFile:
            known = self.layout.codes
            return super().render([row for row in rows if known is None or row.code in known])
