"""It logs whom it writes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from broken_providers.good_file import GoodFileProvider
from hub import LayoutDocument, RenderedFile, Row


class Broken(GoodFileProvider):
    class Document(LayoutDocument):
        """It logs whom it writes."""

        def render(self, rows: Sequence[Row]) -> RenderedFile:
            logging.getLogger("good").debug("written: %s", rows[0].name)
            return super().render(rows)
