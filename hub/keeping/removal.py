"""Removing a company: every row, its data key and its keys for HTTP go; receipts without personal data stay.

The tables are found in the metadata, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, delete, update
from sqlmodel import Session, SQLModel, col, func, select

from hub.durations import AMSTERDAM
from hub.errors import InputError
from hub.export.states import IN_PAYROLL, EntryState
from hub.keeping.past import unfinished_runs
from hub.keeping.terms import terms_of
from hub.logs import get_logger
from hub.models import Model
from hub.store.access import Answered, ApiKey
from hub.store.companies import Company
from hub.store.database import Store
from hub.store.events import Endpoint
from hub.store.exports import Entry, Plan, Run
from hub.store.files import File
from hub.store.kept import ReceiptKept
from hub.store.session import CompanySession

TOOK = (*sorted(IN_PAYROLL), EntryState.SUPERSEDED)
"""The states of entries that payroll took."""


class Removed(Model):
    """What became of a company: how many rows went, and how many receipts stay. `traces` says what may be left."""

    company: str
    rows: int
    receipts: int
    traces: str = ""


class Confirmed(NamedTuple):
    """Who removes a company: its name, as it is known, and whether even with runs that never ended, in whose name."""

    name: str
    even_so: bool = False
    by: str = ""


def remove(store: Store, company: str, confirmed: Confirmed, now: datetime) -> Removed:
    """Remove a company in one transaction. Raises `InputError` unless it is confirmed and nothing is under way."""
    with store.everywhere() as everywhere:
        _hold(everywhere, company)
        with store.read(company) as session:
            _check(session, confirmed, now)
            receipts = list(_receipts(session, terms_of(session).wage_years))
        rows = sum(_empty(everywhere, table, company) for table in company_tables())
        rows += _close_doors(everywhere, company)
        everywhere.add_all(receipts)
        everywhere.exec(delete(Company).where(col(Company.id) == company))
    get_logger(__name__).info("company removed", company=company, by=confirmed.by, rows=rows)
    return Removed(company=company, rows=rows + 1, receipts=len(receipts), traces=wipe(store))


def company_tables() -> list[Table]:
    """Return every table with rows of companies; what refers to others comes before them."""
    return [one for one in reversed(SQLModel.metadata.sorted_tables) if "company_id" in one.columns]


def _check(session: CompanySession, confirmed: Confirmed, now: datetime) -> None:
    name = session.exec(select(Company.name).where(Company.id == session.company)).one()
    if confirmed.name != name:
        raise InputError("Nothing was removed: confirm it with the name of the company, to the letter.")
    open_runs = sorted(unfinished_runs(session, now))
    if open_runs and not (confirmed.even_so and confirmed.by.strip()):
        shown = ", ".join(map(str, open_runs[:10]))
        raise InputError(
            f"Nothing was removed: run {shown} did not end, and nobody could tell afterwards what payroll holds. "
            "Settle it first, or remove the company even so in the name of a person."
        )


def _hold(session: Session, company: str) -> None:
    """Keep everybody else from writing rows of the company: what is checked after this stays as it is."""
    session.exec(select(Company.id).where(Company.id == company).with_for_update()).first()


def _empty(session: Session, table: Table, company: str) -> int:
    found: Any = session.execute(delete(table).where(table.c.company_id == company))
    return int(found.rowcount)


def _close_doors(session: Session, company: str) -> int:
    """Delete the company's keys for HTTP with what they were answered, and its endpoints."""
    keys = list(session.exec(select(ApiKey.id).where(ApiKey.company == company)))
    of_all = select(ApiKey.id).where(ApiKey.company == "")  # what they were answered may tell of this company
    session.execute(update(Answered).where(col(Answered.api_key).in_(of_all)).values(body=b""))
    gone: list[Any] = [
        session.execute(delete(Answered).where(col(Answered.api_key).in_(keys))),
        session.execute(delete(ApiKey).where(col(ApiKey.company) == company)),
        session.execute(delete(Endpoint).where(col(Endpoint.company) == company)),
    ]
    return sum(int(one.rowcount) for one in gone)


def _receipts(session: CompanySession, years: int) -> Iterator[ReceiptKept]:
    """Yield a receipt for every file that was handed over, and for every run that posted something."""
    took = select(Entry.run, func.count(), func.sum(Entry.amount)).where(col(Entry.state).in_(TOOK))
    totals = {run: (entries, total) for run, entries, total in session.exec(took.group_by(col(Entry.run)))}
    plans = {one.id: one for one in session.exec(select(Plan)).all()}
    for run in session.exec(select(Run)).all():
        plan = plans[run.plan]
        files = [one for one in session.all(File, File.run == run.id) if one.handed_over_at]
        for file in files:
            sums = file.receipt.get("sums", {}).values()
            told = {"file": file.name, "sha256": file.receipt["sha256"], "at": file.handed_over_at}
            yield _receipt(plan, run, years, **told, entries=file.receipt["entries"], total=sum(sums))
        if run.id in totals and not files:
            entries, total = totals[run.id]
            yield _receipt(plan, run, years, sha256=plan.hash, at=run.started_at, entries=entries, total=total)


def _receipt(plan: Plan, run: Run, years: int, **told: Any) -> ReceiptKept:  # noqa: ANN401 - the fields of the table
    last = max(plan.year, told["at"].astimezone(AMSTERDAM).year)
    return ReceiptKept(
        company=plan.company_id,
        provider=plan.provider,
        run=run.id or 0,
        year=plan.year,
        number=plan.number,
        keep_until=date(last + years + 1, 1, 1),
        **told,
    )


def receipts_kept(store: Store, company: str = "") -> list[ReceiptKept]:
    """List the receipts that stayed of removed companies, or of one of them."""
    question = select(ReceiptKept).where(ReceiptKept.company == company) if company else select(ReceiptKept)
    with store.everywhere() as session:
        return list(session.exec(question.order_by(col(ReceiptKept.id))))


def wipe(store: Store) -> str:
    """Write the database's file anew without what was deleted; return what may be left, empty if nothing is."""
    if store.engine.dialect.name != "sqlite":
        return "PostgreSQL keeps deleted rows in its files until it vacuums their tables."
    connection = store.engine.raw_connection()
    try:
        busy = _vacuum(connection.driver_connection)
    except sqlite3.OperationalError:
        busy = True
    finally:
        connection.close()
    return (
        "Others were using the database: its file holds what was deleted until the operator wipes it." if busy else ""
    )


def _vacuum(driver: Any) -> bool:  # noqa: ANN401 - SQLite's own connection
    """Vacuum, and empty the log that SQLite writes ahead; True if somebody who reads it kept it from that."""
    driver.execute("VACUUM")
    return bool(driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def forget_receipts(store: Store, today: date) -> int:
    """Delete the receipts of removed companies that were kept for as long as the law asks."""
    with store.everywhere() as session:
        gone: Any = session.execute(delete(ReceiptKept).where(col(ReceiptKept.keep_until) <= today))
        return int(gone.rowcount)


def forget_answers(store: Store, before: datetime) -> int:
    """Delete what was answered under idempotency keys before a moment."""
    with store.everywhere() as session:
        gone: Any = session.execute(delete(Answered).where(col(Answered.made_at) < before))
        return int(gone.rowcount)
