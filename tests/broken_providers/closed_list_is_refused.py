"""It knows only some of the refusals."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import UnknownOutcome


class Broken(GoodProvider):
    class Api(Api):
        """It knows only some of the refusals."""

        def judged(self, status: int, found: Any) -> Any:
            if status == 422 and found["error"] == "blocked":
                raise UnknownOutcome("The payroll answered what nobody knows: look there.")
            return super().judged(status, found)
