"""Bytes that cross JSON as base64."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer


def _from_base64(content: object) -> object:
    return b64decode(content, validate=True) if isinstance(content, str) else content


def _to_base64(content: bytes) -> str:
    return b64encode(content).decode()


Content = Annotated[bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64, when_used="json")]
"""The content of a file in a model."""
