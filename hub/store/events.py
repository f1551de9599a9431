"""Tables: what happened that a host or a person wants to hear of, who hears it over HTTP, and how far that is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.store.columns import CompanyRow, json_column, now, number_key


class Event(CompanyRow, table=True):
    """Something that happened, written in the transaction of the change. Never holds personal data beyond ids.

    `sequence` counts from 1 within a run, and is 0 for what belongs to none. `spread_at` is when the deliveries were
    made out for it. `read_at` is when a person of the company read it, where it is one for a person.
    """

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        Index("event_spread", "spread_at"),
        Index("event_run", "company_id", "run"),
    )

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    at: datetime = Field(default_factory=now)
    kind: str = Field(max_length=50)
    provider: str = Field(default="", max_length=100)
    run: int = 0
    sequence: int = 0
    detail: dict[str, Any] = json_column()
    spread_at: datetime | None = None
    read_at: datetime | None = None
    read_by: str = ""


class Endpoint(SQLModel, table=True):
    """An address of a host platform that hears of events, of all companies (`company` is empty) or of one.

    `kinds` empty means all. `secret` is what messages are signed with, wrapped by the hub's key. `off` says why nothing
    is sent there any more; empty means that it is on.
    """

    id: int | None = number_key()
    company: str = Field(default="", max_length=100)
    url: str = Field(max_length=2000)
    kinds: list[str] = Field(default_factory=list, sa_type=JSON)
    secret: bytes = Field(sa_type=LargeBinary)
    off: str = ""
    made_at: datetime = Field(default_factory=now)
    failing_since: datetime | None = None


class Delivery(CompanyRow, table=True):
    """An event on its way to an endpoint. `due_at` is when to try next; none once it arrived or was given up."""

    __table_args__ = (
        ForeignKeyConstraint(["company_id", "event"], ["event.company_id", "event.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["endpoint"], ["endpoint.id"], ondelete="CASCADE"),
        Index("delivery_due", "due_at"),
    )

    endpoint: int = Field(primary_key=True)
    event: int = Field(primary_key=True)
    tries: int = 0
    due_at: datetime | None = Field(default_factory=now)
    arrived_at: datetime | None = None
    last: str = ""
