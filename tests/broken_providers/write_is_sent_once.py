"""It posts again where no answer came."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import UnknownOutcome


class Broken(GoodProvider):
    class Api(Api):
        """It posts again where no answer came."""

        def write(self, *request: Any) -> Any:
            try:
                return super().write(*request)
            except UnknownOutcome:
                return super().write(*request)
