"""What the threads of one worker share: the destination, the journal, the pace, and whether to go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from hub.clock import Clock
from hub.destination import GuardedPosting
from hub.errors import NotSent
from hub.export.posting import statements as sql
from hub.export.posting.calls import Abilities, make
from hub.export.posting.jobs import Call, Ending, Job
from hub.export.posting.journal import Journal
from hub.export.posting.lease import Lease
from hub.export.posting.pace import Breaker, Pace
from hub.export.posting.trail import slot_of
from hub.export.states import IN_PAYROLL, UNSETTLED, Change, Outcome
from hub.models import PostedEntry, Slot
from hub.network import in_turn, send_within

Written = TypeVar("Written")
Rows = tuple[PostedEntry, ...]
Progress = Callable[[int, int], None]
"""Told how many entries are done, of how many."""

COMMIT_AGAIN = (0.1, 0.5, 2.0)
"""How long to wait, in seconds, before what the database did not take is written once more."""


@dataclass
class Worker:
    """One worker on one run. `settle_seconds` is how long after a lost answer its effect may still come.

    `strange` are the ids of rows that a reread could not explain, per slot; `looked` are the attempts that were looked
    at lately, `skipped` the entries that must wait for others; `sent` is how many calls were begun. `told` hears of
    every entry of which an outcome was written down.
    """

    journal: Journal
    lease: Lease
    posting: GuardedPosting
    clock: Clock
    pace: Pace
    breaker: Breaker
    able: Abilities
    settle_seconds: float
    stopped: str = ""
    strange: Mapping[Slot, frozenset[str]] = field(default_factory=dict)
    sent: int = 0
    looked: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    told: Callable[[int], None] = lambda entries: None
    _calling: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stop(self, why: str) -> None:
        """Let every thread end after its present call; the first reason stays."""
        with self._lock:
            self.stopped = self.stopped or why

    def read(self, slot: Slot) -> Rows:
        """Read a slot. Raises the errors of a reading."""
        if not self.able.read:
            return ()
        self.pace.wait()
        with in_turn(None):
            return self.posting.read(slot)

    def call(self, call: Call) -> Ending:
        """Make the call of an attempt. Raises `Overtaken`, and then nothing was sent."""
        self.pace.wait()
        try:
            self.journal.check()
        except NotSent as error:
            self.stop(error.text)
            return Ending(Outcome.NOT_SENT, fault=error.text)
        self.journal.store.mark.reach(self.journal.company, self.journal.run, call.id)
        with self._timed(), in_turn(None), send_within(self.lease.seconds_left(), self.lease.passed):
            ending = make(self.posting, call, self.able)
        if ending.retry_after:
            self.pace.slow_down(ending.retry_after)
        return ending

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Note since when a call is on its way."""
        self._calling[threading.get_ident()] = self.clock.moment().ticks
        try:
            yield
        finally:
            del self._calling[threading.get_ident()]

    def seconds_in_call(self, thread: int | None) -> float:
        """Return for how many seconds the call of a thread has been on its way; 0 where none is."""
        began = self._calling.get(thread or 0)
        return 0.0 if began is None else self.clock.moment().ticks - began

    def begin(self, jobs: Sequence[Job], before: Rows) -> Call | None:
        """Write an attempt down before its call; None where nothing is to be sent. Raises `Overtaken`."""
        return self._committed(lambda: self.journal.begin(jobs, before))

    def record(self, call: Call, ending: Ending) -> Outcome:
        """Write down how a call ended; return the outcome that was written. Raises `Overtaken`."""
        outcome = self._committed(lambda: self.journal.finish(call, ending))
        self.told(len(call.jobs))
        return outcome

    def record_and_begin(
        self, call: Call, ending: Ending, jobs: Sequence[Job], before: Rows
    ) -> tuple[Outcome, Call | None]:
        """Write down how a call ended and the attempt that comes next, if it can begin. Raises `Overtaken`."""
        written = self._committed(lambda: self.journal.finish_and_begin(call, ending, jobs, before))
        self.told(len(call.jobs))
        return written

    def _committed(self, write: Callable[[], Written]) -> Written:
        """Write, and again if the database is away for a moment or prefers another transaction."""
        for seconds in COMMIT_AGAIN:
            try:
                return write()
            except (DBAPIError, NoConnectionFree):
                self.clock.sleep(seconds)
        return write()

    def ours(self, slot: Slot, but: Call | None = None) -> frozenset[str]:
        """Return the ids of the rows of a slot that are ours, but for those of a call."""
        mine = {job.id for job in but.jobs} if but else set()
        return _ids(one for one in self._posted(slot) if one.id not in mine)

    def ours_if_settled(self, slot: Slot) -> frozenset[str] | None:
        """Return the ids of the rows of a slot that are ours; None while something there is not settled."""
        posted = self._posted(slot)
        return None if any(one.state in UNSETTLED for one in posted) else _ids(posted)

    def _posted(self, slot: Slot) -> Sequence[Any]:
        with self.journal.store.look(self.journal.company) as connection:
            return connection.run(sql.IN_SLOT, **slot_of(self.journal.provider, slot)).all()


def _ids(posted: Iterable[Any]) -> frozenset[str]:
    """Return the ids of the rows that entries have in payroll."""
    return frozenset(
        one.posted_id for one in posted if one.posted_id and one.state in IN_PAYROLL and one.change != Change.WITHDRAW
    )
