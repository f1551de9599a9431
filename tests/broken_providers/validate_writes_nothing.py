"""It validates by posting."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import Finding, ValidateRequest, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        if request.online:
            self.Posting(self.payroll).post(request.entries[0], "")
        return super().validate(request)
