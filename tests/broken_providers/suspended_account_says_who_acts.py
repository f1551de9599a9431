"""It takes a suspended account for one that is busy."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import Transient


class Broken(GoodProvider):
    class Api(Api):
        """It takes a suspended account for one that is busy."""

        def judged(self, status: int, found: Any) -> Any:
            if status == 402:
                raise Transient("The payroll is busy: try again later.")
            return super().judged(status, found)
