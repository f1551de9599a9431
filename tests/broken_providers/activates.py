"""It finds no administration."""

from __future__ import annotations

from broken_providers.good import GoodProvider
from hub import ActivateRequest, Activation, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        return Activation(administrations=())
