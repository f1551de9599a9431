"""One company, one random month: the real engine, journal and lease, on a virtual clock, against a simulated payroll.

A seed decides everything: what is planned, what goes wrong on the wire, when a worker crashes or freezes, and what a
clerk does by hand. At the end the wire heals and workers go on until nothing changes any more.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import cast
from unittest.mock import patch

from sqlalchemy.exc import DBAPIError, OperationalError

from hub.destination import GuardedPosting
from hub.export.posting.calls import Abilities
from hub.export.posting.engine import Engine
from hub.export.posting.lease import SECONDS, Lease
from hub.models import PeriodType
from hub.process import Process
from hub.store.companies import Company
from hub.store.database import Store
from hub.store.prepared import CompanyConnection
from hub.testing.clock import FakeClock
from hub.testing.fixtures import SECRET_KEY
from hub.testing.simulated_clerk import Clerk
from hub.testing.simulated_nature import Nature
from hub.testing.simulated_payroll import SimulatedPayroll
from hub.testing.simulated_plans import COMPANY, PROVIDER, Planner

SETTLE = 60.0
"""How long, in virtual seconds, the engine waits before it believes that something is not there."""

TICK = 0.01
"""How many virtual seconds each step takes, so that no two happen at the same moment."""

PASSES = 16
"""In how many rounds of workers everything must be settled once the wire is well."""


class Crash(KeyboardInterrupt):
    """The worker's process dies: the only thing that nothing in the hub catches."""


class SteppingStore(Store):
    """A store on SQLite that tells of each transaction of the journal, just before its commit and just after."""

    told: Callable[[str], None] = staticmethod(lambda what: None)
    raw: sqlite3.Connection

    @contextmanager
    def journal(self, company: str) -> Iterator[CompanyConnection]:
        """Open a connection of one company, as the store does."""
        before = self.raw.total_changes
        with super().journal(company) as connection:
            yield connection
            wrote = self.raw.total_changes > before
            if wrote:
                self.told("before commit")
        self.told("after commit" if wrote else "after reading")

    @contextmanager
    def look(self, company: str) -> Iterator[CompanyConnection]:
        """Open a connection of one company for reading, as the store does."""
        with super().look(company) as connection:
            yield connection
        self.told("after reading")

    @classmethod
    def in_memory(cls) -> SteppingStore:
        """Open a new database in memory, with one company in it."""
        store = cast(SteppingStore, cls.open(Process(database_url="sqlite://", secret_key=SECRET_KEY)))
        pooled = store.engine.raw_connection()
        store.raw = cast(sqlite3.Connection, pooled.driver_connection)
        pooled.close()
        with store.everywhere() as session:
            session.add(Company(id=COMPANY, name="Acme"))
        return store

    def empty(self) -> None:
        """Forget all runs, for the next seed; numbers start again."""
        for table in ("contribution", "attempt", "entry", "run", "plan", "audit", "unexplained"):
            self.raw.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables


