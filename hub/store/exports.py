"""Tables: plans, runs, entries, the contributions of timecards to them, and attempts: the journal of every call."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from hub.store.columns import CompanyRow, json_column, now, number_key


def of(table: str, column: str) -> ForeignKeyConstraint:
    """Return the constraint that a column names a row of a table, of the same company."""
    return ForeignKeyConstraint(["company_id", column], [f"{table}.company_id", f"{table}.id"])


_UNSETTLED = "outcome IN ('', 'pending', 'unknown')"
_HOLDS_A_ROW = "posted_id <> '' AND change <> 'withdraw' AND state IN ('confirmed', 'verified', 'drifted')"


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
    """A released plan being carried out. Its state follows from its entries; `paused` says why it stopped.

    Whoever carries it out holds it as `holder` until `held_until`; each taking over raises `epoch`.
    """

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        UniqueConstraint("company_id", "plan"),
        of("plan", "plan"),
    )

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    plan: int = Field(sa_type=BigInteger)
    started_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
    paused: str = ""
    epoch: int = 0
    holder: str = ""
    held_until: datetime | None = None


class Entry(CompanyRow, table=True):
    """One amount to be posted, in hundredths, and how far it is.

    It goes to the slot of `year` and `number`, and counts for the wage period `for_year` and `for_number`: another one
    only where a closed period is corrected in an open one. `change` says whether a row is added or set (`post`), or
    the row of the entry `replaces` is given this amount (`replace`) or taken away (`withdraw`). When it was planned,
    `before` was confirmed of the same key and payroll held `shown`: it is sent only while that still holds. `attempt`
    is the last one.
    """

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        of("run", "run"),
        Index("entry_slot", "company_id", "provider", "administration", "year", "number", "employee"),
        Index("entry_for", "company_id", "provider", "administration", "for_year", "for_number", "employee"),
        Index("entry_run", "company_id", "run"),
        Index(
            "entry_row",
            *("company_id", "provider", "administration", "kind", "posted_id"),
            unique=True,
            sqlite_where=text(_HOLDS_A_ROW),
            postgresql_where=text(_HOLDS_A_ROW),
        ),
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
    for_year: int
    for_number: int
    employee: str
    kind: str
    code: str
    cost_centre: str | None = None
    change: str = "post"
    replaces: int | None = Field(default=None, sa_type=BigInteger)
    amount: int
    before: int = 0
    shown: int | None = None
    sets: bool = False
    unprotected: bool = False
    comment: str = ""
    state: str
    posted_id: str | None = None
    evidence: str = ""
    attempt: int | None = Field(default=None, sa_type=BigInteger)
    reason: str = ""
    action: str = ""


class Contribution(CompanyRow, table=True):
    """What one timecard gives to one entry: minutes, pieces or cents.

    Of one key and component, the newest entry says what the card gives now; nothing is 0. A card `goes` with an entry
    where it is exported by it, and does not where the entry takes out of payroll what the card no longer gives. `day`
    is its business date then (YYYY-MM-DD), where a file tells of days; empty elsewhere.
    """

    __table_args__ = (of("entry", "entry"), Index("contribution_timecard", "company_id", "timecard"))

    entry: int = Field(primary_key=True, sa_type=BigInteger)
    timecard: str = Field(primary_key=True, max_length=100)
    component: str = Field(primary_key=True, max_length=100)
    revision: int
    unit: str
    amount: int
    goes: bool = True
    day: str = ""


class Attempt(CompanyRow, table=True):
    """One call that may have changed something at the provider, committed before it is made.

    It covers one entry, or several of one slot (`entries`). `before` is the slot as it was read just before. While its
    outcome is open, pending or unknown, the database takes no other attempt in that slot. `ended_at` is when the call
    ended, `ended_ticks` the same by the steady clock of the machine that was started as `boot`. `fault` is for a
    person, `detail` for a log; `receipt` is what a provider gave that answers later.
    """

    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        of("run", "run"),
        Index(
            "attempt_unsettled",
            *("company_id", "provider", "administration", "year", "number", "employee", "kind"),
            unique=True,
            sqlite_where=text(_UNSETTLED),
            postgresql_where=text(_UNSETTLED),
        ),
        Index("attempt_run", "company_id", "run"),
    )

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    run: int = Field(sa_type=BigInteger)
    provider: str
    administration: str
    year: int
    number: int
    employee: str
    kind: str
    entries: list[int] = json_column(list)
    key: str
    before: list[dict[str, Any]] = json_column(list)
    epoch: int = 0
    started_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
    ended_ticks: float | None = None
    boot: str = ""
    outcome: str = ""
    receipt: str = ""
    fault: str = ""
    detail: str = ""


class Unexplained(CompanyRow, table=True):
    """Rows that a reading found in a slot and that the journal knows nothing of: typed by hand, or lost with a backup.

    Nothing is sent under their codes until a person has said what they are.
    """

    provider: str = Field(primary_key=True, max_length=100)
    administration: str = Field(primary_key=True, max_length=100)
    year: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    employee: str = Field(primary_key=True, max_length=100)
    kind: str = Field(primary_key=True, max_length=20)
    rows: list[dict[str, Any]] = json_column(list)
    read_at: datetime = Field(default_factory=now)
