"""The providers of the tests in the place of the installed ones, for what comes over HTTP with any name at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hub.errors import SettingsError
from hub.provider import Provider
from hub.testing.paper import PROVIDERS


@contextmanager
def known_providers(*more: type[Provider]) -> Iterator[None]:
    """Let the hub find the tests' own providers and `more`, and refuse every other name as the registry does."""
    known = {**PROVIDERS, **{one.name: one for one in more}}

    def find(name: str, allowed: object = None) -> type[Provider]:
        if name not in known:
            raise SettingsError("There is no such provider here.")
        return known[name]

    with patch("hub.activation.find", find), patch("hub.connecting.find", find):
        yield
