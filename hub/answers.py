"""When an HTTP answer is good: agreed on beforehand, whole, of bearable size. Anything else is `Spoilt`."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PIECE = 1 << 16
"""The most bytes that are unpacked at a time."""

_GZIP = zlib.MAX_WBITS | 16
_NO_CONTENT = 204
_MOST_DIGITS = 9


class Spoilt(Exception):
    """An answer that cannot be used. `words` go on after the name of the host and quote nothing of the answer."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Answer:
    """An answer: `status`, `headers` (names in lower case) and `chunks`, the decoded body as it comes."""

    def __init__(self, status: int, headers: Mapping[str, str], chunks: Iterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.chunks = chunks

    @property
    def content_type(self) -> str:
        """The media type in lower case without its parameters, such as "text/xml"; empty where there is none."""
        return media_type(self.headers)

    def read(self) -> bytes:
        """Return the whole body; may be called again. Raises what `chunks` raise."""
        body = b"".join(self.chunks)
        self.chunks = iter((body,))
        return body


# -- headers ----------------------------------------------------------------------------------------------------------


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type in lower case without its parameters; empty where there is none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait, from either form of Retry-After; None where it does not say.

    A date is measured from the answer's own Date, so that our clock does not matter. Source: RFC 9110, 10.2.3.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) <= _MOST_DIGITS else None
    until, sent = _moment(value), _moment(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - sent).total_seconds()) if until else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _packing(headers: Mapping[str, str]) -> str:
    return headers.get("content-encoding", "").strip().lower().replace("identity", "")


def check_head(status: int, headers: Mapping[str, str], accept: Collection[str], statuses: Collection[int]) -> None:
    """Raise `Spoilt` where status or headers are not as agreed; a redirect is refused whatever `statuses` say."""
    if 300 <= status < 400 or status not in statuses:
        raise Spoilt(f"answered with HTTP {status}, which is no usable answer")
    if status == _NO_CONTENT:
        return
    if media_type(headers) not in accept:
        raise Spoilt("answered with another kind of content than was asked for, such as a web page")
    if "content-length" not in headers and "transfer-encoding" not in headers:
        raise Spoilt("did not say where its answer ends")
    if _packing(headers) not in ("", "gzip"):
        raise Spoilt("packed its answer in a way that was not asked for")


# -- body -------------------------------------------------------------------------------------------------------------


def whole(
    raw: Iterable[bytes], status: int, headers: Mapping[str, str], accept: Collection[str], max_bytes: int
) -> Iterator[bytes]:
    """Give the decoded body piece by piece; raise `Spoilt` or `zlib.error` as soon as something is wrong with it."""
    limited = _limited(raw, max_bytes)
    empty = True
    for piece in _limited(_inflated(limited), max_bytes) if _packing(headers) else limited:
        empty = empty and not piece
        yield piece
    if empty and status != _NO_CONTENT and "" not in accept:
        raise Spoilt("sent an empty answer")


def _limited(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise Spoilt(f"sent more than the {max_bytes} bytes that its answer may have")
        yield piece


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip, a small piece at a time: a packed bomb must meet the size limit before it fills the memory."""
    unpacker = zlib.decompressobj(_GZIP)
    for packed in pieces:
        rest, full = packed, True
        while full:
            piece = unpacker.decompress(rest, PIECE)
            rest, full = unpacker.unconsumed_tail, len(piece) == PIECE
            yield piece
        if unpacker.unused_data:
            raise Spoilt("sent more after the end of its answer")
    if not unpacker.eof:
        raise Spoilt("sent an answer that is cut off")
