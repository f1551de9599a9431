"""It uses its own layout, whatever the company has."""

from __future__ import annotations

from broken_providers.good_file import GoodFileProvider
from hub import ExportRequest, LayoutDocument, hookimpl


class Broken(GoodFileProvider):
    @hookimpl
    def export_timecards(self, request: ExportRequest) -> LayoutDocument:
        return super().export_timecards(request.model_copy(update={"layout": ""}))
