"""Tables: plans, runs, entries, the contributions of timecards to them, and attempts: the journal of every call."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from hub.store.columns import CompanyRow, json_column, now, number_key


def _of(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["company_id", column], [f"{table}.company_id", f"{table}.id"])


class Plan(CompanyRow, table=True):
    """What an export would do. Only a plan that a named person released is carried out; `hash` is what was released."""

    __table_args__ = (UniqueConstraint("company_id", "id"),)

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    provider: str
    administration: str
    year: int
    number: int
    hash: str
    body: dict[str, Any] = json_column()
    made_at: datetime = Field(default_factory=now)
    released_by: str = ""
    released_at: datetime | None = None


class Run(CompanyRow, table=True):
    """A released plan being carried out. Its state follows from its entries; `paused` says why it stopped."""

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        UniqueConstraint("company_id", "plan"),
        _of("plan", "plan"),
    )

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    plan: int = Field(sa_type=BigInteger)
    started_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
    paused: str = ""


class Entry(CompanyRow, table=True):
    """One amount to be posted, in hundredths, and how far it is.

    `before` is what was confirmed of the same key when it was planned; it is sent only while that still holds.
    """

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        _of("run", "run"),
        Index("entry_slot", "company_id", "provider", "administration", "year", "number"),
        Index("entry_run", "company_id", "run"),
    )

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    run: int = Field(sa_type=BigInteger)
    provider: str
    administration: str
    year: int
    number: int
    start: date
    end: date
    employee: str
    kind: str
    code: str
    cost_centre: str | None = None
    amount: int
    before: int = 0
    sets: bool = False
    unprotected: bool = False
    comment: str = ""
    state: str
    posted_id: str | None = None
    reason: str = ""
    action: str = ""


class Contribution(CompanyRow, table=True):
    """What one timecard gave to one entry: minutes, pieces or cents."""

    __table_args__ = (_of("entry", "entry"), Index("contribution_timecard", "company_id", "timecard"))

    entry: int = Field(primary_key=True, sa_type=BigInteger)
    timecard: str = Field(primary_key=True, max_length=100)
    component: str = Field(primary_key=True, max_length=100)
    revision: int
    unit: str
    amount: int


class Attempt(CompanyRow, table=True):
    """One call that may have changed something at the provider, committed before it is made.

    `before` is the slot as it was read just before. An open attempt with no process behind it is a doubt.
    """

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        _of("entry", "entry"),
        Index(
            "attempt_open",
            "company_id",
            "entry",
            unique=True,
            sqlite_where=text("outcome = ''"),
            postgresql_where=text("outcome = ''"),
        ),
    )

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    entry: int = Field(sa_type=BigInteger)
    key: str
    before: list[dict[str, Any]] = json_column(list)
    started_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
    outcome: str = ""
    detail: str = ""
