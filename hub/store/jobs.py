"""Tables: long work that somebody asked for or a schedule brings, and the pace of calls that all workers share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.store.columns import CompanyRow, json_column, now, number_key


class Job(CompanyRow, table=True):
    """A piece of long work. It may be begun more than once, because its worker may die: what it does must bear that.

    `key` names what is to be done only once, such as the sync of a day; empty for what a person asked for. It is not
    begun before `due_at`. Whoever does it holds it as `holder` until `held_until`. `result` names what it made,
    `problem` says what is wrong and who must act.
    """

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        UniqueConstraint("company_id", "key"),
        Index("job_due", "state", "due_at"),
    )

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    kind: str = Field(max_length=50)
    provider: str = Field(default="", max_length=100)
    key: str | None = Field(default=None, max_length=200)
    detail: dict[str, Any] = json_column()
    actor: str = ""
    state: str = Field(default="waiting", max_length=20)
    made_at: datetime = Field(default_factory=now)
    due_at: datetime = Field(default_factory=now)
    tries: int = 0
    holder: str = ""
    held_until: datetime | None = None
    ended_at: datetime | None = None
    result: dict[str, Any] = json_column()
    problem: dict[str, Any] = json_column()


class Turn(SQLModel, table=True):
    """When the next call to a provider may be made, in seconds since 1970 by the database's clock, for all workers."""

    provider: str = Field(primary_key=True, max_length=100)
    due: float = 0.0
