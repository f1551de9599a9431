"""A payroll in memory whose answers get lost, whose effects come late or twice, and in which a clerk types by hand.

It keeps every row that ever was, with who made it, so that an oracle can tell at the end who was paid twice and who
was forgotten. What happens is drawn from one random generator: the same seed gives the same story.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from hub.errors import AuthError, NotExecuted, NotSent, Refused, Transient
from hub.models import Entry, Kind, Pending, PostedEntry, Slot
from hub.network import check_in_time
from hub.testing.clock import FakeClock
from hub.testing.simulated_nature import WEIGHTS, Fault, Nature

Rows = tuple[PostedEntry, ...]


@dataclass
class Row:
    """A row of payroll, in seconds of the virtual clock. `origin` is the comment of the entry that made it, if any.

    It is there from `at` and shown from `shown_at`; `called_at` is when the call was made that it comes of. A row that
    is changed is another row, perhaps under the same id. `taken_by` tells who took it away: `clerk` or `hub`.
    """

    id: str
    place: str
    code: str
    amount: int
    centre: str | None
    origin: str
    at: float
    shown_at: float
    called_at: float
    gone_at: float | None = None
    taken_by: str = ""


Answer = tuple[Row, ...]
Effect = Callable[[], Answer]


@dataclass
class Coming:
    """An effect that comes at a time, in virtual seconds; where there is a `receipt`, it is settled by that."""

    at: float
    effect: Effect
    receipt: str = ""


def place_of(slot: Slot) -> str:
    """Return the name of a slot in one administration and wage period."""
    return f"{slot.employee} {slot.kind}"


@dataclass
class SimulatedPayroll:
    """The payroll, as a destination. `watch` is told of every call, before it and after its effect.

    `foreign` are rows that a clerk typed and the hub took away or set over, though it had seen them or could have.
    """

    clock: FakeClock
    random: Random
    nature: Nature
    watch: Callable[[str, str], None] = lambda what, key: None
    may_set_over: Callable[[str], frozenset[int]] = lambda origin: frozenset()
    healthy: bool = False
    reader: int = 0
    history: list[Row] = field(default_factory=list)
    reads: dict[tuple[str, int], list[float]] = field(default_factory=lambda: defaultdict(list))
    coming: list[Coming] = field(default_factory=list)
    foreign: list[Row] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _fates: dict[str, Answer | Refused] = field(default_factory=dict)
    _receipts: dict[str, Answer | Refused | None] = field(default_factory=dict)
    _last_read: dict[str, float] = field(default_factory=lambda: defaultdict(lambda: -1.0))
    _last_id: int = 0
    _moment: float | None = None

    # -- what the hub calls -------------------------------------------------------------------------------------------

    def read(self, slot: Slot) -> Rows:
        """Return the rows of a slot but for the newest; sometimes it cannot be read."""
        self.watch("read", "")
        self.counts["readings"] += 1
        if not self.healthy and self.random.random() < 0.2 * self.nature.trouble:
            raise self.random.choice([NotSent("No way."), Transient("Later."), ConnectionResetError(), ValueError()])
        place, now = place_of(slot), self.arrive()
        self._last_read[place] = now
        self.reads[place, self.reader].append(now)
        return tuple(self._told(row, slot.kind) for row in self.held(place) if row.shown_at <= now)

    def post(self, entry: Entry, key: str) -> PostedEntry | Pending:
        """Add a row, or set an amount."""
        place, seen = place_of(entry.slot), self._last_read[place_of(entry.slot)]
        called = self.clock.ticks
        add = (lambda: self._set(entry, place, seen, called)) if entry.sets else lambda: self._add(entry, place, called)
        if self.nature.later and not entry.sets:
            return self._accept(entry.slot, key, add)
        return self._told(self._write(key, add, repeats=True)[0], entry.slot.kind)

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Change a row."""
        place, seen = place_of(entry.slot), self._last_read[place_of(entry.slot)]
        return self._told(self._write("", lambda: self._change(place, posted.id, entry, seen))[0], entry.slot.kind)

    def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
        """Take a row away."""
        place, seen = place_of(slot), self._last_read[place_of(slot)]
        self._write("", lambda: (self._take(place, posted.id, seen),))

    def resolve(self, pending: Pending) -> PostedEntry | Pending:
        """Say what became of an accepted entry, if that is known yet."""
        self.watch("resolve", "")
        self.arrive()
        if not self.healthy and self.random.random() < 0.2 * self.nature.trouble:
            raise self.random.choice([NotSent("No way."), ConnectionResetError()])
        fate = self._receipts[pending.id]
        if isinstance(fate, Refused):
            raise Refused(fate.code, fate.text)
        return self._told(fate[0], pending.slot.kind) if fate else pending

    def put(self, slot: Slot, before: Rows, entries: tuple[Entry, ...], key: str) -> Rows:
        """Write a slot as a whole; not executed where it holds something else than `before`."""
        place, called = place_of(slot), self.clock.ticks
        rows = self._write(key, lambda: self._fill(place, before, entries, called))
        return tuple(self._told(row, slot.kind) for row in rows)

    # -- what becomes of a write --------------------------------------------------------------------------------------

    def _write(self, key: str, effect: Effect, *, repeats: bool = False) -> Answer:
        fault = self._draw(key, repeats)
        self._fail_before(fault)
        once = self._once(key, self._refuse if fault is Fault.REFUSED else effect)
        if fault is Fault.LATE:
            self._later(once, self.random.uniform(*self.nature.latest))
            raise TimeoutError
        answer = once()
        if fault is Fault.TWICE:
            self._later(self._once(key, effect), self.random.choice([0.0, 1.0, 8.0]))
        self.watch("done", key)
        if fault in (Fault.LOST, Fault.FOREIGN):
            raise self.random.choice([ConnectionResetError(), RuntimeError("foreign"), SystemExit(1), Transient("?")])
        return self._misnamed(answer) if fault is Fault.OTHER_ID else answer

    def _accept(self, slot: Slot, key: str, effect: Effect) -> Pending:
        """Accept a posting: its effect, or a refusal, comes later, and `resolve` tells of it."""
        fault = self._draw(key, True)
        self._fail_before(fault)
        receipt = f"receipt {len(self._receipts) + 1}"
        self._receipts[receipt] = None
        after = self.random.choice([0.0, self.random.uniform(*self.nature.latest)])
        self._later(self._refuse if fault is Fault.REFUSED else effect, after, receipt)
        if fault is Fault.TWICE:
            self._later(effect, after)
        self.watch("done", key)
        if fault in (Fault.LOST, Fault.LATE, Fault.FOREIGN):
            raise ConnectionResetError
        return Pending(id=receipt, slot=slot)

    def _draw(self, key: str, repeats: bool) -> Fault:
        self.watch("call", key)
        check_in_time()  # as the wire does just before it writes
        self.arrive()
        self.counts["calls"] += 1
        if self.healthy or self.random.random() > self.nature.trouble:
            return Fault.NONE
        fault = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if fault is Fault.TWICE and not repeats:
            return Fault.NONE
        self.counts[fault] += 1
        return fault

    def _fail_before(self, fault: Fault) -> None:
        """Raise where a fault leaves no effect, now or later."""
        if fault is Fault.NOT_SENT:
            raise NotSent("No way.")
        if fault is Fault.NOT_EXECUTED:
            raise NotExecuted(AuthError("Who are you?"))
        if fault is Fault.VANISHED or (fault is Fault.FOREIGN and self.random.random() < 0.5):
            raise self.random.choice([ConnectionResetError(), KeyError("foreign")])

    def _once(self, key: str, effect: Effect) -> Effect:
        """Return an effect that, where payroll knows keys, comes once for a key, with the same answer ever after."""
        if not (self.nature.idempotent and key):
            return effect

        def once() -> Answer:
            if key not in self._fates:
                self._fates[key] = _fate(effect)
            fate = self._fates[key]
            if isinstance(fate, Refused):
                raise Refused(fate.code, fate.text)
            return fate

        return once

    def _refuse(self) -> Answer:
        raise Refused("closed", "The period is closed.")

    def _later(self, effect: Effect, seconds: float, receipt: str = "") -> None:
        self.coming.append(Coming(self.clock.ticks + seconds, effect, receipt))

    def arrive(self) -> float:
        """Let come what is due; return the present second."""
        due = sorted((one for one in self.coming if one.at <= self.clock.ticks), key=lambda one: one.at)
        if due:
            self.coming = [one for one in self.coming if one.at > self.clock.ticks]
        for one in due:
            self._moment = one.at
            fate = _fate(one.effect)
            if one.receipt:
                self._receipts[one.receipt] = fate
        self._moment = None
        return self.clock.ticks

    def _now(self) -> float:
        """Return the second in which an effect comes: it was due then, though nobody looked until later."""
        return self.clock.ticks if self._moment is None else self._moment

    def _misnamed(self, answer: Answer) -> Answer:
        others = [row.id for row in self.history if row.id not in ("", answer[0].id)]
        if not answer[0].id or not others:
            return answer
        return replace(answer[0], id=self.random.choice(others)), *answer[1:]

    # -- rows ---------------------------------------------------------------------------------------------------------

    def held(self, place: str) -> list[Row]:
        """Return the rows that a slot holds, whether a reading shows them yet or not."""
        return [row for row in self.history if row.gone_at is None and row.place == place]

    def _add(self, entry: Entry, place: str, called: float, row_id: str | None = None) -> Answer:
        now, lag = self._now(), 0.0
        if row_id is None and not self.healthy and self.random.random() < 0.2 * self.nature.trouble:
            lag = self.random.uniform(0, self.nature.lag)
        row = Row(
            self.next_id() if row_id is None else row_id,
            *(place, entry.code, entry.amount, entry.cost_centre, entry.comment),
            *(now, now + lag, called),
        )
        self.history.append(row)
        return (row,)

    def _set(self, entry: Entry, place: str, seen: float, called: float) -> Answer:
        for row in [row for row in self.held(place) if row.code == entry.code]:
            allowed = {entry.amount, *self.may_set_over(entry.comment)}
            if not row.origin and row.at < seen and row.amount not in allowed:
                self.foreign.append(row)
            self.end(row, "hub")
        return self._add(entry, place, called, "")

    def _change(self, place: str, row_id: str, entry: Entry, seen: float) -> Answer:
        self._take(place, row_id, seen)
        return self._add(entry, place, self.clock.ticks, self.next_id() if self.nature.moves else row_id)

    def _take(self, place: str, row_id: str, seen: float) -> Row:
        row = next((row for row in self.held(place) if row.id == row_id), None)
        if row is None:
            raise Refused("unknown", "There is no such row.")
        if not row.origin and row.at < seen:
            self.foreign.append(row)
        return self.end(row, "hub")

    def _fill(self, place: str, before: Rows, entries: tuple[Entry, ...], called: float) -> Answer:
        now = sorted((row.id, row.code, row.amount) for row in self.held(place))
        if now != sorted((row.id, row.code, row.amount) for row in before):
            raise NotExecuted(Transient("Somebody changed the slot."))
        return tuple(self._add(entry, place, called)[0] for entry in entries)

    def end(self, row: Row, who: str) -> Row:
        """Take a row away; it stays in the history."""
        row.gone_at, row.taken_by = self._now(), who
        return row

    def next_id(self) -> str:
        """Return an id that no row has had."""
        self._last_id += 1
        return str(self._last_id)

    def _told(self, row: Row, kind: Kind) -> PostedEntry:
        return PostedEntry(
            id=row.id,
            kind=kind,
            code=row.code,
            amount=row.amount,
            cost_centre=row.centre if self.nature.tells_centres else None,
            comment=row.origin if self.nature.tells_comments else None,
        )


def _fate(effect: Effect) -> Answer | Refused:
    """Return what an effect leads to, or its refusal. One that finds the slot changed does nothing, unheard."""
    try:
        return effect()
    except Refused as refusal:
        return refusal
    except NotExecuted as error:
        return Refused("changed", error.text)
