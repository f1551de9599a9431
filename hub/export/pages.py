"""Entries and decisions a part at a time, and how far a run is without any of its entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from hub.export.deciding.case import load_case
from hub.export.deciding.decisions import NOT_ASKED, WAITING
from hub.export.deciding.evidence import DecisionView, case_view
from hub.export.report import EntryView, Names
from hub.export.settings import export_settings
from hub.export.states import EntryState, Outcome, RunState, run_state
from hub.models import Model
from hub.store.exports import Attempt, Contribution, Entry, Plan, Run
from hub.store.parts import Part, rows_of
from hub.store.session import CompanySession


class NextAction(Model):
    """What somebody must do about so many entries of a run, and in which state those are."""

    state: str
    entries: int
    action: str


class ProgressView(Model):
    """How far a run is: its state, its entries by state, and what is to be done next."""

    run: int
    plan: int
    state: RunState
    paused: str
    entries: int
    counts: dict[str, int]
    next: tuple[NextAction, ...]
    started_at: datetime
    ended_at: datetime | None
    held_until: datetime | None


USUAL: Mapping[EntryState, str] = {
    EntryState.PLANNED: "Run the plan: what was not sent yet goes out.",
    EntryState.READY: "Fetch the file and hand it over.",
    EntryState.HANDED_OVER: "Import the file in payroll, then tell what payroll said of it.",
    EntryState.PENDING: "Run the plan again: payroll answers later.",
    EntryState.IN_DOUBT: "Run the plan again once payroll has settled.",
    EntryState.NEEDS_DECISION: "Decide: a person must say what became of it.",
    EntryState.DRIFTED: "Decide: payroll no longer holds what it confirmed.",
}
"""What is to be done about entries that say nothing of it themselves."""


def progress(session: CompanySession, run: Run) -> ProgressView:
    """Return how far a run is, counted in the database."""
    groups = select(Entry.state, Entry.action, func.count()).where(Entry.run == run.id)
    rows = session.exec(groups.group_by(col(Entry.state), col(Entry.action)).order_by(Entry.state, Entry.action)).all()
    counts: Counter[str] = Counter()
    for state, _, number in rows:
        counts[state] += number
    actions = [(state, number, action or USUAL.get(EntryState(state), "")) for state, action, number in rows]
    return ProgressView(
        run=run.id or 0,
        plan=run.plan,
        state=run_state(map(EntryState, counts), bool(run.paused)),
        paused=run.paused,
        entries=sum(counts.values()),
        counts=dict(counts),
        next=tuple(NextAction(state=one[0], entries=one[1], action=one[2]) for one in actions if one[2]),
        started_at=run.started_at,
        ended_at=run.ended_at,
        held_until=run.held_until,
    )


def entries(
    session: CompanySession, run: Run, part: Part, states: Collection[str], settle_seconds: float
) -> list[EntryView]:
    """Return a part of the entries of a run, in the order of their numbers; of some states, or of all."""
    plan = session.exec(select(Plan).where(Plan.id == run.plan)).one()
    wanted = [col(Entry.state).in_(sorted(states))] if states else []
    rows = rows_of(session, Entry, (col(Entry.id),), part, Entry.run == run.id, *wanted)
    names = Names.of(session, plan.provider, plan.administration)
    cards = _cards(session, [one.id for one in rows])
    settle = export_settings(session, plan.provider).settle_seconds or settle_seconds
    again = _again(session, [one.attempt for one in rows if one.state == EntryState.IN_DOUBT], settle)
    return [_entry(names, one, cards, again) for one in rows]


def _entry(names: Names, row: Entry, cards: Mapping[int, int], again: Mapping[int | None, datetime]) -> EntryView:
    line = names.line(row.model_dump(), timecards=cards.get(row.id or 0, 0))
    return EntryView(**line.model_dump(), id=row.id or 0, again_at=again.get(row.attempt))


def _cards(session: CompanySession, numbers: Collection[int | None]) -> dict[int, int]:
    """Return how many timecards feed each entry."""
    counted = select(Contribution.entry, func.count(col(Contribution.timecard).distinct()))
    found = session.exec(counted.where(col(Contribution.entry).in_(numbers)).group_by(col(Contribution.entry)))
    return dict(found.all())


def _again(session: CompanySession, attempts: Collection[int | None], settle: float) -> dict[int | None, datetime]:
    """Return when each attempt in doubt has settled."""
    rows = session.all(Attempt, col(Attempt.id).in_(attempts), Attempt.outcome == Outcome.UNKNOWN)
    return {one.id: one.ended_at + timedelta(seconds=settle) for one in rows if one.ended_at}


def decisions(session: CompanySession, part: Part, run: int | None) -> list[DecisionView]:
    """Return a part of what waits for a person, oldest first; of one run, or of all. Payroll is not asked."""
    wanted = [] if run is None else [Entry.run == run]
    rows = rows_of(session, Entry, (col(Entry.id),), part, col(Entry.state).in_(WAITING), *wanted)
    numbers = [one.id or 0 for one in rows]
    return [case_view(session, load_case(session, one), None, NOT_ASKED) for one in numbers]
