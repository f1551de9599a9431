"""What time it is, for everything that waits or expires; tests put another clock in its place."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

from hub.provider import utc_now


@dataclass(frozen=True)
class Moment:
    """A moment, told twice: `at` in UTC, which a person can set wrong, and steady `ticks` in seconds since `boot`."""

    at: datetime
    ticks: float
    boot: str

    def seconds_since(self, at: datetime, ticks: float | None, boot: str) -> float:
        """Return the seconds since another moment; by the steady clock where both are of one start of one machine."""
        if ticks is not None and boot == self.boot:
            return self.ticks - ticks
        return (self.at - at).total_seconds()


class Clock(Protocol):
    """Tells the time and waits."""

    def moment(self) -> Moment:
        """Return the present moment."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clock of this machine."""

    def moment(self) -> Moment:
        """Return the present moment."""
        return Moment(utc_now(), time.monotonic(), boot())

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@cache
def boot() -> str:
    """Return what is the same for all processes of this machine until it is started again, or else for this process."""
    file = Path("/proc/sys/kernel/random/boot_id")
    return file.read_text().strip() if file.exists() else uuid.uuid4().hex
