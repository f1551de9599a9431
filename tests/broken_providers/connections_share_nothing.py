"""All its instances use the connection of the last one."""

from __future__ import annotations

from typing import ClassVar

from broken_providers.good import Api, GoodProvider
from hub import Context


class Broken(GoodProvider):
    last: ClassVar[list[GoodProvider]] = []

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.last.append(self)

    @property
    def payroll(self) -> Api:
        return self.Api(self.last[-1].http, self.last[-1].settings)
