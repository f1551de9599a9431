"""`Idempotency-Key` on every POST: the same key and request is done once, and answered the same again.

The same key with another request is refused (422). While the first is still being carried out, the second is told to
wait (409). What failed on the hub's side is not kept: it may be tried again under the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
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
from hub.hub import Hub
from hub.store.access import Answered
from hub.store.columns import now

IN_MEMORY = 1_000_000
"""Bodies up to this many bytes stay in memory while they are read, larger ones go to a temporary file."""

GIVEN_UP = timedelta(minutes=10)
"""After this long a request without an answer belongs to a process that died: the key may be used again."""

PART = 65_536


class Idempotency:
    """Wraps an application."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry a request out once per key."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers({})
        key, method = headers.get("idempotency-key", ""), scope.get("method")
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        who = await run_in_threadpool(caller_of, self.hub.store, bearer) if key and method == "POST" else None
        if who is None:
            await self.app(scope, receive, send)
            return
        with SpooledTemporaryFile(IN_MEMORY) as body:
            request = await _read(scope, receive, body)
            held = await run_in_threadpool(self._begin, who.key, key, request)
            if held is not None:
                await _again(held, request, Request(scope))(scope, receive, send)
                return
            await self._carry_out((who.key, key), scope, _replay(body), send)

    async def _carry_out(self, which: tuple[int, str], scope: Scope, receive: Receive, send: Send) -> None:
        answer: dict[str, Any] = {"status": 500, "body": b""}

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
            else:
                answer["body"] += message.get("body", b"")
            await send(message)

        try:
            await self.app(scope, receive, keep)
        finally:
            await run_in_threadpool(self._end, which, answer["status"], answer["body"])

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

    def _end(self, which: tuple[int, str], status: int, body: bytes) -> None:
        """Keep an answer, or free the key if the hub could not give one."""
        with self.hub.store.everywhere() as session:
            row = session.get(Answered, which)
            if row and status >= 500:
                session.delete(row)
            elif row:
                row.status, row.body = status, body
                session.add(row)


async def _read(scope: Scope, receive: Receive, body: IO[bytes]) -> bytes:
    """Read a body to its end, and return a hash of the method, the path and the body."""
    digest = hashlib.sha256(f"{scope['method']} {scope['path']}?{scope['query_string'].decode()}\n".encode())
    more = True
    while more:
        message = await receive()
        part = message.get("body", b"")
        digest.update(part)
        body.write(part)
        more = message.get("more_body", False)
    body.seek(0)
    return digest.digest()


def _replay(body: IO[bytes]) -> Callable[[], Any]:
    """Return what gives the body once more, part by part."""

    async def receive() -> Message:
        part = body.read(PART)
        return {"type": "http.request", "body": part, "more_body": len(part) == PART}

    return receive


def _again(held: Answered, request: bytes, asked: Request) -> Response:
    if held.request != request:
        return problem(asked, 422, "sender", "This Idempotency-Key came with another request: use a new one.")
    if held.status is None:
        text = "The first request with this Idempotency-Key is still being carried out: ask again."
        return problem(asked, 409, "nobody", text, {"Retry-After": "1"})
    kind = "application/json" if held.status < 400 else "application/problem+json"
    return Response(held.body, held.status, {"Idempotent-Replay": "true"}, media_type=kind)
