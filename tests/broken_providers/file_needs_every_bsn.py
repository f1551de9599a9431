"""It leaves the BSN empty where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from broken_providers.good_file import GoodFileProvider
from hub import LayoutDocument, RenderedFile, Row


class Broken(GoodFileProvider):
    class Document(LayoutDocument):
        """It leaves the BSN empty where there is none."""

        def render(self, rows: Sequence[Row]) -> RenderedFile:
            empty = {"bsn": SecretStr("")}
            return super().render([row if row.bsn else row.model_copy(update=empty) for row in rows])
