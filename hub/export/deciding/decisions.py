"""Decisions: what only a named person can settle, with the evidence, and what the journal makes of the choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from hub.clock import Clock
from hub.errors import HubError, InputError
from hub.export.deciding.case import Case, load_case, read_slot
from hub.export.deciding.choices import Choice, Settled, asks_payroll, choices, settled
from hub.export.deciding.evidence import DecisionView, case_view
from hub.export.deciding.reread import explain
from hub.export.posting import statements as sql
from hub.export.posting.lease import Lease
from hub.export.posting.moves import audit_move, claimed, supersede, whiten
from hub.export.posting.trail import one_row, tell_move, turn_green
from hub.export.states import EntryState, Evidence, Outcome, check_attempt, check_entry
from hub.process import Process
from hub.store.companies import Audit
from hub.store.database import Store
from hub.store.exports import Entry, Run
from hub.store.prepared import CompanyConnection, Prepared, here
from hub.store.session import CompanySession

WAITING = (EntryState.NEEDS_DECISION, EntryState.DRIFTED)
"""The states that wait for a person."""

NOT_ASKED = "payroll was not asked here"
TO_BE_SENT = "a person decided that something is sent again: run it again"

DECIDE = Prepared(
    update(sql.ENTRIES)
    .where(sql.ENTRIES.c.company_id == here(), sql.ENTRIES.c.id == bindparam("entry"))
    .where(sql.ENTRIES.c.state == bindparam("old_state"))
    .values({one: bindparam(f"new_{one}") for one in ("state", "posted_id", "evidence", "shown", "reason", "action")})
)


@dataclass(frozen=True)
class Decision:
    """What a named person decides; `row` is payroll's id of the row that is there, or the code of a set amount."""

    choice: Choice
    by: str
    reason: str = ""
    row: str = ""

    def check(self) -> None:
        """Raise `InputError` without a name, a reason to leave something out, or the row that is there."""
        if not self.by.strip():
            raise InputError("A decision is made by a person: give a name.", command="--by")
        if self.choice is Choice.LEAVE_OUT and not self.reason.strip():
            raise InputError("Say why it is left out: give a reason.", command="--reason")
        if self.choice is Choice.IT_IS_THERE and not self.row.strip():
            raise InputError("Say which row of payroll it is: give its id.", command="--it-is-there")


# -- what waits -------------------------------------------------------------------------------------------------------


def decisions(session: CompanySession, run: int | None = None) -> tuple[DecisionView, ...]:
    """Return what waits for a person, oldest first; of all runs, or of one. Payroll is not asked."""
    waiting = select(Entry.id).where(col(Entry.state).in_(WAITING)).order_by(col(Entry.id))
    numbers = session.exec(waiting if run is None else waiting.where(Entry.run == run)).all()
    return tuple(_stored(session, number or 0) for number in numbers)


def _stored(session: CompanySession, entry: int) -> DecisionView:
    return case_view(session, load_case(session, entry), None, NOT_ASKED)


def show(store: Store, process: Process, company: str, entry: int) -> DecisionView:
    """Return an entry with the evidence, what payroll holds now among it, or why that could not be read."""
    with store.read(company) as session:
        case = load_case(session, entry)
    rows, unread = None, "this connection cannot read payroll: look there"
    try:
        rows = read_slot(store, process, company, case)
    except HubError as error:
        unread = f"payroll could not be read just now: {error.text}"
    with store.read(company) as session:
        return case_view(session, case, rows, "" if rows is not None else unread)


# -- settling ---------------------------------------------------------------------------------------------------------


def settle(store: Store, process: Process, company: str, entry: int, decision: Decision, clock: Clock) -> DecisionView:
    """Settle an entry as a person decided, and return it as it is then.

    Raises `InputError` where the choice is not open, payroll speaks against it, somebody else settled it, or a worker
    has the run; and the errors of a reading, where the choice is checked against payroll. Nothing is changed then.
    """
    decision.check()
    with store.read(company) as session:
        case = load_case(session, entry)
        _check_open(session, case, decision.choice)
    rows = read_slot(store, process, company, case) if asks_payroll(case, decision.choice) else None
    result = settled(case, decision.choice, decision.row.strip(), rows)
    with _held(store, company, case, clock, decision.choice) as lease:
        try:
            with store.write(company) as session:
                _settle(session, case, decision, result, lease, clock)
        except IntegrityError:  # another decision or run took that row a moment ago: the database takes one
            raise InputError(f"Row {decision.row} belongs to another entry since a moment: look again.") from None
    with store.read(company) as session:
        return _stored(session, entry)


