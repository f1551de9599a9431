"""It reads the first page only."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import SyncRequest, Workforce, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        found = self.payroll.call("GET", "/people?page=1")
        return Workforce(employees=tuple(self.employee(one) for one in found["people"]))
