"""Its error shows the token."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import AuthError


class Broken(GoodProvider):
    class Api(Api):
        """Its error shows the token."""

        def judged(self, status: int, found: Any) -> Any:
            if status == 401:
                raise AuthError(f"Not {self.settings.token.get_secret_value()}: reconnect.")
            return super().judged(status, found)
