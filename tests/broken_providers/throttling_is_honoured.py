"""It forgets how long the payroll asks to wait."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import UnknownOutcome


class Broken(GoodProvider):
    class Api(Api):
        """It forgets how long the payroll asks to wait."""

        def write(self, *request: Any) -> Any:
            try:
                return super().write(*request)
            except UnknownOutcome as error:
                raise UnknownOutcome(error.text) from None
