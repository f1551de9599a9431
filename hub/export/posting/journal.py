"""The journal: an attempt is committed before its call and its outcome after, each change with its audit row.

Every method is one transaction, and each that leads to a call or records one first checks that the run is still this
worker's: one that was frozen while another took over can neither send nor commit. Directly before a call it is also
asked whether the company still has the connection switched on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from hub.clock import Clock
from hub.errors import NotSent
from hub.export.posting import statements as sql
from hub.export.posting.jobs import Call, Ending, Job
from hub.export.posting.moves import audit_move, claimed, move, supersede, whiten
from hub.export.posting.stale import Waits, stale, typed_over
from hub.export.posting.trail import one_row, slot_of, tell_move
from hub.export.states import (
    LEADS_TO,
    WAS,
    Change,
    EntryState,
    Evidence,
    Outcome,
    check_attempt,
    check_entry,
)
from hub.models import PostedEntry
from hub.store.database import Store
from hub.store.prepared import CompanyConnection

Rows = tuple[PostedEntry, ...]

STOPPED = "the hub stopped while it was sending this"
"""The fault of a call that a crash cut off: it says nothing of payroll."""

DECIDE = "Look in payroll and settle it."
SOLVE = "Solve this in payroll or in the hub, and make a new plan."
SWITCHED_OFF = (
    "The company switched this connection off, so nothing more is sent: "
    "an admin of the company must switch it on again."
)


class Overtaken(Exception):
    """Another worker carries the run out now: this one must stop, and leave what it began for the other to settle."""


@dataclass(frozen=True)
class Journal:
    """The journal of one run, as the worker writes it that holds the run under `epoch`."""

    store: Store
    company: str
    provider: str
    run: int
    epoch: int
    clock: Clock

    @contextmanager
    def _transaction(self) -> Iterator[CompanyConnection]:
        with self.store.journal(self.company) as connection:
            if connection.run(sql.HOLD_EPOCH, run=self.run).scalar_one() != self.epoch:
                raise Overtaken
            yield connection

    def check(self) -> None:
        """Raise `Overtaken` unless the run is still this worker's, and `NotSent` where the connection is switched off.

        To be asked directly before a call.
        """
        with self.store.look(self.company) as connection:
            now = connection.run(sql.MAY_CALL, run=self.run, provider=self.provider).one()
        if now.epoch != self.epoch:
            raise Overtaken
        if now.off:
            raise NotSent(SWITCHED_OFF)

    # -- before and after a call --------------------------------------------------------------------------------------

    def begin(self, jobs: Sequence[Job], before: Rows) -> Call | None:
        """Commit the attempt that is about to be made, with the slot as it was read just before.

        Returns None if nothing is to be sent now: another worker has the slot, another entry must come first, or what
        was planned no longer holds; then the entries are `changed`, and a new plan is needed.
        """
        try:
            with self._transaction() as connection:
                return self._begin(connection, jobs, before)
        except Waits:
            return None
        except IntegrityError:  # another run began in this slot a moment ago: the database takes one at a time
            return None

    def rebook(self, job: Job) -> bool:
        """Commit that other timecards account for an amount that stays; where that no longer holds, it is `changed`.

        Returns False if another entry must come first.
        """
        with suppress(Waits), self._transaction() as connection:
            why = stale(connection, self.provider, self.run, [job])
            if why:
                self._move(connection, job.id, EntryState.PLANNED, EntryState.CHANGED, why, "Make a new plan.")
            else:
                self._confirm(connection, job, EntryState.PLANNED, "", Evidence.NO_CHANGE)
            return True
        return False

    def _begin(self, connection: CompanyConnection, jobs: Sequence[Job], before: Rows) -> Call | None:
        why = self._changed(connection, jobs, before)
        if not why:
            return self._attempt(connection, jobs, before)
        for job in jobs:
            self._move(connection, job.id, EntryState.PLANNED, EntryState.CHANGED, why, "Make a new plan.")
        return None

    def _changed(self, connection: CompanyConnection, jobs: Sequence[Job], before: Rows) -> str:
        return stale(connection, self.provider, self.run, jobs) or typed_over(jobs, before)

    def _attempt(self, connection: CompanyConnection, jobs: Sequence[Job], before: Rows) -> Call:
        slot = slot_of(self.provider, jobs[0].slot)
        moment = self.clock.moment()
        key = f"{self.run}-{jobs[0].id}-{self.epoch}-{moment.at:%Y%m%d%H%M%S%f}"
        number = connection.run(
            sql.NEW_ATTEMPT,
            **slot,
            run=self.run,
            entries=[job.id for job in jobs],
            key=key,
            before=[row.model_dump(mode="json") for row in before],
            epoch=self.epoch,
            started_at=moment.at,
        ).scalar_one()
        for job in jobs:
            one_row(connection.run(sql.SEND, entry=job.id, new_attempt=number))
            audit_move(connection, self.clock, job.id, EntryState.PLANNED, EntryState.SENDING)
        return Call(number, key, tuple(jobs), before)

    def finish(self, call: Call, ending: Ending) -> Outcome:
        """Commit how a call ended and what that makes of its entries; return the outcome that was written.

        An id that another entry has proves nothing: that is a doubt for a person.
        """
        with self._transaction() as connection:
            return self._finish(connection, call, ending)

    def finish_and_begin(
        self, call: Call, ending: Ending, jobs: Sequence[Job], before: Rows
    ) -> tuple[Outcome, Call | None]:
        """Commit how a call ended and, in the same transaction, the attempt that comes next in its slot.

        That costs half of what `finish` and `begin` do. Where something is amiss, only the outcome is committed, and
        `begin` is to say what becomes of the next.
        """
        with suppress(Waits, IntegrityError), self._transaction() as connection:
            outcome = self._finish(connection, call, ending)
            if outcome is not Outcome.ACCEPTED or self._changed(connection, jobs, before):
                raise Waits
            return outcome, self._attempt(connection, jobs, before)
        return self.finish(call, ending), None

    def _finish(self, connection: CompanyConnection, call: Call, ending: Ending) -> Outcome:
        taken = self._claimed(connection, call, ending) or _was_there(call, ending)
        if not taken:
            self._end(connection, call, ending)
            return ending.outcome
        why = f"the provider gave an id that belongs to {taken}"
        self._end(connection, call, Ending(Outcome.UNKNOWN, fault=why))
        self._ask(connection, call, why)
        return Outcome.UNKNOWN

    def _end(self, connection: CompanyConnection, call: Call, ending: Ending) -> None:
        check_attempt(call.outcome, ending.outcome)
        moment = self.clock.moment()
        one_row(
            connection.run(
                sql.END_ATTEMPT,
                attempt=call.id,
                old_outcome=call.outcome,
                new_outcome=ending.outcome,
                new_ended_at=moment.at,
                new_ended_ticks=moment.ticks,
                new_boot=moment.boot,
                new_receipt=ending.receipt,
                new_fault=ending.fault,
                new_detail=ending.detail,
            )
        )
        self._lead(connection, call, ending, Evidence.ANSWER)

    def _lead(self, connection: CompanyConnection, call: Call, ending: Ending, evidence: Evidence) -> None:
        """Move the entries of a call to where its outcome leads."""
        old, new = WAS[call.outcome], LEADS_TO[ending.outcome]
        for number, job in enumerate(call.jobs):
            if new is EntryState.CONFIRMED:
                row = ending.rows[number] if number < len(ending.rows) else None
                self._confirm(connection, job, old, row.id if row else "", evidence)
            elif new is not old:
                self._move(connection, job.id, old, new, ending.fault, ending.action)

    # -- what settles a doubt -----------------------------------------------------------------------------------------

    def found(self, call: Call, rows: Rows) -> None:
        """Commit that payroll holds what was in doubt; a person is asked if one of the rows is another entry's."""
        ending = Ending(Outcome.FOUND, rows)
        with self._transaction() as connection:
            taken = self._claimed(connection, call, ending)
            if taken:
                self._ask(connection, call, f"the row in payroll belongs to {taken}")
                return
            self._settle(connection, call, Outcome.FOUND)
            self._lead(connection, call, ending, Evidence.READ_BACK)

    def refused(self, call: Call, ending: Ending) -> None:
        """Commit that the provider refused, when asked again under the same key, what was in doubt."""
        with self._transaction() as connection:
            self._settle(connection, call, Outcome.REFUSED)
            self._lead(connection, call, ending, Evidence.ANSWER)

    def absent(self, call: Call) -> None:
        """Commit that payroll does not hold what was in doubt: it may be sent again, unless payroll said so before."""
        with self._transaction() as connection:
            before = connection.run(sql.ATTEMPTS_OF_SLOT, **slot_of(self.provider, call.slot)).all()
            again = call.fault != STOPPED and any(
                one.outcome == Outcome.ABSENT
                and one.fault == call.fault
                and one.entries == [job.id for job in call.jobs]
                for one in before
            )
            self._settle(connection, call, Outcome.ABSENT)
            for job in call.jobs:
                if again:
                    self._move(connection, job.id, EntryState.IN_DOUBT, EntryState.HELD, _twice(call.fault), SOLVE)
                else:
                    self._move(connection, job.id, EntryState.IN_DOUBT, EntryState.PLANNED)

    def ask(self, call: Call, why: str) -> None:
        """Commit that only a person can tell what became of a call."""
        with self._transaction() as connection:
            self._ask(connection, call, why)

    def ask_first(self, job: Job, why: str) -> None:
        """Commit that a person must say what is in payroll already, before an entry is sent."""
        with self._transaction() as connection:
            state = connection.run(sql.HOLD_ENTRY, entries=[job.id]).one().state
            if state == EntryState.PLANNED:
                action = DECIDE
                self._move(connection, job.id, EntryState.PLANNED, EntryState.NEEDS_DECISION, why, action)

    def _ask(self, connection: CompanyConnection, call: Call, why: str) -> None:
        for job in call.jobs:
            old = EntryState(connection.run(sql.HOLD_ENTRY, entries=[job.id]).one().state)
            self._move(connection, job.id, old, EntryState.NEEDS_DECISION, why, DECIDE)

    def _settle(self, connection: CompanyConnection, call: Call, outcome: Outcome) -> None:
        check_attempt(call.outcome, outcome)
        one_row(connection.run(sql.SETTLE_ATTEMPT, attempt=call.id, old_outcome=call.outcome, new_outcome=outcome))

    def close(self, seen: Mapping[int, str]) -> None:
        """Commit what the closing check saw: confirmed entries without a difference are verified, others drifted."""
        with self._transaction() as connection:
            for entry, differs in seen.items():
                self._close(connection, entry, differs)

    def _close(self, connection: CompanyConnection, entry: int, differs: str) -> None:
        new = EntryState.DRIFTED if differs else EntryState.VERIFIED
        action = DECIDE if differs else ""
        self._move(connection, entry, EntryState.CONFIRMED, new, differs, action)

    def hold(self, entry: int, why: str, action: str) -> None:
        """Commit that a planned entry is not sent, and why."""
        with self._transaction() as connection:
            state = connection.run(sql.HOLD_ENTRY, entries=[entry]).one().state
            if state == EntryState.PLANNED:
                self._move(connection, entry, EntryState.PLANNED, EntryState.HELD, why, action)

    # -- within a transaction -----------------------------------------------------------------------------------------

    def _claimed(self, connection: CompanyConnection, call: Call, ending: Ending) -> str:
        """Return another entry that has one of the ids, but for the one whose row was changed."""
        ids = [row.id if row else "" for row in ending.rows]
        for number, job in enumerate(call.jobs):
            if number >= len(ids) or not ids[number] or job.change is Change.WITHDRAW:
                continue
            other = claimed(connection, self.provider, job, ids[number])
            if other:
                return f"entry {other}"
        twice = {one for one in ids if one and ids.count(one) > 1}
        return f"entry {call.jobs[0].id}" if twice else ""

    def _confirm(
        self, connection: CompanyConnection, job: Job, old: EntryState, posted_id: str, evidence: Evidence
    ) -> None:
        check_entry(old, EntryState.CONFIRMED)
        supersede(connection, self.clock, self.provider, job)
        one_row(
            connection.run(
                sql.CONFIRM, entry=job.id, old_state=old, new_posted_id=posted_id or None, new_evidence=evidence
            )
        )
        audit_move(connection, self.clock, job.id, old, EntryState.CONFIRMED, evidence=evidence)
        whiten(connection, self.clock, self.run, job.id)

    def _move(
        self,
        connection: CompanyConnection,
        entry: int,
        old: EntryState,
        new: EntryState,
        why: str = "",
        action: str = "",
    ) -> None:
        move(connection, self.clock, entry, old, new, why, action)
        tell_move(connection, self.clock, self.run, entry, new)


def _was_there(call: Call, ending: Ending) -> str:
    """Name the row that was there before, if a new one is said to have its id."""
    old = {row.id for row in call.before if row.id}
    added = (row for job, row in zip(call.jobs, ending.rows, strict=False) if job.change is Change.POST)
    return next((f"row {row.id}, which was there before" for row in added if row and row.id in old), "")


def _twice(fault: str) -> str:
    return (
        f"payroll did not take it, twice, and the answer was the same: {fault}"
        if fault
        else "payroll did not take it, twice"
    )
