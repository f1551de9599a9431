"""What payroll said of a file, as a person tells it: imported, or rejected, which reopens its cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlmodel import col, select

from hub.errors import InputError
from hub.events.kinds import EventKind
from hub.events.settled import OF_RUN, settle
from hub.export.handing.making import move
from hub.export.states import IN_PAYROLL, EntryState, Evidence, run_state
from hub.store.exports import Contribution, Entry, Run
from hub.store.people import Timecard
from hub.store.session import CompanySession

BATCH = 5_000
"""How many cards are looked up in one question."""

SOLVE = "Solve what payroll says, and make a new plan: the timecards are green again."


def imported(session: CompanySession, run: int, by: str) -> int:
    """Write down that payroll imported the file of a run; return how many entries. Raises `InputError`."""
    entries = _handed_over(session, run, by)
    for entry in entries:
        entry.evidence = Evidence.STATEMENT
        move(session, entry, EntryState.CONFIRMED, actor=by)
    session.audit(by, "file imported", f"run {run}", entries=len(entries))
    _tell_end(session, run, entries[0].provider)
    return len(entries)


def rejected(session: CompanySession, run: int, by: str, reason: str) -> int:
    """Write down that payroll rejected the file of a run, and make its cards green again; return how many entries.

    Raises `InputError` without a reason, or where the file was imported.
    """
    if not reason.strip():
        raise InputError(
            "Whoever solves it must know what payroll said of the file: give a reason.", command="--reason"
        )
    entries = _handed_over(session, run, by)
    _check_nothing_builds_on(session, run, entries)
    for entry in entries:
        move(session, entry, EntryState.REFUSED, reason.strip(), SOLVE, actor=by)
    _turn_green(session, run, entries[0].provider, [entry.id or 0 for entry in entries])
    session.audit(by, "file rejected", f"run {run}", entries=len(entries))
    _tell_end(session, run, entries[0].provider)
    return len(entries)


def _handed_over(session: CompanySession, run: int, by: str) -> list[Entry]:
    """Return the entries that payroll has not said anything of yet, and lock them."""
    if not by.strip():
        raise InputError("What payroll said is told by a person: give a name.", command="--by")
    rows = session.exec(select(Entry).where(Entry.run == run).order_by(Entry.id).with_for_update()).all()  # type: ignore[arg-type]
    found = [one for one in rows if one.state == EntryState.HANDED_OVER]
    if not found:
        states = sorted({one.state for one in rows}) or ["no entries"]
        raise InputError(
            f"Run {run} has nothing that was handed over and waits for payroll: it is {', '.join(states)}."
        )
    return found


def _check_nothing_builds_on(session: CompanySession, run: int, entries: Sequence[Entry]) -> None:
    """Raise `InputError` where a later run gave the difference with this one: without it, that says nothing."""
    first = entries[0]
    later = session.all(
        Entry,
        Entry.provider == first.provider,
        Entry.administration == first.administration,
        Entry.for_year == first.for_year,
        Entry.for_number == first.for_number,
        Entry.run > run,
        col(Entry.state).in_(sorted(IN_PAYROLL)),
    )
    people = {one.employee for one in entries}
    runs = sorted({one.run for one in later if one.employee in people})
    if runs:
        raise InputError(
            f"Run {runs[-1]} went out as the difference with run {run}: tell first what payroll said of that one. "
            "If payroll imported it, payroll must put this right itself."
        )


def _turn_green(session: CompanySession, run: int, provider: str, entries: Sequence[int]) -> None:
    white = session.all(Timecard, col(Timecard.exported_by) == f"run {run}")
    feeding = set(session.exec(select(Contribution.timecard).where(col(Contribution.entry).in_(entries))).all())
    for card in white:
        if card.id in feeding:
            card.exported_revision, card.exported_by = None, ""
            session.add(card)
            session.audit("hub", "timecard no longer exported", f"timecard {card.id}", run=run)
            session.tell(EventKind.TIMECARD_LEFT, provider, run, timecard=card.id, reason=EntryState.REFUSED)


def _tell_end(session: CompanySession, run: int, provider: str) -> None:
    states = Counter(one.state for one in session.all(Entry, Entry.run == run))
    state = run_state(map(EntryState, states), paused=False)
    plan = session.exec(select(Run.plan).where(Run.id == run)).one()
    settle(session, session.company, *OF_RUN, run=run)
    session.tell(EventKind.RUN_FINISHED, provider, run, plan=plan, state=state, entries=dict(states))
