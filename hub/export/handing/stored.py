"""Files as the store keeps them: sealed, in versions, with a receipt that outlives them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlmodel import col

from hub.errors import InputError, NotThere
from hub.files.layout import Layout
from hub.models import Model, RenderedFile, Row
from hub.store.files import File
from hub.store.session import CompanySession
from hub.vault import Place, Vault


class Receipt(Model):
    """What a file holds, without a word about anybody: it goes with the file and stays when the file is deleted.

    `sums` are in hundredths per code. `copy_of_runs` is filled where the file is only a copy of what went out before.
    """

    file: str
    provider: str
    administration: str
    start: date
    end: date
    run: int
    version: int
    rows: int
    entries: int
    people: int
    sums: dict[str, int]
    sha256: str
    layout: str
    layout_version: str
    layout_status: str
    warning: str = ""
    copy_of_runs: tuple[int, ...] = ()


UNVERIFIED = "The layout is unverified: nobody has laid it beside the provider's own sample yet."


def receipt_of(named: dict[str, object], rows: Iterable[Row], file: RenderedFile, layout: Layout) -> Receipt:
    """Return the receipt of a file; `named` is what its run, period and name are."""
    sums: Counter[str] = Counter()
    people, entries = set(), set()
    for row in rows:
        sums[row.code] += row.amount
        people.add(row.employee)
        entries.add(row.entry)
    return Receipt.model_validate(
        {
            **named,
            "rows": file.rows,
            "entries": len(entries),
            "people": len(people),
            "sums": dict(sorted(sums.items())),
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "layout": layout.name,
            "layout_version": layout.version,
            "layout_status": layout.status,
            "warning": "" if layout.status == "verified" else UNVERIFIED,
        }
    )


def file_place(run: int, version: int) -> Place:
    """Return where the content of a file lives."""
    return Place("file", "sealed", f"{run}/{version}")


def files_of(session: CompanySession, run: int) -> list[File]:
    """Return the versions of the file of a run, oldest first."""
    return session.all(File, File.run == run)


def receipts(session: CompanySession, run: int) -> tuple[Receipt, ...]:
    """Return the receipts of the versions of a run's file, oldest first."""
    return tuple(Receipt.model_validate(one.receipt) for one in files_of(session, run))


def newest(session: CompanySession, run: int) -> File:
    """Return the newest version of the file of a run. Raises `InputError` if the run has none."""
    found = files_of(session, run)
    if not found:
        raise NotThere(f"Run {run} has no file: look at the run.", command=f"`hub export show {run}`")
    return found[-1]


def content_of(row: File, vault: Vault) -> bytes:
    """Return the bytes of a file. Raises `InputError` if they were deleted, because they were kept long enough."""
    if row.sealed is None:
        out = row.handed_over_at is not None
        again, command = ("make a copy of what went out", "`hub export copy`") if out else ("make a new plan", "")
        text = f"{row.name} was deleted on {row.deleted_at:%Y-%m-%d}, kept long enough: {again}."
        raise InputError(text, command=command)
    return vault.open_bytes(file_place(row.run, row.version), row.sealed)


def delete_old(session: CompanySession, now: datetime, days: int) -> int:
    """Delete the content of files made longer ago than so many days, and return how many; receipts stay."""
    old = session.all(File, File.made_at < now - timedelta(days=days), col(File.sealed).is_not(None))
    for row in old:
        row.sealed, row.deleted_at = None, now
        session.add(row)
        session.audit("hub", "file deleted", row.name, kept_days=days)
    return len(old)
