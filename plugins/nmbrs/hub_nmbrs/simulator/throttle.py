"""The fair use of Nmbrs: above 150 calls a second every answer comes half a second later (no error)."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable


class Throttle:
    """Counts calls over the last second of `clock`; beyond `calls` of them each costs `seconds`."""

    def __init__(self, calls: int = 150, seconds: float = 0.5, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls = calls
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._last: deque[float] = deque()

    def delay(self) -> float:
        """Count a call and return how many seconds its answer must wait."""
        with self._lock:
            now = self._clock()
            while self._last and self._last[0] <= now - 1:
                self._last.popleft()
            self._last.append(now)
            return self.seconds if len(self._last) > self.calls else 0.0