@dataclass
class Simulation:
    """A month of one seed. `play` plays it to its end; then `payroll` and `store` tell what came of it."""

    store: SteppingStore
    seed: int
    beyond: bool = False
    chaos: bool = True
    random: Random = field(init=False)
    clock: FakeClock = field(default_factory=FakeClock)
    began: datetime = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    workers: int = 0
    _left: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - a story, no secret
        self.began = self.clock.at
        self.store.empty()
        self.store.told = self._step
        self.nature = self._nature()
        self.payroll = SimulatedPayroll(self.clock, self.random, self.nature, self._called)
        self.planner = Planner(self.store, self.random, self.nature)
        self.payroll.may_set_over = self.planner.may_set_over
        self.clerk = Clerk(self.payroll, self.random, self.planner.usual)
        self._arm()

    def _nature(self) -> Nature:
        draw = self.random
        kind = draw.choice(["plain", "plain", "plain", "idempotent", "later", "put"])
        nature = Nature(
            idempotent=kind == "idempotent",
            later=kind == "later",
            put=kind == "put",
            moves=draw.random() < 0.5,
            tells_comments=draw.random() < 0.2,
            tells_centres=draw.random() < 0.6,
            trouble=draw.choice([0.2, 0.4, 0.7]),
        )
        return replace(nature, latest=(SETTLE, 4 * SETTLE)) if self.beyond else nature

    # -- the story ----------------------------------------------------------------------------------------------------

    def play(self, *, wait: bool = False) -> None:
        """Play the chaos, then let workers go on until nothing changes; with `wait` they wait for doubts themselves."""
        with patch.object(Lease, "keep", lambda lease: None):  # a thread would go by another clock and outlive a crash
            self.planner.plan_first()
            for _ in range(self.random.randint(1, 3) if self.chaos else 0):
                self._trouble()
            self._heal(wait)
        self.clock.forward(5 * SETTLE)
        self.payroll.arrive()

    def _trouble(self) -> None:
        runs = self.planner.unsettled()
        if runs:
            self.work(self.random.choice(runs), wait=self.random.random() < 0.3)
        self.clock.forward(self.random.choice([0.0, 5.0, SECONDS + 1, SETTLE + 10]))
        if self.random.random() < 0.3:
            self.planner.plan_more()

    def _heal(self, wait: bool) -> None:
        self.chaos, self.payroll.healthy = False, True
        for _ in range(PASSES):
            self.clock.forward(self.random.choice([SECONDS + 1, SETTLE + SECONDS]))
            runs = self.planner.unsettled()
            if not runs:
                return
            for run in runs:
                self.work(run, wait=wait)
        if self.planner.unsettled():
            self.broken.append(f"not settled after {PASSES} passes")

    def work(self, run: int, *, wait: bool = False) -> None:
        """Let a new worker carry a run out, until it is done, paused, dead or overtaken."""
        self.workers += 1
        reader, self.payroll.reader = self.payroll.reader, run
        try:
            self._engine(wait).carry_out(run)
        except Crash:
            self.counts["crashes"] += 1
        except (DBAPIError, RuntimeError) as error:
            self.counts["failures"] += 1
            if not self.counts["database away"]:
                self.broken.append(f"a worker failed: {error}")
        finally:
            self.payroll.reader = reader

    def _engine(self, wait: bool) -> Engine:
        return Engine(
            store=self.store,
            company=COMPANY,
            provider=PROVIDER,
            length=PeriodType.MONTH,
            posting=GuardedPosting(PROVIDER, self.payroll),
            clock=self.clock,
            able=Abilities(idempotent=self.nature.idempotent, put=self.nature.put),
            settle_seconds=SETTLE,
            concurrency=1,
            wait=wait,
            holder=f"worker {self.workers}",
        )

    # -- what happens at a step ---------------------------------------------------------------------------------------

    def _called(self, what: str, key: str) -> None:
        """Be told of a call of payroll: one that writes must have been written down, and committed."""
        if what == "call":
            self._check_written(key)
        self._step(what)

    def _check_written(self, key: str) -> None:
        if self.store.raw.in_transaction:
            self.broken.append("a call was made within a transaction")
        found = (
            "SELECT 1 FROM attempt WHERE key = ?" if key else "SELECT 1 FROM attempt WHERE outcome IN ('', 'unknown')"
        )
        if not self.store.raw.execute(found, (key,) if key else ()).fetchone():
            self.broken.append("a call was made without an attempt that was committed")

    def _step(self, what: str) -> None:
        self.clock.forward(TICK)
        if self.chaos:
            self._left -= 1
            if self._left == 0:
                self._arm()
                self._happen(what)

    def _arm(self) -> None:
        self._left = self.random.randrange(1, 45)

    def _happen(self, what: str) -> None:
        draw = self.random.random()
        if draw < 0.4:
            raise Crash
        if draw < 0.6:
            self.clerk.act()
        elif draw < 0.7 and what.endswith("commit"):
            self.lose_database()
        elif what != "before commit":
            self._freeze()

    def lose_database(self) -> None:
        """Fail as a database does that goes away in a commit: whether it was taken is another matter."""
        self.counts["database away"] += 1
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("away"))

    def _freeze(self) -> None:
        """Let this worker stand still, perhaps past the settle time, while another takes over; both go on then."""
        self.counts["freezes"] += 1
        self.chaos = False
        self.clock.forward(SECONDS + 1)
        run = self.random.choice([self.payroll.reader, self.payroll.reader, *self.planner.runs])
        self.work(run)
        if self.random.random() < 0.6:
            self.clock.forward(SETTLE + 1)
            self.work(run)
        self.chaos = True
