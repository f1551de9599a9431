"""A number of an employee is no text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broken_providers.good import GoodProvider
from hub import Employee


class Broken(GoodProvider):
    def employee(self, one: Mapping[str, Any]) -> Employee:
        return super().employee(one).model_copy(update={"number": 7})
