"""The engine: carries a run out entry by entry; stops at the first unknown outcome and leaves that in doubt, visibly.

Per entry: read the slot once per visit (extended by what we post), commit the attempt, call, classify, commit the
outcome. Only what is certain not to have happened is ever sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlmodel import select

from hub.connection import GuardedPosting
from hub.errors import HubError, NotExecuted, NotSent, Refused
from hub.export.journal import LOOK, Ending, begin, entries_of_run, finish, held, recover
from hub.export.states import EntryState, Outcome
from hub.models import Entry, Kind, Pending, PostedEntry, Slot, WagePeriod
from hub.store.columns import now
from hub.store.database import Store
from hub.store.exports import Entry as EntryRow
from hub.store.exports import Run
from hub.store.session import CompanySession

Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


@dataclass
class Engine:
    """Carries out the runs of one company on one destination."""

    store: Store
    company: str
    posting: GuardedPosting
    period: WagePeriod
    progress: Progress = lambda done, total: None
    _rows: dict[Slot, tuple[PostedEntry, ...]] = field(default_factory=dict)

    def carry_out(self, run: int) -> None:
        """Send what is planned. Ends when all is done, at the first unknown outcome, or when the provider says stop."""
        with self.store.write(self.company) as session:
            doubts = recover(session, run)
        paused = "an outcome is in doubt" if doubts or self._in_doubt(run) else self._send_all(run)
        with self.store.write(self.company) as session:
            row = session.exec(select(Run).where(Run.id == run)).one()
            row.paused, row.ended_at = paused, None if paused else now()
            session.add(row)
            session.audit("hub", "run paused" if paused else "run ended", f"run {run}", reason=paused)

    def _in_doubt(self, run: int) -> bool:
        with self.store.read(self.company) as session:
            return bool(entries_of_run(session, run, EntryRow.state == EntryState.IN_DOUBT))

    def _send_all(self, run: int) -> str:
        """Send entry after entry; return why it stopped, empty if it did not."""
        with self.store.read(self.company) as session:
            planned = entries_of_run(session, run, EntryRow.state == EntryState.PLANNED)
        for number, row in enumerate(planned):
            self.progress(number, len(planned))
            stop = self._send(row)
            if stop:
                return stop
        self.progress(len(planned), len(planned))
        return ""

    def _send(self, row: EntryRow) -> str:
        """Send one entry; return why the run must stop, empty if it may go on."""
        entry = _entry(row, self.period)
        try:
            before = self._before(entry.slot)
        except HubError as error:
            return error.text
        with self.store.write(self.company) as session:
            attempt = begin(session, held(session, row), before)
        if attempt is None:
            return ""
        ending = self._call(entry, attempt.key)
        with self.store.write(self.company) as session:
            ending = _claimed(session, row, ending)
            finish(session, held(session, row), session.merge(attempt), ending)
        return "" if ending.outcome in (Outcome.ACCEPTED, Outcome.REFUSED) else ending.reason

    def _before(self, slot: Slot) -> tuple[PostedEntry, ...]:
        if slot not in self._rows:
            self._rows[slot] = self.posting.read(slot)
        return self._rows[slot]

    def _call(self, entry: Entry, key: str) -> Ending:
        """Post, and classify what happened: certain are only what the contract says is certain."""
        try:
            answer = self.posting.post(entry, key)
        except NotSent as error:
            return Ending(Outcome.NOT_SENT, reason=error.text, detail=error.detail)
        except NotExecuted as error:
            return Ending(Outcome.NOT_EXECUTED, reason=error.text, detail=error.detail)
        except Refused as error:
            return Ending(Outcome.REFUSED, reason=error.text, action=f"For the {error.who}.", detail=error.detail)
        except HubError as error:
            return Ending(Outcome.UNKNOWN, reason=error.text, action=LOOK, detail=error.detail)
        return self._accepted(entry, answer)

    def _accepted(self, entry: Entry, answer: PostedEntry | Pending) -> Ending:
        if isinstance(answer, Pending):
            return Ending(Outcome.UNKNOWN, reason="the provider has not answered yet", action=LOOK)
        if answer.amount != entry.amount or answer.code != entry.code:
            return Ending(Outcome.UNKNOWN, reason="the provider confirmed something else than was sent", action=LOOK)
        self._rows[entry.slot] = (*self._rows.get(entry.slot, ()), answer)
        return Ending(Outcome.ACCEPTED, posted_id=answer.id)


def _entry(row: EntryRow, period: WagePeriod) -> Entry:
    slot = Slot(administration=row.administration, employee=row.employee, period=period, kind=Kind(row.kind))
    return Entry(
        slot=slot,
        code=row.code,
        cost_centre=row.cost_centre,
        amount=row.amount,
        sets=row.sets,
        comment=row.comment,
        unprotected=row.unprotected,
    )


def _claimed(session: CompanySession, row: EntryRow, ending: Ending) -> Ending:
    """Make a doubt of an id that belongs to another entry of ours: it proves nothing."""
    if not ending.posted_id:
        return ending
    other = session.exec(
        select(EntryRow.id)
        .where(EntryRow.provider == row.provider, EntryRow.kind == row.kind)
        .where(EntryRow.posted_id == ending.posted_id, EntryRow.id != row.id)
    ).first()
    if other is None:
        return ending
    return Ending(Outcome.UNKNOWN, reason=f"the provider gave the id of entry {other} again", action=LOOK)
