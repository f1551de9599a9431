"""It takes a redirect for a refusal."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import Refused, UnknownOutcome


class Broken(GoodProvider):
    class Api(Api):
        """It takes a redirect for a refusal."""

        def write(self, *request: Any) -> Any:
            try:
                return super().write(*request)
            except UnknownOutcome as error:
                raise (Refused("lost", error.text) if error.status == 302 else error) from None
