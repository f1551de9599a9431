"""Table: what is kept of a company that was removed, for as long as the law asks. It holds no personal data."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.store.columns import number_key


class ReceiptKept(SQLModel, table=True):
    """That a run of a removed company reached payroll: outside the company's rows, which are gone.

    Of a file, `sha256` is that of its content; of what was posted over the wire, `file` is empty and `sha256` is the
    hash of the plan that was released. `total` adds up the amounts of all codes, in hundredths.
    """

    __tablename__ = "receipt_kept"

    id: int | None = number_key()
    company: str = Field(max_length=100, index=True)
    provider: str = Field(max_length=100)
    run: int = Field(sa_type=BigInteger)
    year: int
    number: int
    file: str = ""
    sha256: str = Field(max_length=64)
    entries: int
    total: int = Field(sa_type=BigInteger)
    at: datetime
    keep_until: date
