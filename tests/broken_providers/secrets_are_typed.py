"""A password is plain text."""

from __future__ import annotations

from pydantic import Field

from broken_providers.good import GoodProvider, GoodSettings


class Broken(GoodProvider):
    class Settings(GoodSettings):
        """A password is plain text."""

        password: str = Field(default="", title="Password / Wachtwoord", description="Yours. / Dat van jou.")
