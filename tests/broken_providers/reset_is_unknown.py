"""It takes a connection that is reset for a refusal."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import Refused, UnknownOutcome


class Broken(GoodProvider):
    class Api(Api):
        """It takes a connection that is reset for a refusal."""

        def write(self, *request: Any) -> Any:
            try:
                return super().write(*request)
            except UnknownOutcome as error:
                raise (Refused("lost", error.text) if "broke the connection" in error.happened else error) from None
