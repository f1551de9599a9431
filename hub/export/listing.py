"""The plans of a company and their runs, all of them or a part at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from hub.export.states import EntryState, run_state
from hub.models import Model
from hub.periods import name_of
from hub.store.exports import Entry, Plan, Run
from hub.store.parts import ALL, Part, beyond
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


def exports(
    session: CompanySession, part: Part = ALL, provider: str = "", administration: str = ""
) -> list[ExportView]:
    """Return plans with their runs, newest first: all or a part of them; of one provider or administration if named."""
    columns = (Plan.id, Plan.provider, Plan.administration, Plan.year, Plan.number, Plan.made_at, Plan.released_by)
    named = {"provider": provider, "administration": administration}
    wanted = [col(getattr(Plan, name)) == value for name, value in named.items() if value]
    asked = select(*columns).where(*wanted, *beyond((col(Plan.id),), part, newest_first=True))  # type: ignore[call-overload]  # seven columns
    rows = session.exec(asked.order_by(col(Plan.id).desc()).limit(part.limit)).all()
    runs = {one.plan: one for one in session.all(Run, col(Run.plan).in_([row.id for row in rows]))}
    counts = _counts(session, [one.id for one in runs.values()])
    return [_view(row, runs.get(row.id), counts) for row in rows]


def _counts(session: CompanySession, runs: Collection[int | None]) -> dict[int | None, Counter[str]]:
    counts: dict[int | None, Counter[str]] = defaultdict(Counter)
    groups = select(Entry.run, Entry.state, func.count()).where(col(Entry.run).in_(runs))
    for run, state, number in session.exec(groups.group_by(col(Entry.run), col(Entry.state)).order_by(Entry.state)):
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
        period=name_of(row.year, row.number),
        made_at=row.made_at,
        released_by=row.released_by,
        run=run.id if run else None,
        state=state,
        counts=dict(found),
    )
