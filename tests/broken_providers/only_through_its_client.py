"""It asks the payroll for a sign of life by itself."""

from __future__ import annotations

from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import urlopen

from broken_providers.good import GoodProvider
from hub import ActivateRequest, Activation, hookimpl


class Broken(GoodProvider):
    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        with suppress(HTTPError):
            urlopen(f"{self.settings.url}/ping").close()
        return super().activate(request)
