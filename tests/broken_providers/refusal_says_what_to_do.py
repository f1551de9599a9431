"""What it says of a refusal helps nobody."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import Refused


class Broken(GoodProvider):
    class Api(Api):
        """What it says of a refusal helps nobody."""

        def judged(self, status: int, found: Any) -> Any:
            if status == 422:
                raise Refused("unknown_code", "Error 422.")
            return super().judged(status, found)
