"""It writes dates in another way than the payroll reads them."""

from __future__ import annotations

from broken_providers.good_file import LAYOUT, GoodFileProvider


class Broken(GoodFileProvider):
    layout = LAYOUT.model_copy(update={"date_format": "YYYY-MM-DD"})
