"""How fast and how long: the provider's rate, kept across all slots, and the breaker that stops a run of bad luck."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from hub.clock import Clock
from hub.store.turns import BURST, ProviderTurns, gap_of

MOST_SECONDS = 900.0
"""The longest pause that is kept to: it holds for all companies, and what asks for more may be mistaken."""


class Pace:
    """Spaces calls evenly (the generic cell rate algorithm), for all threads together; None is no limit.

    With `turns` it keeps to the provider's rate together with all who share them.
    """

    def __init__(self, per_second: float | None, clock: Clock, turns: ProviderTurns | None = None) -> None:
        self._gap = gap_of(per_second) if per_second else 0.0
        self._clock = clock
        self._turns = turns if per_second else None
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait until the next call may be made."""
        if not self._gap and not self._next:
            return
        now = self._clock.moment().ticks
        with self._lock:
            due = max(self._next, now - BURST)
            self._next = due + self._gap
        seconds = max(due - now, self._turns.take(self._gap) if self._turns else 0.0)
        if seconds > 0:
            self._clock.sleep(seconds)

    def slow_down(self, seconds: float) -> None:
        """Make no call for some seconds, and half as many a second from then on: the provider asked for it."""
        seconds = min(seconds, MOST_SECONDS)
        with self._lock:
            self._gap *= 2
            self._next = max(self._next, self._clock.moment().ticks + seconds)
        if self._turns:
            self._turns.put_off(seconds)


IN_A_ROW = 3
SHARE = 0.02
AT_LEAST = 3


@dataclass
class Breaker:
    """Counts outcomes of live calls that are unknown, and says when a run must stop: better few doubts than many.

    It opens at three in a row, or at 2 % of the `size` of the run but at least three.
    """

    size: int
    _row: int = 0
    _all: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, unknown: bool) -> bool:
        """Count an outcome; return whether the run must stop."""
        with self._lock:
            self._row = self._row + 1 if unknown else 0
            self._all += unknown
            return self._row >= IN_A_ROW or self._all >= max(AT_LEAST, SHARE * self.size)
