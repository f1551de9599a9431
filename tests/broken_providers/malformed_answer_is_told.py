"""An answer that cannot be parsed is an empty one."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import ContractError


class Broken(GoodProvider):
    class Api(Api):
        """An answer that cannot be parsed is an empty one."""

        def parsed(self, content: bytes) -> Any:
            try:
                return super().parsed(content)
            except ContractError:
                return []
