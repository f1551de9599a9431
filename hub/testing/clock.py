"""A clock that stands still until somebody waits or moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.clock import Moment

START = datetime(2026, 10, 20, 10, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock of which every second is made by `sleep` or `forward`; `boot` names one start of a machine."""

    at: datetime = START
    ticks: float = 0.0
    boot: str = "boot-1"

    def moment(self) -> Moment:
        """Return the present moment."""
        return Moment(self.at, self.ticks, self.boot)

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.forward(seconds)

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds

    def set(self, at: datetime) -> None:
        """Set the time that a person reads, as a person or a time server does; the steady clock goes on."""
        self.at = at