def _check_open(session: CompanySession, case: Case, choice: Choice) -> None:
    """Raise `InputError` unless the choice is open, saying who settled the entry if somebody did."""
    able, number = choices(case), case.job.id
    if choice in able:
        return
    state = case.job.state
    if able:
        raise InputError(f"Of entry {number} ({state}) that cannot be said: choose {' or '.join(able)}.")
    done = f" {who} settled it." if (who := _settled_by(session, number)) else ""
    raise InputError(f"Entry {number} is {state}: there is nothing to decide.{done}")


def _settled_by(session: CompanySession, entry: int) -> str:
    """Return who settled an entry last; empty where nobody did."""
    rows = session.all(Audit, Audit.subject == f"entry {entry}")
    return next((one.actor for one in reversed(rows) if "choice" in one.detail), "")


@contextmanager
def _held(store: Store, company: str, case: Case, clock: Clock, choice: Choice) -> Iterator[Lease]:
    """Hold the run of a case; let go of it with the reason why it stopped. Raises `InputError` if a worker has it."""
    lease = Lease(store, company, case.row.run, clock)
    taken = lease.take()
    with store.read(company) as session:
        run = session.exec(select(Run).where(Run.id == case.row.run)).one()
    if not taken:
        until = f" until at least {run.held_until:%H:%M:%S} UTC" if run.held_until else ""
        raise InputError(f"Run {run.id} is being carried out by another worker{until}: settle it when that has ended.")
    paused = run.paused
    try:
        yield lease
        paused = paused or (TO_BE_SENT if choice is Choice.SEND_AGAIN else "")
    finally:
        lease.release(paused)


def _settle(
    session: CompanySession, case: Case, decision: Decision, result: Settled, lease: Lease, clock: Clock
) -> None:
    connection = CompanyConnection(session.connection(), session.company)
    job, provider = case.job, case.row.provider
    state = connection.run(sql.HOLD_ENTRY, entries=[job.id]).one().state
    if connection.run(sql.HOLD_EPOCH, run=case.row.run).scalar_one() != lease.epoch or state != job.state:
        who = _settled_by(session, job.id) or "A worker"
        text = f"{who} settled entry {job.id} in the meantime: look again."
        raise InputError(text, command=f"`hub decisions show {job.id}`")
    there = result.state in (EntryState.CONFIRMED, EntryState.VERIFIED)
    if there and result.posted_id and claimed(connection, provider, job, result.posted_id):
        raise InputError(f"Row {result.posted_id} belongs to another entry: name another row.")
    if there:
        supersede(connection, clock, provider, job)
    _move(connection, clock, case, decision, result)
    _end_attempt(connection, case)
    _colour(connection, clock, case, result)
    if decision.choice is not Choice.LEAVE_OUT:
        explain(session, provider, job.slot, job.entry.code)


def _move(connection: CompanyConnection, clock: Clock, case: Case, decision: Decision, result: Settled) -> None:
    old, new, name, reason = case.job.state, result.state, decision.by.strip(), decision.reason.strip()
    check_entry(old, new)
    left = new is EntryState.LEFT_OUT
    statement = EntryState.CONFIRMED if old is EntryState.NEEDS_DECISION else EntryState.VERIFIED
    one_row(
        connection.run(
            DECIDE,
            entry=case.job.id,
            old_state=old,
            new_state=new,
            new_posted_id=result.posted_id,
            new_evidence=Evidence.STATEMENT if new is statement else "",
            new_shown=result.shown,
            new_reason=f"{name} left it out: {reason}" if left else "",
            new_action="To send it after all, settle it once more." if left else "",
        )
    )
    more = {"choice": decision.choice, "reason": reason, "row": decision.row.strip(), "attempt": case.job.attempt}
    audit_move(connection, clock, case.job.id, old, new, name, **more)
    tell_move(connection, clock, case.row.run, case.job.id, new)


def _end_attempt(connection: CompanyConnection, case: Case) -> None:
    """Give an attempt that is not settled its outcome; the other entries of its call keep their slot waiting."""
    for one in case.attempts:
        outcome = Outcome(one.outcome)
        if outcome in sql.UNSETTLED:
            check_attempt(outcome, Outcome.DECIDED)
            values = {"attempt": one.id, "old_outcome": outcome, "new_outcome": Outcome.DECIDED}
            one_row(connection.run(sql.SETTLE_ATTEMPT, **values))


def _colour(connection: CompanyConnection, clock: Clock, case: Case, result: Settled) -> None:
    """Turn cards white that payroll holds now, and those green again that payroll does not hold any more."""
    run, entry = case.row.run, case.job.id
    if result.state is EntryState.CONFIRMED:
        whiten(connection, clock, run, entry)
    if result.state not in (EntryState.PLANNED, EntryState.LEFT_OUT) or case.job.state is not EntryState.DRIFTED:
        return
    for card in sorted({one.id for one in connection.run(sql.CARDS_OF_ENTRIES, entries=[entry])}):
        turn_green(connection, clock, run, card)
