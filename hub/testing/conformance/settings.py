"""What is known of a provider's settings: which of them hold a secret, by their type or by their name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hub.connection import secret_names
from hub.provider import Provider
from hub.testing.conformance.rule import NotApplicable

_SECRET = re.compile(r"pass(word|phrase)|secret|token|credential|api_?key|private_?key|\bpin\b", re.IGNORECASE)


def secret_fields(provider: type[Provider]) -> frozenset[str]:
    """Return the names of the settings that hold a secret, also of those that should have been typed as one."""
    return secret_names(provider) | {name for name in provider.Settings.model_fields if _SECRET.search(name)}


def described(provider: type[Provider]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the settings as the JSON Schema tells them. Raises `NotApplicable` where there are none."""
    properties = provider.Settings.model_json_schema().get("properties", {})
    if not properties:
        raise NotApplicable("it has no settings")
    yield from properties.items()
