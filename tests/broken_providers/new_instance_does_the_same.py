"""It posts only where it was activated before."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import ActivateRequest, Activation, ExportRequest, Posting, hookimpl


class Broken(GoodProvider):
    ready = False

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        self.ready = True
        return super().activate(request)

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Posting:
        return self.Posting(self.payroll) if self.ready else None
