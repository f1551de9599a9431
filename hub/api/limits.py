"""What no operation takes: a NUL in an address, which no database has room for, and a body without end.

It wraps all that reads a body: a body that turns out too large while it is read is answered here, unless the
application that was reading it has done so.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.problems import problem
from hub.api.words import of_status
from hub.intake.lines import MAX_BYTES

MOST_BYTES = 1_000_000
"""The largest body that is no list of people or hours, in bytes."""

LISTS = ("/members", "/timecards")
"""How the addresses end that take long lists; those are written to a file, the rest is held in memory."""


class _TooLarge(HTTPException):
    """More of a body came than may."""


class Limits:
    """Wraps an application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, as far as it keeps within the limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            text = "A number or text in the request is out of range."
            await problem(Request(scope), 422, "sender", text)(scope, receive, send)
            return
        most = MAX_BYTES if scope["path"].endswith(LISTS) else MOST_BYTES
        if _told(scope) > most:
            await problem(Request(scope), 413, "sender", of_status(413))(scope, receive, send)
            return
        try:
            await self.app(scope, _counted(receive, most), send)
        except _TooLarge:  # read by what lies around the application, which has no handlers of its own
            await problem(Request(scope), 413, "sender", of_status(413))(scope, receive, send)


def _told(scope: Scope) -> int:
    """Return how long a body is said to be; 0 where that is not said."""
    text = Headers(scope=scope).get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _counted(receive: Receive, most: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise _TooLarge(413)
        return message

    return counted
