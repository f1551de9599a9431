"""Its layout says neither that it is verified nor that it is not."""

from __future__ import annotations

from typing import ClassVar

from broken_providers.good_file import LAYOUT, GoodFileProvider
from hub import Layout


class Broken(GoodFileProvider):
    layout: ClassVar[Layout | None] = LAYOUT.model_copy(update={"status": "surely"})
