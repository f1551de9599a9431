"""The bulkhead: so many calls at once into one provider, so that one that is slow or hangs takes only its own places.

A thread cannot be ended from outside. A call that never comes back keeps its place for as long as the process lives;
when all places of a provider are gone like that, only what needs this provider is refused, and it is refused soon.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from hub.destination import GuardedDocument, GuardedPosting
from hub.errors import HubError, NotSent, Transient
from hub.models import Entry, Pending, PostedEntry, RenderedFile, Row, Slot
from hub.network import check_in_time
from hub.provider import Document, Posting

LATER = 5.0
"""After how many seconds it is worth asking again where a provider was busy."""


@dataclass(frozen=True)
class Patience:
    """For how many seconds a call waits for a place. An `asking` one is refused at once where many wait already."""

    seconds: float
    asking: bool = True


ASKED = Patience(2.0)
"""Of a call that somebody waits for, such as over HTTP: each takes a thread from all others meanwhile."""

RUN = Patience(15.0, asking=False)
"""Of the calls of a run, which has threads of its own; shorter than a run is held for its worker."""


class Places:
    """The places of one provider: at most `number` calls at once. Who waits longest comes first.

    At most as many again may wait that are `asking`, so that no provider ever takes more than twice its places of the
    threads that serve requests.
    """

    def __init__(self, number: int = sys.maxsize) -> None:
        self.number = number
        self._free = number
        self._asking = 0
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._mine = threading.local()

    @contextmanager
    def taken(self, patience: Patience) -> Iterator[bool]:
        """Hold a place meanwhile; yields False where none came free in time. A thread that has one takes no second."""
        if getattr(self._mine, "held", False):
            yield True
            return
        self._mine.held = self._take(patience)
        try:
            yield self._mine.held
        finally:
            if self._mine.held:
                self._give()
            self._mine.held = False

    def _take(self, patience: Patience) -> bool:
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if patience.asking and self._asking >= self.number:
                return False
            turn = threading.Event()
            self._waiting.append(turn)
            self._asking += patience.asking
        return self._waited(turn, patience)

    def _waited(self, turn: threading.Event, patience: Patience) -> bool:
        """Wait until it is this one's turn; a place that comes at the last moment is taken."""
        try:
            turn.wait(patience.seconds)
        except BaseException:  # such as Ctrl-C
            if self._came(turn, patience):
                self._give()
            raise
        return self._came(turn, patience)

    def _came(self, turn: threading.Event, patience: Patience) -> bool:
        """Wait no longer; return whether a place was handed over."""
        with self._lock:
            self._asking -= patience.asking
            if not turn.is_set():
                self._waiting.remove(turn)
            return turn.is_set()

    def _give(self) -> None:
        """Hand the place to who waits longest: where it only came free, this thread would often take it again."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


@dataclass
class Calls:
    """The calls of one connection, each in a place of its provider; `title` is what people call that.

    `noticing` hears of every error that a call ended with; it may not raise.
    """

    title: str = "The provider"
    places: Places = field(default_factory=Places)
    patience: Patience = ASKED
    noticing: Callable[[HubError], None] = lambda error: None
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def under_way(self) -> bool:
        """Whether a call has not come back: one that was given up counts until it does."""
        return self._under_way > 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Make a call that changes nothing. Raises `Transient` where no place came free."""
        with self.places.taken(self.patience) as taken:
            if not taken:
                raise Transient(self._busy("try again later"), retry_after=LATER)
            with self._counted():
                yield

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make a call that can change something. Raises `NotSent` where no place came free, or too late to send."""
        with self.places.taken(self.patience) as taken:
            if not taken or not _in_time():
                raise NotSent(self._busy("so nothing was sent: try again later"))
            with self._counted():
                yield

    def _busy(self, then: str) -> str:
        return f"{self.title} is busy: as many calls as may be made at once are under way, {then}."

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        except HubError as error:
            self.noticing(error)
            raise
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._under_way += more


def _in_time() -> bool:
    """Tell whether who waited for a place may still be the one to send; see `hub.network.send_within`."""
    try:
        check_in_time()
    except TimeoutError:
        return False
    return True


class PlacedPosting(GuardedPosting):
    """A guarded destination of which every call takes a place: no place is `NotSent`, or `Transient` of a reading."""

    def __init__(self, plugin: str, destination: Posting, calls: Calls) -> None:
        super().__init__(plugin, destination)
        self._calls = calls

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Return every row of the slot."""
        with self._calls.reading():
            return super().read(slot)

    def post(self, entry: Entry, key: str) -> PostedEntry | Pending:
        """Post one entry."""
        with self._calls.changing():
            return super().post(entry, key)

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Change one row."""
        with self._calls.changing():
            return super().replace(posted, entry)

    def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
        """Take one row away."""
        with self._calls.changing():
            super().withdraw(slot, posted)

    def resolve(self, pending: Pending) -> PostedEntry | Pending:
        """Ask what became of a posting."""
        with self._calls.reading():
            return super().resolve(pending)

    def put(
        self, slot: Slot, before: tuple[PostedEntry, ...], entries: tuple[Entry, ...], key: str
    ) -> tuple[PostedEntry, ...]:
        """Write a slot as a whole."""
        with self._calls.changing():
            return super().put(slot, before, entries, key)


class PlacedDocument(GuardedDocument):
    """A guarded file of which the rendering takes a place."""

    def __init__(self, plugin: str, destination: Document, calls: Calls) -> None:
        super().__init__(plugin, destination)
        self._calls = calls

    def render(self, rows: Sequence[Row]) -> RenderedFile:
        """Write the rows to a file in memory."""
        with self._calls.reading():
            return super().render(rows)
