"""It declares no host."""

from __future__ import annotations

from broken_providers.good import GoodProvider


class Broken(GoodProvider):
    hosts = ()
