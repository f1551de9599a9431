"""It says that the same key again does nothing twice, and hands no key on."""

from __future__ import annotations

from broken_providers.good import GoodPosting
from broken_providers.shapes import KeyedProvider


class Broken(KeyedProvider):
    Posting = GoodPosting
