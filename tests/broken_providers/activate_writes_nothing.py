"""It tries the right to post by posting."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import ActivateRequest, Activation, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        self.payroll.call("POST", "/rows", {"employee": "nobody", "kind": "hours", "code": "100", "amount": "0"})
        return super().activate(request)
