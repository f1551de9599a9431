"""It gives the token back as a setting that it found."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import ActivateRequest, Activation, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        found = super().activate(request)
        return found.model_copy(update={"settings": {"token": self.settings.token.get_secret_value()}})
