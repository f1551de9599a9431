"""It takes the date of the first row for that of the file."""

from __future__ import annotations

from collections.abc import Sequence

from broken_providers.good_file import GoodFileProvider
from hub import LayoutDocument, RenderedFile, Row
from hub.files.render import render


class Broken(GoodFileProvider):
    class Document(LayoutDocument):
        """It takes the date of the first row for that of the file."""

        def render(self, rows: Sequence[Row]) -> RenderedFile:
            period = self.period.model_copy(update={"start": rows[0].date})
            return render(self.layout, rows, period)
