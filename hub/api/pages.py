"""Lists by page, forwards only: a cursor is the place in the list, and says nothing to whoever holds it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from hub.api.shapes import Page
from hub.errors import InputError

Item = TypeVar("Item")

MOST = 1000

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[str, Query(max_length=40, description="`next` of the page before.")]


def page(items: Sequence[Item], cursor: str, limit: int) -> Page[Item]:
    """Return a page of a list. Raises `InputError` for a cursor that no page gave."""
    start = _place(cursor) if cursor else 0
    end = start + limit
    return Page(items=tuple(items[start:end]), next=_cursor(end) if end < len(items) else "")


def _cursor(place: int) -> str:
    return urlsafe_b64encode(f"at {place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        word, _, place = urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        if word == "at" and place.isascii() and place.isdigit():
            return int(place)
    except ValueError:
        pass
    raise InputError("This is no cursor of a page: leave it out to begin anew.")
