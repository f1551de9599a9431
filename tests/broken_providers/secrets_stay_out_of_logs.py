"""It logs the token."""

from __future__ import annotations

from logging import getLogger
from typing import Any

from broken_providers.good import Api, GoodProvider


class Broken(GoodProvider):
    class Api(Api):
        """It logs the token."""

        def call(self, *request: Any) -> Any:
            getLogger("good").debug("%s as %s", request[:2], self.settings.token.get_secret_value())
            return super().call(*request)
