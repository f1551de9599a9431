"""It takes a missing right for a wrong token."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import AuthError


class Broken(GoodProvider):
    class Api(Api):
        """It takes a missing right for a wrong token."""

        def judged(self, status: int, found: Any) -> Any:
            if status == 403:
                raise AuthError("The payroll does not know this token: reconnect with another one.")
            return super().judged(status, found)
