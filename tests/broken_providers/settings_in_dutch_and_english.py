"""A setting is described in English only."""

from __future__ import annotations

from pydantic import Field

from broken_providers.good import GoodProvider, GoodSettings


class Broken(GoodProvider):
    class Settings(GoodSettings):
        """A setting is described in English only."""

        note: str = Field(default="", title="Note", description="For yourself.")
