"""A setting has no description."""

from __future__ import annotations

from pydantic import Field

from broken_providers.good import GoodProvider, GoodSettings


class Broken(GoodProvider):
    class Settings(GoodSettings):
        """A setting has no description."""

        note: str = Field(default="", title="Note / Notitie")
