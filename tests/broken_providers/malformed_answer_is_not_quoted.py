"""Its error shows the answer that cannot be parsed."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import ContractError


class Broken(GoodProvider):
    class Api(Api):
        """Its error shows the answer that cannot be parsed."""

        def parsed(self, content: bytes) -> Any:
            try:
                return super().parsed(content)
            except ContractError:
                raise ContractError(f"This is no JSON: {content!r}.") from None
