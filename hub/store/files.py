"""Tables: files that runs were written to, and the layouts that a company has of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.store.columns import CompanyRow, json_column, now
from hub.store.exports import of


class File(CompanyRow, table=True):
    """A file of a run, sealed, because it may hold BSNs. `version` counts from 1: a corrected layout makes another.

    `receipt` holds no personal data and stays when the content is deleted, which is then None.
    """

    __table_args__ = (of("run", "run"), UniqueConstraint("company_id", "name"))

    run: int = Field(primary_key=True, sa_type=BigInteger)
    version: int = Field(primary_key=True)
    layout: str
    layout_version: str
    name: str
    sealed: bytes | None = None
    receipt: dict[str, Any] = json_column()
    made_at: datetime = Field(default_factory=now)
    handed_over_at: datetime | None = None
    handed_over_to: str = ""
    deleted_at: datetime | None = None


class LayoutRow(CompanyRow, table=True):
    """A layout of a company for a provider; the newest (`number`) is in use. A name and version never change."""

    __tablename__ = "layout"
    __table_args__ = (UniqueConstraint("company_id", "provider", "name", "version"),)

    provider: str = Field(primary_key=True, max_length=100)
    number: int = Field(primary_key=True)
    name: str
    version: str
    body: dict[str, Any] = json_column()
    used_by: str = ""
    used_at: datetime = Field(default_factory=now)
