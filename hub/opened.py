"""Connections that were opened and that nobody uses now, kept for who needs one next; and the places of providers.

A connection is lent to one user at a time: whoever comes meanwhile opens another. So no instance of a provider is ever
used by two requests at once, and none is closed while somebody uses it. A kept one has no socket open.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event

from hub.bulkhead import Places
from hub.connection import Connection, Reach
from hub.process import Process
from hub.provider import Provider
from hub.store.database import Store

LIMIT = 256
"""How many connections are kept at most."""

KEEP_SECONDS = 300.0
"""For how long a connection is used again after it was made: what a provider remembers gets no older."""


@dataclass(frozen=True)
class Stored:
    """All that a connection is made from: where nothing of it changed, one that was made before serves.

    Secrets are as they are sealed, so that it takes no key to compare them; one that is sealed anew is another.
    """

    provider: type[Provider]
    reach: Reach
    settings: Mapping[str, Any]
    rights: Sequence[Mapping[str, Any]]
    sealed: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Opened:
    """A connection, what it was made from, and when on the clock of its `Connections`."""

    connection: Connection
    stored: Stored
    made: float


class Connections:
    """The connections of one store that are kept, at most `limit`, and the places of each provider."""

    def __init__(self, calls_per_provider: int, limit: int = LIMIT, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._number = calls_per_provider
        self._limit = limit
        self._kept: OrderedDict[tuple[str, str], Opened] = OrderedDict()
        self._places: dict[str, Places] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def places(self, provider: str) -> Places:
        """Return the places of a provider: the same for all companies."""
        with self._lock:
            return self._places.setdefault(provider, Places(self._number))

    def lend(self, company: str, stored: Stored) -> Opened | None:
        """Give away the connection that is kept, if it was made from this not long ago; any other is forgotten."""
        with self._lock:
            found = self._kept.pop((company, stored.provider.name), None)
        return found if found and found.stored == stored and self._is_young(found) else None

    def keep(self, company: str, opened: Opened) -> None:
        """Take back what was lent, closed by now. One of which a call has not come back is not used again."""
        if opened.connection.calls.under_way:
            return
        with self._lock:
            self._kept.pop((company, opened.stored.provider.name), None)
            self._kept[company, opened.stored.provider.name] = opened
            while self._kept and self._is_one_too_many(next(iter(self._kept.values()))):
                self._kept.popitem(last=False)

    def forget(self, company: str, provider: str) -> None:
        """Use what is kept of a connection no more, as where it was made anew, switched off or removed."""
        with self._lock:
            self._kept.pop((company, provider), None)

    def forget_company(self, company: str) -> None:
        """Use what is kept of a company no more, and hold nothing of it: it was removed."""
        with self._lock:
            for place in [one for one in self._kept if one[0] == company]:
                del self._kept[place]

    def forget_all(self) -> None:
        """Keep none any more."""
        with self._lock:
            self._kept.clear()

    def _is_one_too_many(self, longest_unused: Opened) -> bool:
        return len(self._kept) > self._limit or not self._is_young(longest_unused)

    def _is_young(self, one: Opened) -> bool:
        return self.now() - one.made < KEEP_SECONDS


_OF_STORE: WeakKeyDictionary[Store, Connections] = WeakKeyDictionary()
_LOCK = threading.Lock()


def connections_of(store: Store, process: Process) -> Connections:
    """Return the connections of a store; they are kept until it is closed. Each process has its own."""
    with _LOCK:
        found = _OF_STORE.get(store)
        if found is None:
            found = _OF_STORE[store] = Connections(process.calls_per_provider)
            event.listen(store.engine, "engine_disposed", lambda _: found.forget_all())
        return found
