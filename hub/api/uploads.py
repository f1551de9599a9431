"""Bodies that are long lists: written to a file as they come in, so that memory holds a part of one only."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Annotated, Any

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from hub.api.shapes import Kept
from hub.errors import InputError
from hub.intake.keep import Kept as KeptRows
from hub.intake.lines import MAX_BYTES, MAX_LINE
from hub.intake.reading import RowError

Strict = Annotated[bool, Query(description="One wrong row refuses them all.")]

ENDINGS = {
    "text/csv": ".csv",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/json": ".json",
}
"""The media types that an upload may have."""

PART = 262_144

NO_SPACE = re.compile(r"\S")

NO_LIST = "The body is no JSON list of objects: send one, or a line of JSON for each."


def body_of(csv: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return how an upload is documented, with one row as the example of each type."""
    text = {"type": "string"}
    rows = {"type": "array", "items": {"type": "object"}}
    lines = {"schema": text, "example": json.dumps(row) + "\n"}
    content = {
        "text/csv": {"schema": text, "example": csv},
        "application/x-ndjson": lines,
        "application/jsonl": lines,
        "application/json": {"schema": rows, "example": [row]},
    }
    return {"requestBody": {"content": content, "required": True}}


@asynccontextmanager
async def _upload(request: Request) -> AsyncIterator[Path]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ENDINGS:
        raise HTTPException(415)
    with NamedTemporaryFile(suffix=ENDINGS[kind]) as file, NamedTemporaryFile(suffix=".jsonl") as lines:
        await _take(request, file)
        if ENDINGS[kind] != ".json":
            yield Path(file.name)
            return
        await run_in_threadpool(_as_lines, Path(file.name), lines)
        yield Path(lines.name)


async def _take(request: Request, file: IO[bytes]) -> None:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise HTTPException(413)
        await run_in_threadpool(file.write, part)
    file.flush()


async def uploaded(request: Request) -> AsyncIterator[Path]:
    """Yield the file that a body was written to; 415 for another type of body, 413 for one that is too large."""
    async with _upload(request) as path:
        yield path


Uploaded = Annotated[Path, Depends(uploaded)]


def _as_lines(array: Path, lines: IO[bytes]) -> None:
    """Write each item of a JSON list on a line, so that the number of a line is that of the item."""
    with array.open(encoding="utf-8-sig") as file:
        for item in items_of(iter(lambda: file.read(PART), "")):
            lines.write(item.replace("\n", " ").replace("\r", " ").encode() + b"\n")  # none is inside a JSON text
    lines.flush()


def items_of(parts: Iterable[str]) -> Iterator[str]:
    """Yield the text of each item of a JSON list of objects that comes in parts.

    Raises `InputError` for what is no such list.
    """
    try:
        yield from _items(_Text(parts))
    except (UnicodeDecodeError, RecursionError):
        raise InputError(NO_LIST) from None


def _items(text: _Text) -> Iterator[str]:
    text.take("[")
    if text.next() == "]":
        text.take("]")
    else:
        yield text.item()
        while text.take(",]") == ",":
            yield text.item()
    if text.next():
        raise InputError(NO_LIST)


class _Text:
    """A JSON text that comes in parts: what was read of it and a place in that. What lies before is cut once per part.

    What does not come as it should raises `InputError`.
    """

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = filter(None, parts)
        self._decoder = json.JSONDecoder()
        self._text, self._at = "", 0

    def next(self) -> str:
        """Go to the next character that is no space, and return it; empty at the end."""
        while (found := NO_SPACE.search(self._text, self._at)) is None:
            self._at = len(self._text)
            if not self._more():
                return ""
        self._at = found.start()
        return found[0]

    def take(self, expected: str) -> str:
        """Return the next character, which must be one of those expected, and go past it."""
        found = self.next()
        if not found or found not in expected:
            raise InputError(NO_LIST)
        self._at += 1
        return found

    def item(self) -> str:
        """Return the text of the object that comes next, and go past it; more is read until it is whole."""
        if self.next() != "{":
            raise InputError(NO_LIST)
        while True:
            try:
                _, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if len(self._text) - self._at > MAX_LINE or not self._more():
                    raise InputError(NO_LIST) from None
                continue
            item, self._at = self._text[self._at : end], end
            return item

    def _more(self) -> bool:
        """Read a part and forget what lies before the place; False where there is none."""
        part = next(self._parts, "")
        self._text, self._at = self._text[self._at :] + part, 0
        return bool(part)


def kept_of(kept: KeptRows, wrong: Iterable[RowError]) -> Kept:
    """Return what storing a list did, as it is shown."""
    return Kept(
        new=kept.new,
        changed=kept.changed,
        unchanged=kept.unchanged,
        deleted=kept.deleted,
        wrong=tuple({"line": one.line, "reason": one.reason} for one in wrong),
        refused=tuple({"id": id_, "reason": reason} for id_, reason in kept.refused),
    )
