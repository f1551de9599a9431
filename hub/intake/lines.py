"""The lines of a host's file as text, within limits of size. Everything wrong here concerns the whole file."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hub.errors import InputError

MAX_BYTES = 100_000_000
"""The largest file that is read, in bytes; a larger one is refused by its size, before reading."""

MAX_LINE = 1_000_000
"""The longest line that is read, in bytes."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def text_lines(path: Path) -> Iterator[str]:
    """Return the lines of a UTF-8 file, with or without a byte order mark, line ends kept.

    Raises `InputError` if the file is not there, is no ordinary file, cannot be read, is too large, has a line that is
    too long, or is not UTF-8 text.
    """
    with _opened(path) as file:
        for number, raw in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), start=1):
            yield _text(raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw, number)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        _check_file(path)
        with path.open("rb") as file:
            yield file
    # A path that holds a NUL byte is a ValueError.
    except (OSError, ValueError):
        raise InputError(
            "The file cannot be read: check that the path is right and that the hub may read it."
        ) from None


def _check_file(path: Path) -> None:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError("The path is not that of a file: give the path of a CSV or JSON-lines file.")
    if status.st_size > MAX_BYTES:
        raise InputError(f"The file is larger than {MAX_BYTES // 1_000_000} MB: send it in parts.")


def _text(raw: bytes, number: int) -> str:
    if len(raw) > MAX_LINE:
        raise InputError(f"Line {number} is longer than {MAX_LINE // 1_000_000} MB: check that this is the right file.")
    text = _decoded(raw)
    # A NUL in text is what UTF-16 without a byte order mark looks like.
    if text is None or "\0" in text:
        raise InputError(f"Line {number} is not UTF-8 text: save the file as UTF-8 and send it again.")
    return text


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
