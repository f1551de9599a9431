"""It writes a row to say that an export begins."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import ExportRequest, Posting, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Posting:
        self.payroll.call("POST", "/rows", {"employee": "nobody", "kind": "hours", "code": "100", "amount": "0"})
        return super().export_timecards(request)
