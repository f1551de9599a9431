"""Turns: when the next call to a provider may be made, for all connections, threads and workers together.

A provider's limit holds for this whole installation of the hub. On PostgreSQL the turns are kept in the database, by
its clock, for as many machines as there are; on SQLite, which one machine has, in this process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sqlalchemy import Engine, text

BURST = 0.05
"""How many seconds of calls may come at once. See `gap_of`, which makes room for them."""

_TAKE = text(
    "INSERT INTO turn AS held (provider, due) VALUES (:provider, extract(epoch FROM clock_timestamp()) + :gap) "
    "ON CONFLICT (provider) DO UPDATE "
    "SET due = greatest(held.due, extract(epoch FROM clock_timestamp()) - :burst) + :gap "
    "RETURNING due - :gap - extract(epoch FROM clock_timestamp())"
)
_PUT_OFF = text(
    "INSERT INTO turn AS held (provider, due) VALUES (:provider, extract(epoch FROM clock_timestamp()) + :seconds) "
    "ON CONFLICT (provider) DO UPDATE "
    "SET due = greatest(held.due, extract(epoch FROM clock_timestamp()) + :seconds)"
)


def gap_of(per_second: float) -> float:
    """Return how many seconds calls are apart, so that no second has more than so many, with what comes at once."""
    return (1 + BURST) / per_second


class Limited(Protocol):
    """What has a name and perhaps a limit: a provider's class."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def calls_per_second(self) -> float | None:
        """How many calls it takes a second; None where it does not say."""


class Turns:
    """The turns of all providers. Spaces calls evenly (the generic cell rate algorithm)."""

    def __init__(self, engine: Engine) -> None:
        shared = engine.dialect.name == "postgresql"
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT") if shared else None
        self._lock = threading.Lock()
        self._due: dict[str, float] = {}

    def of(self, provider: str) -> ProviderTurns:
        """Return the turns of one provider."""
        return ProviderTurns(self, provider)

    def waiting(self, provider: Limited) -> Callable[[], None] | None:
        """Return what waits for the next turn of a provider; None of one without a limit."""
        limit = provider.calls_per_second
        return partial(self._wait, provider.name, gap_of(limit)) if limit else None

    def _wait(self, provider: str, gap: float) -> None:
        seconds = self.take(provider, gap)
        if seconds > 0:
            time.sleep(seconds)

    def take(self, provider: str, gap: float) -> float:
        """Take the next turn of a provider whose calls are `gap` seconds apart; return in how many seconds it comes."""
        if self._engine:
            with self._engine.connect() as connection:
                values = {"provider": provider, "gap": gap, "burst": BURST}
                return max(0.0, float(connection.execute(_TAKE, values).scalar_one()))
        now = time.monotonic()
        with self._lock:
            due = max(self._due.get(provider, now), now - BURST)
            self._due[provider] = due + gap
        return max(0.0, due - now)

    def put_off(self, provider: str, seconds: float) -> None:
        """Let nobody have a turn for some seconds: the provider asked for it."""
        if self._engine:
            with self._engine.connect() as connection:
                connection.execute(_PUT_OFF, {"provider": provider, "seconds": seconds})
            return
        with self._lock:
            self._due[provider] = max(self._due.get(provider, 0.0), time.monotonic() + seconds)


@dataclass(frozen=True)
class ProviderTurns:
    """The turns of one provider; see `Turns`."""

    turns: Turns
    provider: str

    def take(self, gap: float) -> float:
        """Take the next turn; return in how many seconds it comes."""
        return self.turns.take(self.provider, gap)

    def put_off(self, seconds: float) -> None:
        """Let nobody have a turn for some seconds."""
        self.turns.put_off(self.provider, seconds)
