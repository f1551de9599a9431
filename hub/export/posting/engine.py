"""The engine: carries a run out, slot by slot, until nothing is left that can be done now.

Slots go in parallel, one slot in sequence. Per entry: read the slot (once per visit), commit the attempt, check that
the run is still ours, call, classify, commit the outcome. Only what is certain not to have happened is ever sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from hub.clock import Clock
from hub.destination import GuardedPosting
from hub.errors import HubError
from hub.export.posting.calls import Abilities
from hub.export.posting.closing import Closing
from hub.export.posting.doubt import waits
from hub.export.posting.journal import Journal, Overtaken
from hub.export.posting.lease import Lease
from hub.export.posting.pace import Breaker, Pace
from hub.export.posting.standing import Standing, first_readings, recover, standing, strange_rows
from hub.export.posting.threads import DEADLINE, Step, in_threads
from hub.export.posting.visit import Visit
from hub.export.posting.worker import Progress, Worker
from hub.models import PeriodType
from hub.store.database import Store
from hub.store.turns import ProviderTurns

SOON = 1.0
"""How often, in seconds, a wait looks whether it should end."""


@dataclass
class Engine:
    """Carries out the runs of one company on one destination, `concurrency` slots at a time.

    A call that takes longer than `deadline` seconds is given up: it stays open, and is read back later. `hold` is asked
    when a run starts which of its planned entries may not go any more, and why. With `wait` the engine also waits until
    what is in doubt has settled.
    """

    store: Store
    company: str
    provider: str
    length: PeriodType
    posting: GuardedPosting
    clock: Clock
    able: Abilities = field(default_factory=Abilities)
    settle_seconds: float = 900
    concurrency: int = 8
    per_second: float | None = None
    turns: ProviderTurns | None = None
    wait: bool = False
    deadline: float = DEADLINE
    hold: Callable[[Standing], Mapping[int, tuple[str, str]]] = lambda standing: {}
    progress: Progress = lambda done, total: None
    holder: str | None = None
    _worker: Worker | None = None
    _done: int = 0
    _total: int = 0

    def stop(self, why: str) -> None:
        """Finish the calls that are on their way and pause the run."""
        if self._worker:
            self._worker.stop(why)

    def carry_out(self, run: int) -> bool:
        """Do all that can be done now; return False if another worker has the run, or took it over."""
        lease = Lease(self.store, self.company, run, self.clock, self.holder)
        if not lease.take():
            return False
        lease.keep()
        try:
            worker = self._worker = self._start(run, lease)
            self._go(worker, self._begin(worker))
        except Overtaken:
            return False
        except Exception:
            with suppress(DBAPIError, NoConnectionFree):  # the database is away: the hold on the run expires by itself
                lease.release("the hub failed while it carried this out: run it again")
            raise
        finally:
            lease.let_go()
        lease.release(worker.stopped)
        return True

    def _start(self, run: int, lease: Lease) -> Worker:
        journal = Journal(self.store, self.company, self.provider, run, lease.epoch, self.clock)
        return Worker(
            journal=journal,
            lease=lease,
            posting=self.posting,
            clock=self.clock,
            pace=Pace(self.per_second, self.clock, self.turns),
            breaker=Breaker(0),
            able=self.able,
            settle_seconds=self.settle_seconds,
            told=self._tell,
        )

    def _begin(self, worker: Worker) -> Standing:
        """Turn what a crash left open into doubts, and hold what may not go any more."""
        now = self._look(worker)
        if recover(worker.journal, now):
            now = self._look(worker)
        worker.breaker.size = len(now.jobs)
        worker.strange = strange_rows(worker.journal, now)
        return self._look(worker) if self._hold(worker, now) else now

    def _go(self, worker: Worker, now: Standing) -> None:
        while not worker.stopped:
            steps = _steps(worker, now)
            if steps:
                self._round(worker, steps)
            elif not self._waited(worker, now):
                break
            now = self._look(worker)
        if not worker.stopped and self.able.read:
            before = first_readings(worker.journal)
            self._all(worker, [Closing(worker, jobs, before) for jobs in now.to_verify()])

    def _hold(self, worker: Worker, now: Standing) -> int:
        """Hold what may not go any more, and return how much that is; where it cannot be asked, nothing goes."""
        try:
            held = self.hold(now)
        except HubError as error:
            worker.stop(error.text)
            return 0
        for entry, (why, action) in held.items():
            worker.journal.hold(entry, why, action)
        return len(held)

    def _round(self, worker: Worker, steps: Sequence[Step]) -> None:
        """Do all steps; if something was sent, what had to wait for others may go in the next round."""
        sent = worker.sent
        self._all(worker, steps)
        if worker.sent > sent:
            worker.skipped.clear()

    def _look(self, worker: Worker) -> Standing:
        now = standing(worker.journal, self.length)
        self._done, self._total = now.done, len(now.jobs)
        self.progress(self._done, self._total)
        return now

    def _tell(self, entries: int) -> None:
        self._done += entries
        self.progress(min(self._done, self._total), self._total)

    def _waited(self, worker: Worker, now: Standing) -> bool:
        """Wait until a doubt can be looked at again; return False where there is nothing to wait for."""
        if not self.wait or not now.doubts:
            return False
        seconds = max(SOON, min(waits(worker, call) for call in now.doubts))
        while seconds > 0 and not worker.stopped:
            self.clock.sleep(min(seconds, SOON))
            seconds -= SOON
        worker.looked.clear()
        return True

    def _all(self, worker: Worker, steps: Sequence[Step]) -> None:
        """Do all steps, some at a time. Raises what one of them raises, when the others have ended."""
        if self.concurrency == 1:
            for step in steps:
                step.make()
        else:
            in_threads(worker, steps, self.concurrency, self.deadline)


def _steps(worker: Worker, now: Standing) -> list[Step]:
    """Return what can be done now: slots with something to send, and doubts that were not looked at yet."""
    sending = [[job for job in jobs if job.id not in worker.skipped] for jobs in now.to_send()]
    doubts = [call for call in now.doubts if call.id not in worker.looked]
    return [*(Visit(worker, jobs) for jobs in sending if jobs), *(Visit(worker, call.jobs, call) for call in doubts)]
