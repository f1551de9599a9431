"""It takes away the apostrophe that makes a text harmless."""

from __future__ import annotations

from collections.abc import Sequence

from broken_providers.good_file import GoodFileProvider
from hub import LayoutDocument, RenderedFile, Row


class Broken(GoodFileProvider):
    class Document(LayoutDocument):
        """It takes away the apostrophe that makes a text harmless."""

        def render(self, rows: Sequence[Row]) -> RenderedFile:
            file = super().render(rows)
            bare = file.content if file.extension == "xlsx" else file.content.replace(b"'", b"")
            return file.model_copy(update={"content": bare})
