"""Encryption of secrets and BSN: AES-256-GCM, a data key per company, each wrapped by the hub's own key.

The associated data names company, table, column, row and key version, so a value copied to another place does not open.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import SettingsError

_NONCE = 12

FINGERPRINT_BYTES = 8
"""A wrapped data key starts with this many bytes that tell which hub key wrapped it."""

WRONG_KEY = (
    "The hub's secret key is not the one this database was made with: "
    "the operator must set HUB_SECRET_KEY (or put the key file back)."
)


def _bound(*parts: object) -> bytes:
    """Return the associated data for a place: canonical, so that no two places give the same bytes."""
    return json.dumps(["payroll-hub", *parts], separators=(",", ":"), ensure_ascii=True).encode()


def _encrypt(key: bytes, text: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)


class MasterKey:
    """The hub's own key. It wraps the data keys of the companies and the hub's own secrets; no database holds it."""

    def __init__(self, key: bytes, source: str = "HUB_SECRET_KEY") -> None:
        if len(key) != 32:
            raise SettingsError(f"{source} must be 32 bytes in base64: make one with `hub keys new`.")
        self._key = key
        self.fingerprint = hashlib.sha256(b"payroll-hub master key" + key).digest()[:FINGERPRINT_BYTES]

    def __repr__(self) -> str:
        return "MasterKey(…)"

    @classmethod
    def from_text(cls, text: str, source: str = "HUB_SECRET_KEY") -> MasterKey:
        """Read a key in base64; `source` is where it stood. Raises `SettingsError`."""
        try:
            return cls(base64.b64decode(text, validate=True), source)
        except ValueError:
            raise SettingsError(f"{source} is not base64: make one with `hub keys new`.") from None

    @classmethod
    def from_file(cls, path: Path, *, make: bool = True) -> MasterKey:
        """Read the key file; one that is missing is made (mode 0600) if it may be.

        Raises `SettingsError`, also if others can read the file.
        """
        if make and not path.exists():
            _make_key_file(path)
        try:
            with path.open(encoding="ascii", errors="replace") as file:
                shared, text = os.fstat(file.fileno()).st_mode & 0o077, file.read().strip()
        except OSError:
            raise SettingsError(
                f"The key file {path.name} of this database is missing or cannot be read: "
                "the operator must put it back, or set HUB_SECRET_KEY."
            ) from None
        if shared and os.name == "posix":
            raise SettingsError(
                f"Others can read the key file {path.name}: the operator must run chmod 600 on it, "
                "and change the key if somebody may have read it."
            )
        return cls.from_text(text, f"The key file {path.name}")

    def new_data_key(self, company: str, version: int) -> bytes:
        """Make a data key for a company and return it wrapped."""
        return self.wrap(company, version, os.urandom(32))

    def wrap(self, company: str, version: int, data_key: bytes) -> bytes:
        """Encrypt a data key for the store."""
        return self.fingerprint + _encrypt(self._key, data_key, _bound(company, "data_key", version))

    def unwrap(self, company: str, version: int, wrapped: bytes) -> bytes:
        """Decrypt a data key. Raises `SettingsError` if another hub key wrapped it."""
        try:
            return _decrypt(self._key, wrapped[FINGERPRINT_BYTES:], _bound(company, "data_key", version))
        except (InvalidTag, ValueError):
            raise SettingsError(WRONG_KEY) from None

    def wrap_own(self, place: Place, content: bytes) -> bytes:
        """Encrypt something that belongs to the hub and to no company, for its place."""
        return self.fingerprint + _encrypt(self._key, content, _bound("hub", place.table, place.column, place.row))

    def unwrap_own(self, place: Place, wrapped: bytes) -> bytes:
        """Decrypt what `wrap_own` encrypted. Raises `SettingsError` if another hub key did, or for another place."""
        bound = _bound("hub", place.table, place.column, place.row)
        try:
            return _decrypt(self._key, wrapped[FINGERPRINT_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise SettingsError(WRONG_KEY) from None

    def wrapped_here(self, wrapped: bytes) -> bool:
        """Tell whether this key wrapped something."""
        return wrapped[:FINGERPRINT_BYTES] == self.fingerprint


def new_key() -> str:
    """Return a fresh 32-byte key in base64."""
    return base64.b64encode(os.urandom(32)).decode()


def _make_key_file(path: Path) -> None:
    """Make the file whole or not at all, on the disk before anything is encrypted; where two do so, the first wins."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # its mode is 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(descriptor)
    with suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives: table, column and row."""

    table: str
    column: str
    row: str


class Vault:
    """Seals and opens values of one company with its data keys (version → key); seals with the newest."""

    def __init__(self, company: str, keys: Mapping[int, bytes]) -> None:
        self._company = company
        self._keys = dict(keys)
        self.version = max(self._keys)

    def __repr__(self) -> str:
        return f"Vault({self._company!r}, version {self.version})"

    def seal(self, place: Place, text: str) -> bytes:
        """Encrypt a text for its place."""
        return self.seal_bytes(place, text.encode())

    def open(self, place: Place, sealed: bytes) -> str:
        """Decrypt a text. Raises `SettingsError` if it was sealed for another place or company, or changed."""
        return self.open_bytes(place, sealed).decode()

    def seal_bytes(self, place: Place, content: bytes) -> bytes:
        """Encrypt bytes for their place."""
        bound = self._bound(place, self.version)
        return self.version.to_bytes(4, "big") + _encrypt(self._keys[self.version], content, bound)

    def open_bytes(self, place: Place, sealed: bytes) -> bytes:
        """Decrypt bytes. Raises `SettingsError` if they were sealed for another place or company, or changed."""
        version = int.from_bytes(sealed[:4], "big")
        try:
            return _decrypt(self._keys[version], sealed[4:], self._bound(place, version))
        except (InvalidTag, KeyError, ValueError):
            raise SettingsError(
                f"A sealed value in {place.table}.{place.column} does not open: "
                "the operator must restore the database and its key together."
            ) from None

    def _bound(self, place: Place, version: int) -> bytes:
        return _bound(self._company, place.table, place.column, place.row, version)
