"""A company at work on the simulator of its payroll, over real sockets, and ways to disturb it at one exact moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from unittest.mock import patch

import stamina

from hub import Hub, Process, Scope
from hub.connection import Reach
from hub.export.posting.lease import SECONDS, Lease
from hub.export.report import RunView
from hub.intake.reading import Reading
from hub.intake.shapes import Deletion, Timecard
from hub.store.exports import Attempt, Entry
from hub.testing.clock import FakeClock
from hub.testing.company import NOW
from hub.testing.shell import monthly
from hub.testing.simulator import Simulator

Simulated = TypeVar("Simulated", bound=Simulator)

COMPANY = "acme"
SETTLED = 901.0
"""Seconds after which the effect of a lost call no longer comes, where the provider says nothing else."""


class Crash(KeyboardInterrupt):
    """The process dies here. No code of the hub takes it for a fault, and none tidies up after it."""


def die() -> None:
    """Raise `Crash`."""
    raise Crash


@contextmanager
def just_before(owner: object, name: str, action: Callable[[], object]) -> Iterator[None]:
    """Do something once, just before the next call of a function or method of `owner`; then that goes on."""
    real, left = getattr(owner, name), [action]

    def called(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the real one takes and returns
        if left:
            left.pop()()
        return real(*arguments, **more)

    with patch.object(owner, name, called):
        yield


@dataclass
class AtWork(Generic[Simulated]):
    """A company, its hub and the simulator of its payroll.

    `posting` is the operation that adds hours, and `probing` one that is called as often as `posting` is only tried
    for nobody, when rights are looked at, and never else.
    """

    hub: Hub
    simulator: Simulated
    scope: Scope
    posting: str
    probing: str
    clock: FakeClock = field(default_factory=FakeClock)

    def cards(self, *cards: Timecard | Deletion) -> None:
        """Store timecards; none may be refused."""
        kept = self.hub.import_timecards(COMPANY, Reading(good=list(cards)))
        if kept.refused:
            raise AssertionError(kept.refused)

    def release(self, *cards: Timecard | Deletion) -> int:
        """Store timecards, plan them and release the plan; return its number."""
        self.cards(*cards)
        plan = self.hub.plan(COMPANY, self.scope)
        self.hub.release(COMPANY, plan.id, "Robin")
        return plan.id

    def run(self, plan: int = 1) -> RunView:
        """Carry a plan out, or go on with it."""
        return self.hub.run(COMPANY, plan)

    def crash(self, owner: object, name: str, plan: int = 1) -> None:
        """Let the process die just before a function is called in a run, and its lease run out."""
        with patch.object(Lease, "keep"), just_before(owner, name, die):  # the dead do not renew a lease
            try:
                self.run(plan)
            except Crash:
                self.clock.forward(SECONDS + 1)
                return
        raise AssertionError(f"{name} was never called")

    def spoil(self, fault: str, *, which: int = 1, times: int = 1) -> None:
        """Let a fault happen to the next postings, from the `which`-th on, of a run that is yet to start."""
        self.simulator.inject(f"{fault}@{self.posting}+{which}*{times}")  # the first call only tries the right

    @property
    def received(self) -> int:
        """How often payroll received a posting for an employee."""
        calls = self.simulator.state()["calls"]
        return int(calls.get(self.posting, 0) - calls.get(self.probing, 0))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that payroll holds."""
        return list(self.simulator.state()["rows"])

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries of all runs, oldest first."""
        with self.hub.store.read(COMPANY) as session:
            return sorted(session.all(Entry), key=lambda one: one.id or 0)

    @property
    def outcomes(self) -> list[str]:
        """How each attempt ended, oldest first."""
        with self.hub.store.read(COMPANY) as session:
            return [one.outcome for one in sorted(session.all(Attempt), key=lambda one: one.id or 0)]

    @property
    def white(self) -> set[str]:
        """The timecards that are white now."""
        return {one.id for one in self.hub.timecards(COMPANY) if one.exported_revision == one.revision}


@contextmanager
def at_work(
    process: Process, simulator: Simulated, scope: Scope, *, code: str, posting: str, probing: str
) -> Iterator[AtWork[Simulated]]:
    """Open a hub on a fake clock with a company that is ready to export; reads that fail are tried again at once."""
    clock = FakeClock()
    with stamina.set_testing(True, attempts=3), Hub.open(process, lambda: NOW, clock) as hub:
        monthly(hub, COMPANY, scope, simulator.connect_settings(), code)
        simulator.reset_counters()
        yield AtWork(hub, simulator, scope, posting, probing, clock)


@contextmanager
def impatient(seconds: float) -> Iterator[None]:
    """Let every call on a connection that is opened from now on end within so many seconds."""
    reach = Reach(allow_loopback=True, operation_seconds=seconds)
    with patch("hub.activation.reach_of", lambda process: reach):
        yield
