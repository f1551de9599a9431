"""Tables: the host's team members, payroll's employees and the timecards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from hub.store.columns import CompanyRow, json_column, now


class TeamMember(CompanyRow, table=True):
    """A person in the host platform. `bsn` is sealed; `source` is `host`, or the provider that brought the person."""

    __tablename__ = "team_member"
    __table_args__ = (Index("team_member_email", "company_id", "email"),)

    id: str = Field(primary_key=True, max_length=100)
    name: str
    email: str = ""
    contract_type: str | None = None
    venue: str = ""
    bsn: bytes | None = None
    source: str = "host"


class MemberContract(CompanyRow, table=True):
    """A contract as the host gives it, with the provider that runs its payroll: it decides where an hour goes."""

    __tablename__ = "member_contract"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "member"], ["team_member.company_id", "team_member.id"], ondelete="CASCADE"
        ),
    )

    member: str = Field(primary_key=True, max_length=100)
    start: date = Field(primary_key=True)
    end: date | None = None
    payroll: str = Field(max_length=100)
    contract_type: str | None = None


class Employee(CompanyRow, table=True):
    """A person in payroll, as last read; `body` is the model of the contract. `member` links to the team member."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["company_id", "member"], ["team_member.company_id", "team_member.id"]),
        Index("employee_member", "company_id", "provider", "member"),
    )

    provider: str = Field(primary_key=True, max_length=100)
    id: str = Field(primary_key=True, max_length=100)
    administration: str = Field(max_length=100)
    body: dict[str, Any] = json_column()
    member: str | None = Field(default=None, max_length=100)
    linked_by: str = ""
    gone: bool = False
    seen_at: datetime = Field(default_factory=now)


class Timecard(CompanyRow, table=True):
    """Hours of one team member on one business date, as the host gave them last.

    Turned white: `exported_revision` is the revision that payroll holds, None before.
    """

    __table_args__ = (Index("timecard_date", "company_id", "date"),)

    id: str = Field(primary_key=True, max_length=100)
    revision: int
    member: str = Field(max_length=100)
    venue: str = ""
    date: date
    start: datetime
    end: datetime
    break_minutes: int = 0
    minutes: int
    status: str
    category: str
    amounts: list[dict[str, Any]] = json_column(list)
    deleted: bool = False
    received_at: datetime = Field(default_factory=now)
    exported_revision: int | None = None
    exported_by: str = ""
