"""The plans of a company and their runs, in a list."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from hub.export.states import EntryState, run_state
from hub.models import Model
from hub.store.exports import Entry, Plan, Run
from hub.store.session import CompanySession


class ExportView(Model):
    """A plan, and its run if it was carried out: `state` is the run's, or else `released` or `planned`.

    `counts` says how many entries of the run are in which state.
    """

    plan: int
    provider: str
    administration: str
    period: str
    made_at: datetime
    released_by: str
    run: int | None
    state: str
    counts: dict[str, int]


def exports(session: CompanySession) -> tuple[ExportView, ...]:
    """Return the plans of a company with their runs, newest first."""
    counts = _counts(session)
    runs = {one.plan: one for one in session.all(Run)}
    columns = (Plan.id, Plan.provider, Plan.administration, Plan.year, Plan.number, Plan.made_at, Plan.released_by)
    rows: Any = session.exec(select(*columns).order_by(col(Plan.id).desc()))  # type: ignore[call-overload]  # seven columns
    return tuple(_view(row, runs.get(row.id), counts) for row in rows)


def _counts(session: CompanySession) -> dict[int | None, Counter[str]]:
    counts: dict[int | None, Counter[str]] = defaultdict(Counter)
    for run, state, number in session.exec(
        select(Entry.run, Entry.state, func.count()).group_by(col(Entry.run), col(Entry.state)).order_by(Entry.state)
    ):
        counts[run][state] = number
    return counts


def _view(row: Any, run: Run | None, counts: dict[int | None, Counter[str]]) -> ExportView:  # noqa: ANN401 - a row
    """Return a plan as it is listed; `row` has the columns of a plan that are listed."""
    found = counts[run.id] if run else Counter[str]()
    state = run_state(map(EntryState, found), bool(run.paused)) if run else "released" if row.released_by else "planned"
    return ExportView(
        plan=row.id or 0,
        provider=row.provider,
        administration=row.administration,
        period=f"{row.year}-{row.number}",
        made_at=row.made_at,
        released_by=row.released_by,
        run=run.id if run else None,
        state=state,
        counts=dict(found),
    )
