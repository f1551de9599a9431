"""It says that the same key again does nothing twice, and looks at no key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from broken_providers.good import GoodProvider
from hub import Capability, Support


class Broken(GoodProvider):
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        **GoodProvider.capabilities,
        Capability.IDEMPOTENT: Support.FULL,
    }
