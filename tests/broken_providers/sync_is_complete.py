"""It leaves out who left."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import SyncRequest, Workforce, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        found = super().sync_workforce(request)
        return Workforce(employees=tuple(one for one in found.employees if one.ends is None))
