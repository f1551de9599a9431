"""`Idempotency-Key` on every POST: the same key and request is done once, and answered the same again.

The same key with another request is refused (422). While the first is still being carried out, the second is told to
wait (409). What was refused or failed is not kept: it may be tried again under the same key, once its cause is mended.
Nor is a file kept: it may hold BSNs, and making it again changes nothing. An answer that may not be stored
(`Cache-Control: no-store`, as of a secret that is shown once), or that was given before a company was removed, is
forgotten, but not that it was given (409). Keys of one caller say nothing of those of another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access import caller_of
from hub.api.problems import problem
from hub.api.words import UNFIT_KEY
from hub.hub import Hub
from hub.store.access import Answered
from hub.store.columns import now

IN_MEMORY = 1_000_000
"""Bodies up to this many bytes stay in memory while they are read, larger ones go to a temporary file."""

GIVEN_UP = timedelta(minutes=10)
"""After this long a request without an answer belongs to a process that died: the key may be used again."""

PART = 65_536

EMPTY = (204, 205)
"""The statuses of answers without a body."""

LONGEST = 255
"""The longest key, in characters."""

LOCATION = b"Location: "
"""How what is kept of an answer begins where it had one: JSON does not."""

FORGOTTEN = "This was done before, and its answer is not kept."
"""What is said of an answer that held a secret, or that was given before a company was removed."""


@dataclass
class _Answer:
    """What was answered: only JSON is kept, and only what may be."""

    status: int = 500
    headers: Headers = field(default_factory=Headers)
    parts: list[bytes] = field(default_factory=list)
    whole: bool = False

    @property
    def kept(self) -> bool:
        """Whether the same is answered again: what was done and told in JSON, or in nothing at all."""
        return self.status < 400 and (self.is_json or self.status in EMPTY)

    @property
    def is_json(self) -> bool:
        return _media_type(self.headers) == "application/json"

    @property
    def body(self) -> bytes:
        """What is kept of it: a line with its Location, if it had one, and its body; empty where that may not be."""
        if "no-store" in self.headers.get("cache-control", ""):
            return b""
        location = self.headers.get("location", "").encode("latin-1")
        return b"".join([LOCATION, location, b"\n", *self.parts] if location else self.parts)


class Idempotency:
    """Wraps an application."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry a request out once per key."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers({})
        key, method = headers.get("idempotency-key", ""), scope.get("method")
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        known = bool(key) and method == "POST" and scheme.lower() == "bearer"
        who = await run_in_threadpool(caller_of, self.hub.store, bearer.strip()) if known else None
        if who is None:
            await self.app(scope, receive, send)
            return
        if len(key) > LONGEST or not key.isprintable():
            await problem(Request(scope), 422, "sender", UNFIT_KEY)(scope, receive, send)
            return
        with SpooledTemporaryFile(IN_MEMORY) as body:
            request = await _read(scope, receive, body)
            if request is None:  # it hung up: half a list must not pass for the whole
                return
            held = await run_in_threadpool(self._begin, who.key, key, request)
            if held is not None:
                await _again(held, request, Request(scope))(scope, receive, send)
                return
            await self._carry_out((who.key, key), scope, _replay(body, receive), send)

    async def _carry_out(self, which: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
        """Carry a request out; its answer is kept before the last of it is sent, so that asking again finds it."""
        answer = _Answer()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], Headers(raw=message["headers"])
            elif answer.is_json:
                answer.parts.append(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                answer.whole = True
                await run_in_threadpool(self._end, which, answer)
            await send(message)

        try:
            await self.app(scope, receive, keep)
        finally:
            if not answer.whole:
                await run_in_threadpool(self._end, which, _Answer())

    def _begin(self, caller: int, key: str, request: bytes) -> Answered | None:
        """Claim a key; return what is held under it, if anything is."""
        try:
            with self.hub.store.everywhere() as session:
                row = session.get(Answered, (caller, key))
                if row and (row.status is not None or row.made_at > now() - GIVEN_UP):
                    return row
                if row:
                    session.delete(row)
                    session.flush()
                session.add(Answered(api_key=caller, key=key, request=request))
                return None
        except IntegrityError:  # another process claimed it a moment ago
            with self.hub.store.everywhere() as session:
                return session.exec(select(Answered).where(Answered.api_key == caller, Answered.key == key)).one()

    def _end(self, which: tuple[int, str], answer: _Answer) -> None:
        """Keep an answer, or free the key where there is none to keep."""
        with self.hub.store.everywhere() as session:
            row = session.get(Answered, which)
            if row and not answer.kept:
                session.delete(row)
            elif row:
                row.status, row.body = answer.status, answer.body
                session.add(row)


async def _read(scope: Scope, receive: Receive, body: IO[bytes]) -> bytes | None:
    """Read a body to its end, and return a hash of the method, the path, the media type and the body.

    None where the sender hung up before its end. How large it may be is for `hub.api.limits` to say.
    """
    asked = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}"
    digest = hashlib.sha256(f"{asked}\n{_media_type(Headers(scope=scope))}\n".encode())
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        digest.update(part)
        await run_in_threadpool(body.write, part)
        more = message.get("more_body", False)
    body.seek(0)
    return digest.digest()


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _replay(body: IO[bytes], receive: Receive) -> Callable[[], Any]:
    """Return what gives the body once more, part by part, and then what comes after it: that somebody hung up."""
    more = True

    async def again() -> Message:
        nonlocal more
        if not more:
            return await receive()
        part = body.read(PART)
        more = len(part) == PART
        return {"type": "http.request", "body": part, "more_body": more}

    return again


def _again(held: Answered, request: bytes, asked: Request) -> Response:
    if held.request != request:
        return problem(asked, 422, "sender", "This Idempotency-Key came with another request: use a new one.")
    if held.status is None:
        text = "The first request with this Idempotency-Key is still being carried out: ask again."
        return problem(asked, 409, "nobody", text, {"Retry-After": "1"})
    if not held.body and held.status not in EMPTY:
        return problem(asked, 409, "sender", FORGOTTEN)
    return _answered(held.status, held.body)


def _answered(status: int, kept: bytes) -> Response:
    """Return an answer as it was given, from what `_Answer.body` kept of it."""
    headers = {"Idempotent-Replay": "true"}
    if kept.startswith(LOCATION):
        line, _, kept = kept.partition(b"\n")
        headers["Location"] = line.removeprefix(LOCATION).decode("latin-1")
    return Response(kept, status, headers, media_type="application/json")
