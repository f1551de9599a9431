"""It marks at the payroll that it synced."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import SyncRequest, Workforce, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        self.payroll.call("POST", "/rows", {"employee": "nobody", "kind": "hours", "code": "100", "amount": "0"})
        return super().sync_workforce(request)
