"""Who carries a run out: one worker at a time, for as long as it says so again and again.

A worker that dies or is frozen stops saying so; whoever comes next takes the run over under the next epoch, and what
the first one still tries to write is refused.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from hub.clock import Clock
from hub.events.kinds import EventKind
from hub.export.posting import statements as sql
from hub.export.posting.journal import Overtaken
from hub.export.posting.trail import audit, tell
from hub.export.states import EntryState, RunState, check_run, run_state
from hub.holder import is_gone, this_worker
from hub.store.database import Store
from hub.store.prepared import CompanyConnection

SECONDS = 20.0
"""How long a run is held after its worker last said so."""


class Lease:
    """The hold of one worker on one run."""

    def __init__(self, store: Store, company: str, run: int, clock: Clock, holder: str | None = None) -> None:
        self._store, self._company, self._run, self._clock = store, company, run, clock
        self._holder = this_worker() if holder is None else holder
        self._ended = threading.Event()
        self._beat: threading.Thread | None = None
        self._state = RunState.RUNNING
        self._said = clock.moment()
        self.epoch = 0

    def take(self) -> bool:
        """Take the run, under a new epoch; return False if another worker has it."""
        with self._store.journal(self._company) as connection:
            row = connection.run(sql.HOLD_RUN, run=self._run).one()
            moment = self._clock.moment()
            now = moment.at
            if row.held_until and row.held_until > now and not is_gone(row.holder):
                return False
            self._state = self._state_of(connection, bool(row.paused))
            self.epoch = row.epoch + 1
            connection.run(
                sql.LEASE, run=self._run, new_epoch=self.epoch, new_holder=self._holder, new_held_until=_until(now)
            )
            audit(connection, self._clock, "run taken", f"run {self._run}", {"epoch": self.epoch})
        self._said = moment
        return True

    def keep(self) -> None:
        """Say again and again, in the background, that this worker is there."""
        self._beat = threading.Thread(target=self._renew, name=f"lease of run {self._run}", daemon=True)
        self._beat.start()

    def _renew(self) -> None:
        while not self._ended.wait(SECONDS / 4):
            # A database that is away for a moment is no end; the epoch decides in the end.
            with suppress(DBAPIError, NoConnectionFree, Overtaken):
                self.renew()

    def renew(self) -> None:
        """Say once that this worker is there. Raises `Overtaken` where another one has the run."""
        moment = self._clock.moment()
        with self._store.journal(self._company) as connection:
            until = _until(moment.at)
            if not connection.run(sql.RENEW, run=self._run, mine=self.epoch, new_held_until=until).rowcount:
                raise Overtaken
        self._said = moment

    def seconds_left(self) -> float:
        """Return for how long the run is certainly this worker's; said anew if it is not long."""
        if SECONDS - self.passed() < SECONDS / 2:
            self.renew()
        return SECONDS - self.passed()

    def passed(self) -> float:
        """Return the seconds since this worker last said so, by the clock that went further.

        The steady one stands still while a machine sleeps, the other one can be set back.
        """
        now, said = self._clock.moment(), self._said
        return max(now.ticks - said.ticks, (now.at - said.at).total_seconds())

    def let_go(self) -> None:
        """Stop saying that this worker is there: another one has the run."""
        self._ended.set()
        if self._beat:
            self._beat.join()

    def release(self, paused: str) -> None:
        """Let go of the run, with the reason why it is not finished, or none; nothing happens if it was taken over."""
        self.let_go()
        now = self._clock.moment().at
        with self._store.journal(self._company) as connection:
            row = connection.run(sql.HOLD_RUN, run=self._run).one()
            if row.epoch != self.epoch:
                return
            new = self._state_of(connection, bool(paused))
            check_run(self._state, new)
            ended = None if paused or new in (RunState.RUNNING, RunState.IN_DOUBT) else now
            connection.run(sql.END_RUN, run=self._run, mine=self.epoch, new_paused=paused, new_ended_at=ended)
            audit(connection, self._clock, f"run {new}", f"run {self._run}", {"reason": paused})
            if (paused or ended) and (new is not self._state or (ended and not row.ended_at)):
                self._tell(connection, EventKind.RUN_FINISHED if ended else EventKind.RUN_PAUSED, row.plan, new)

    def _tell(self, connection: CompanyConnection, kind: EventKind, plan: int, state: RunState) -> None:
        connection.run(sql.SETTLED, of_run=self._run, new_read_at=self._clock.moment().at)
        counts: dict[str, int] = dict(connection.run(sql.COUNTS_OF_RUN, run=self._run).all())
        tell(connection, self._clock, kind, self._run, {"plan": plan, "state": state, "entries": counts})

    def _state_of(self, connection: CompanyConnection, paused: bool) -> RunState:
        return run_state((EntryState(one) for (one,) in connection.run(sql.STATES_OF_RUN, run=self._run)), paused)


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=SECONDS)
