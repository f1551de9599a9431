"""Who may do what over HTTP: keys of host platforms, shown once and kept as a hash, each with its scopes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from hub.errors import InputError
from hub.store.access import ApiKey
from hub.store.columns import now
from hub.store.companies import Audit, Company
from hub.store.database import Store

PREFIX = "phk_"
"""What every key begins with, so that a leaked one is recognised for what it is."""


class Scope(StrEnum):
    """What a key may do. `export` is a scope of its own: money leaves with it."""

    READ = "read"
    SETTINGS = "settings"
    WORKFORCE = "workforce"
    HOURS = "hours"
    EXPORT = "export"
    DECISIONS = "decisions"


@dataclass(frozen=True)
class Caller:
    """Whose key came with a request; `company` is empty for one that serves all companies."""

    key: int
    name: str
    company: str
    scopes: frozenset[str]

    def may(self, scope: Scope, company: str) -> bool:
        """Tell whether the key opens this for a company; an empty one stands for what belongs to none."""
        return scope in self.scopes and self.company in ("", company)


def new_key(store: Store, name: str, scopes: Collection[str], company: str = "") -> str:
    """Make a key and return it: it cannot be shown again. Raises `InputError` for a wrong scope or company."""
    wrong = sorted(set(scopes) - set(Scope))
    if wrong or not scopes or not name.strip():
        raise InputError(f"A key has a name and at least one scope of {', '.join(Scope)}.")
    if company:
        with store.read(company):
            pass
    text = PREFIX + secrets.token_urlsafe(32)
    with store.everywhere() as session:
        session.add(ApiKey(name=name.strip(), company=company, scopes=sorted(scopes), digest=_digest(text)))
        if company:
            detail = {"name": name.strip(), "scopes": sorted(scopes)}
            session.add(Audit(company_id=company, actor="operator", action="key made", subject=name, detail=detail))
    return text


def caller_of(store: Store, text: str) -> Caller | None:
    """Return whose key this is, or None for one that there is not or that was revoked."""
    with Session(store.engine) as session:  # keys belong to no company; only reading, it waits for no writer
        row = session.exec(select(ApiKey).where(ApiKey.digest == _digest(text))).first()
        if row is None or row.revoked_at:
            return None
        return Caller(row.id or 0, row.name, row.company, frozenset(row.scopes))


def note_refusal(store: Store, caller: Caller, scope: Scope, company: str) -> None:
    """Write that a key was refused into the trail of the company that was asked for, if there is one.

    A key of another company is not named there, as it is none of its business; its own trail names it.
    """
    stranger = caller.company not in ("", company)
    with store.everywhere() as session:
        known = session.exec(select(Company.id).where(col(Company.id).in_([company, caller.company]))).all()
        if company in known:
            name = "a key of another company" if stranger else caller.name
            session.add(_refusal(company, name, key=name, scope=scope))
        if stranger and caller.company in known:
            session.add(_refusal(caller.company, caller.name, key=caller.name, scope=scope, elsewhere=True))


def _refusal(company: str, actor: str, **detail: Any) -> Audit:  # noqa: ANN401 - JSON
    return Audit(company_id=company, actor=actor, action="refused", subject="api", detail=detail)


def keys(store: Store) -> list[ApiKey]:
    """List the keys, without what would open anything."""
    with store.everywhere() as session:
        return list(session.exec(select(ApiKey).order_by(ApiKey.id)).all())  # type: ignore[arg-type]


def revoke(store: Store, number: int) -> None:
    """Let a key open nothing any more, at once. Raises `InputError` if there is none of this number."""
    with store.everywhere() as session:
        row = session.get(ApiKey, number)
        if row is None:
            raise InputError(f"There is no key {number}: hub api-key list shows them.")
        row.revoked_at = row.revoked_at or now()
        session.add(row)


def _digest(text: str) -> bytes:
    """Return a hash of a key; it is 32 random bytes, so that a plain hash cannot be tried out."""
    return hashlib.sha256(text.encode()).digest()
