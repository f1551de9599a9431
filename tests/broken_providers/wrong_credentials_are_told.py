"""It takes a wrong token for a wrong setting."""

from __future__ import annotations

from typing import Any

from broken_providers.good import Api, GoodProvider
from hub import SettingsError


class Broken(GoodProvider):
    class Api(Api):
        """It takes a wrong token for a wrong setting."""

        def judged(self, status: int, found: Any) -> Any:
            if status == 401:
                raise SettingsError("The token is wrong: correct it.")
            return super().judged(status, found)
