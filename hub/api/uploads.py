"""Bodies that are long lists: written to a file as they come in, so that memory holds a part of one only."""

from __future__ import annotations

import json
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
    """Yield the text of each item of a JSON list that comes in parts. Raises `InputError` for what is no such list."""
    try:
        yield from _items(parts)
    except (UnicodeDecodeError, RecursionError):
        raise InputError(NO_LIST) from None


def _items(parts: Iterable[str]) -> Iterator[str]:
    source, decoder = iter(parts), json.JSONDecoder()
    text, expected = next(source, "").lstrip(), "["
    while True:
        while not text and (part := next(source, "")):
            text = part.lstrip()
        if not text.startswith(tuple(expected)):
            raise InputError(NO_LIST)
        ends, text, after_open = text[0] == "]", text[1:].lstrip(), text[0] == "["
        if ends:
            if text or any(part.strip() for part in source):
                raise InputError(NO_LIST)
            return
        while not text and (part := next(source, "")):
            text = part.lstrip()
        if after_open and text.startswith("]"):
            expected = "]"
            continue
        item, text = _item(decoder, text, source)
        yield item
        text, expected = text.lstrip(), ",]"


def _item(decoder: json.JSONDecoder, text: str, source: Iterator[str]) -> tuple[str, str]:
    """Return the text of the item that a text begins with, and what follows; more is read until it is whole."""
    while True:
        try:
            _, end = decoder.raw_decode(text)
        except ValueError:
            part = next(source, "")
            if not part or len(text) > MAX_LINE:
                raise InputError(NO_LIST) from None
            text += part
            continue
        if end == len(text) and (part := next(source, "")):  # a number may go on
            text += part
            continue
        return text[:end], text[end:]


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
