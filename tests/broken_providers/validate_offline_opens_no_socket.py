"""It asks the payroll for its codes, also offline."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import Finding, ValidateRequest, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        self.payroll.call("GET", "/administration")
        return super().validate(request)
