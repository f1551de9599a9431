"""What every table shares: the company that owns a row, and columns that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer
from sqlmodel import Field, SQLModel

# SQLite gives numbers by itself only to a column that is exactly INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


class CompanyRow(SQLModel):
    """Base of every table that belongs to a company. A session of another company neither sees nor writes its rows."""

    company_id: str = Field(primary_key=True, foreign_key="company.id", max_length=100)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def number_key() -> Any:  # noqa: ANN401 - SQLModel's own Field returns Any
    """Return a field that the database numbers from 1, and never twice with the same number, also after a removal.

    On SQLite that is AUTOINCREMENT, which the migrations say of each such table.
    """
    return Field(default=None, primary_key=True, sa_type=Number, sa_column_kwargs={"autoincrement": True})


def json_column(default: type = dict) -> Any:  # noqa: ANN401 - SQLModel's own Field returns Any
    """Return a field that holds JSON."""
    return Field(default_factory=default, sa_type=JSON)
