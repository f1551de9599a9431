"""A search for secrets in whatever they may have leaked into: bytes, exceptions and databases."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path


def spellings(secret: str) -> dict[str, bytes]:
    """Return how a secret may be written: plain, spaced as a BSN often is, in hex, in base64 at any place, or hashed.

    A plain hash of a BSN hides nothing: there are so few that all can be tried.
    """
    text = secret.encode()
    found = {
        "plain": text,
        "hex": text.hex().encode(),
        "HEX": text.hex().upper().encode(),
        "utf-16": secret.encode("utf-16-le"),
    }
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, text, usedforsecurity=False)
        found |= {name: digest.hexdigest().encode(), f"{name} bytes": digest.digest()}
    if secret.isdecimal():
        found |= {
            f"with {mark!r}": mark.join((secret[:4], secret[4:6], secret[6:])).encode() for mark in (".", " ", "-")
        }
        found["as a number"] = secret.lstrip("0").encode()
    for shift in range(3):
        # Only whole groups of three bytes are the same wherever the text stands; the edges mix with what is around.
        encoded = base64.b64encode(b"\0" * shift + text)
        found[f"base64 {shift}"] = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
    return found


def leaks(data: bytes, secrets: Iterable[str]) -> list[str]:
    """Return which secrets are in some bytes, as `what it is, how it is written`, without telling the secret."""
    return [
        f"secret {number}, {how}"
        for number, secret in enumerate(secrets)
        for how, written in spellings(secret).items()
        if written in data
    ]


def told(error: BaseException) -> str:
    """Return all that an exception says: of itself, in its detail, and in the chain behind it."""
    chain = "".join(traceback.format_exception(error))
    return "\n".join((str(error), repr(error), getattr(error, "detail", ""), repr(vars(error)), chain))


def stored(url: str) -> bytes:
    """Return all that a database holds: the bytes of the files of SQLite, and every row of every table."""
    import sqlalchemy as sa

    rows = "\n".join(_rows(url))
    database = sa.make_url(url).database
    if not url.startswith("sqlite") or not database:
        return rows.encode()
    file = Path(database)
    parts = [part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*"))]
    return b"\n".join((rows.encode(), *parts))


def _rows(url: str) -> Iterator[str]:
    import sqlalchemy as sa

    from hub.store.engine import make_engine
    from hub.store.rows_apart import of_all

    engine = make_engine(url)
    with contextlib.closing(of_all(engine).connect()) as connection:
        for table in sa.inspect(engine).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):  # noqa: S608 - our own tables
                # A value that is bytes is searched as it is, by way of a letter for each byte.
                yield from (
                    bytes(one).decode("latin-1") if isinstance(one, bytes | memoryview) else str(one) for one in row
                )
    engine.dispose()
