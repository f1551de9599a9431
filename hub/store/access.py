"""Tables: the keys that let a program in over HTTP, and what was answered under an idempotency key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field, SQLModel

from hub.store.columns import now, number_key


class ApiKey(SQLModel, table=True):
    """A key of a host platform, for all companies (`company` is empty) or for one. Only a hash of it is kept."""

    __tablename__ = "api_key"

    id: int | None = number_key()
    name: str = Field(max_length=100)
    company: str = Field(default="", max_length=100)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    digest: bytes = Field(sa_type=LargeBinary, unique=True)
    made_at: datetime = Field(default_factory=now)
    revoked_at: datetime | None = None


class Answered(SQLModel, table=True):
    """What a request with an idempotency key was answered: the same key again gets the same answer.

    `request` is a hash of the method, path, media type and body; without `status` the first request is still being
    carried out. `body` is what was answered, after a line with its Location if it had one; empty if it is not kept.
    """

    __tablename__ = "answered"

    api_key: int = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    request: bytes = Field(sa_type=LargeBinary)
    status: int | None = None
    body: bytes = Field(default=b"", sa_type=LargeBinary)
    made_at: datetime = Field(default_factory=now)
