"""A full file again of what went out before: a copy, which changes no state."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlmodel import col

from hub.connection import Connection
from hub.errors import InputError
from hub.export.handing.rows import rows_of
from hub.export.handing.sheet import Sheet
from hub.export.handing.stored import Receipt, receipt_of
from hub.export.scope import Scope
from hub.export.states import IN_PAYROLL
from hub.models import RenderedFile, WagePeriod
from hub.store.exports import Entry
from hub.store.session import CompanySession
from hub.vault import Vault


def copy(session: CompanySession, vault: Vault, connection: Connection, scope: Scope) -> tuple[RenderedFile, Receipt]:
    """Write everything that was handed over for the dates of a scope into one file, marked as a copy.

    Raises `InputError` where nothing was, or where a person in it can no longer be named.
    """
    sheet = Sheet(session, vault, connection, scope)
    entries, period = _exported(session, scope, sheet.period), sheet.period
    if not entries:
        raise InputError(f"Nothing was handed over for {period}: there is nothing to copy.")
    people = sheet.people({one.employee for one in entries})
    unknown = sorted({one.employee for one in entries} - people.keys())
    if unknown:
        raise InputError(f"{', '.join(unknown)} can no longer be named in a file: the BSN is missing.")
    by_run = [list(each) for _, each in groupby(entries, key=lambda entry: entry.run)]
    rows = [row for each in by_run for row in rows_of(session, each, people) if row.date in period]
    file = sheet.render(rows)
    runs: Sequence[int] = sorted({one.run for one in entries})
    named = {
        "file": f"{scope.provider}-{period.start}-{period.end}-copy.{file.extension}",
        "provider": scope.provider,
        "administration": scope.administration,
        "start": period.start,
        "end": period.end,
        "run": runs[-1],
        "version": 0,
        "copy_of_runs": tuple(runs),
    }
    return file, receipt_of(named, rows, file, sheet.layout)


def _exported(session: CompanySession, scope: Scope, period: WagePeriod) -> list[Entry]:
    """Return what was handed over of any range that has dates in common with this one, oldest first."""
    rows = session.all(
        Entry,
        Entry.provider == scope.provider,
        Entry.administration == scope.administration,
        Entry.start <= period.end,
        Entry.end >= period.start,
        col(Entry.state).in_(sorted(IN_PAYROLL)),
    )
    return sorted(rows, key=lambda entry: (entry.run, entry.id or 0))
