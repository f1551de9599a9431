"""Tables: companies, their keys, connections and settings, and the audit trail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from hub.store.columns import CompanyRow, json_column, now, number_key


class Company(SQLModel, table=True):
    """A tenant of the host platform. A shift that starts before `new_day` (HH:MM) belongs to the date before.

    `keeping` says for how long what is kept, where the company keeps it longer than the hub would; `told` how its
    people are told of events: the language, and an address for e-mail.
    """

    id: str = Field(primary_key=True, max_length=100)
    name: str
    new_day: str = "05:00"
    created_at: datetime = Field(default_factory=now)
    keeping: dict[str, Any] = json_column()
    told: dict[str, Any] = json_column()


class DataKey(CompanyRow, table=True):
    """A company's data key, wrapped by the hub's key."""

    __tablename__ = "data_key"

    version: int = Field(primary_key=True)
    wrapped: bytes
    created_at: datetime = Field(default_factory=now)


class Connection(CompanyRow, table=True):
    """Company × provider, once activated. `active` is the company's own switch.

    `settings` holds no secret; `rights` are those found at activation; `export` says what goes out, `schedule` what is
    done by itself and when. `attention` says what somebody must do before it works again; empty means that it works.
    """

    provider: str = Field(primary_key=True, max_length=100)
    active: bool = True
    settings: dict[str, Any] = json_column()
    rights: list[dict[str, Any]] = json_column(list)
    export: dict[str, Any] = json_column()
    kept_by_host: list[str] = json_column(list)
    schedule: dict[str, Any] = json_column()
    attention: str = ""
    activated_at: datetime = Field(default_factory=now)


def _of_connection() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
    )


class Secret(CompanyRow, table=True):
    """A secret setting of a connection, sealed."""

    __table_args__ = (_of_connection(),)

    provider: str = Field(primary_key=True, max_length=100)
    name: str = Field(primary_key=True, max_length=100)
    sealed: bytes


class Administration(CompanyRow, table=True):
    """An administration that a connection reaches; `body` is the model of the contract. Inactive: left alone."""

    __table_args__ = (_of_connection(),)

    provider: str = Field(primary_key=True, max_length=100)
    id: str = Field(primary_key=True, max_length=100)
    active: bool = True
    body: dict[str, Any] = json_column()


class VenueAssignment(CompanyRow, table=True):
    """Which administration and cost centre the hours at a venue belong to."""

    __tablename__ = "venue_assignment"
    __table_args__ = (_of_connection(),)

    provider: str = Field(primary_key=True, max_length=100)
    venue: str = Field(primary_key=True, max_length=100)
    administration: str
    cost_centre: str | None = None


class Mapping(CompanyRow, table=True):
    """Component → code. `administration` is empty where it holds for all; `rate` is euro cents a piece."""

    __table_args__ = (_of_connection(),)

    provider: str = Field(primary_key=True, max_length=100)
    administration: str = Field(default="", primary_key=True, max_length=100)
    component: str = Field(primary_key=True, max_length=100)
    kind: str
    code: str
    rate: int | None = None


class WagePeriodSetting(CompanyRow, table=True):
    """How wage periods are counted, per administration and contract type; an empty contract type holds for all."""

    __tablename__ = "wage_period_setting"
    __table_args__ = (_of_connection(),)

    provider: str = Field(primary_key=True, max_length=100)
    administration: str = Field(primary_key=True, max_length=100)
    contract_type: str = Field(default="", primary_key=True, max_length=20)
    type: str
    first_start: date
    week53: str | None = None


class Audit(CompanyRow, table=True):
    """Who changed what and when; written in the transaction of the change. Never holds personal data or a secret."""

    __table_args__ = (Index("audit_subject", "company_id", "subject"),)

    company_id: str = Field(foreign_key="company.id", max_length=100)
    id: int | None = number_key()
    at: datetime = Field(default_factory=now)
    actor: str
    action: str
    subject: str = Field(max_length=200)
    detail: dict[str, Any] = json_column()
