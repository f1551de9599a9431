"""It numbers people as they come by."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any

from broken_providers.good import GoodProvider
from hub import Employee


class Broken(GoodProvider):
    def employee(self, one: Mapping[str, Any]) -> Employee:
        return super().employee(one).model_copy(update={"number": str(perf_counter_ns())})
