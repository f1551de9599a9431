"""One visit to one slot: what is in doubt there first, then its planned entries in sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.errors import HubError
from hub.export.posting.doubt import look
from hub.export.posting.jobs import Call, Ending, Job
from hub.export.posting.worker import Worker
from hub.export.states import Change, Outcome
from hub.models import PostedEntry

Rows = tuple[PostedEntry, ...]

UNLUCKY = "too many outcomes are unknown: payroll or the way to it is in trouble"


@dataclass
class Visit:
    """A visit of one worker to one slot, in one thread."""

    worker: Worker
    jobs: Sequence[Job]
    doubt: Call | None = None

    def make(self) -> None:
        """Look at the doubt; without one, send what is planned. Raises `Overtaken`."""
        try:
            if self.doubt:
                look(self.worker, self.doubt)
            else:
                self._send_all()
        except HubError as error:
            self.worker.stop(error.text)

    def _send_all(self) -> None:
        self._rebook()
        calls = self._calls()
        if not calls:
            return
        rows, call = self.worker.read(self.jobs[0].slot), None
        for jobs, following in zip(calls, [*calls[1:], ()], strict=True):
            if call is None:
                if self.worker.stopped or self._strange(jobs, rows):
                    return
                call = self.worker.begin(jobs, rows)
            if call is None:
                self.worker.skipped.update(job.id for job in jobs)
                continue
            after, call = self._send(call, following)
            if after is None:
                return
            rows = after

    def _rebook(self) -> None:
        """Do what needs no call."""
        for job in self.jobs:
            if job.change is Change.REBOOK:
                if self.worker.journal.rebook(job):
                    self.worker.sent += 1
                else:
                    self.worker.skipped.add(job.id)

    def _strange(self, jobs: Sequence[Job], rows: Rows) -> bool:
        """Ask a person first where payroll holds something under a code that a reread could not explain."""
        found = self.worker.strange.get(self.jobs[0].slot, frozenset())
        there = [row for row in rows if row.id in found - self.worker.ours(self.jobs[0].slot)] if found else []
        for job in jobs:
            ids = " and ".join(row.id for row in there if row.code == job.entry.code)
            if ids and job.change is Change.POST and not job.entry.sets:
                why = f"payroll holds row {ids} under this code, and the hub has no record of it"
                self.worker.journal.ask_first(job, why)
                return True
        return False

    def _calls(self) -> list[Sequence[Job]]:
        """Return what goes out together: one entry, or the whole slot where it is written as a whole."""
        jobs = [job for job in self.jobs if job.change is not Change.REBOOK]
        return [jobs] if self.worker.able.put and jobs else [[job] for job in jobs]

    def _send(self, call: Call, following: Sequence[Job]) -> tuple[Rows | None, Call | None]:
        """Make a call; return the slot as it is then, or None if it must be left alone, and the next call if begun."""
        self.worker.sent += 1
        ending = self.worker.call(call)
        if following and ending.outcome is Outcome.ACCEPTED and self._goes_on():
            outcome, begun = self.worker.record_and_begin(call, ending, following, _after(call, ending))
        else:
            outcome, begun = self.worker.record(call, ending), None
        return self._rows(call, ending, outcome), begun

    def _goes_on(self) -> bool:
        """Tell whether the next call may begin at once: nothing else is to be asked first."""
        return not self.worker.stopped and not self.worker.strange.get(self.jobs[0].slot)

    def _rows(self, call: Call, ending: Ending, outcome: Outcome) -> Rows | None:
        """Return the slot as an outcome leaves it; None if nothing more may be sent there now."""
        if self.worker.breaker.note(outcome is Outcome.UNKNOWN):
            self.worker.stop(UNLUCKY)
        if outcome is Outcome.ACCEPTED:
            return _after(call, ending)
        if outcome in (Outcome.NOT_SENT, Outcome.NOT_EXECUTED):
            self.worker.stop(ending.fault)
        if outcome is Outcome.UNKNOWN and ending.outcome is Outcome.UNKNOWN:
            look(self.worker, replace(call, outcome=Outcome.UNKNOWN, fault=ending.fault))
            return None  # the next round visits again, with what is to be done then
        return call.before if outcome is Outcome.REFUSED else None


def _after(call: Call, ending: Ending) -> Rows:
    """Return the slot as it is after an accepted call: what was there before, changed by what we did."""
    gone = {job.old.id for job in call.jobs if job.old}
    sets = {job.entry.code for job in call.jobs if job.entry.sets}
    kept = tuple(row for row in call.before if row.id not in gone and not (sets and row.code in sets))
    new = tuple(row for job, row in zip(call.jobs, ending.rows, strict=True) if row and row != job.old)
    return kept + new
