"""The faults that a simulator is told to make: which, on which calls, and how often.

Written `NAME`, or `NAME@OPERATION`, with `+SKIP` (let the first SKIP calls pass) and `*COUNT` (how often; else for
ever): `lost-answer@HourComponentVar_Insert+2*1`. A wire fault of `hub.testing.faults` comes after the effect: the
answer is lost, the change is not. With `before-` in front the effect does not happen either. `lost-answer` is `close`,
`lost-request` is `before-close`. A provider's simulator may have faults of its own.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hub.errors import InputError
from hub.testing.faults import WIRE_FAULTS, Fault

BEFORE = "before-"
ALIASES = {"lost-answer": "close", "lost-request": f"{BEFORE}close"}

_WRITTEN = re.compile(r"(?P<name>[^@+*]+)(?:@(?P<operation>[^@+*]+))?(?P<numbers>(?:[+*]\d+)*)")


@dataclass(frozen=True)
class Injected:
    """What goes wrong with one call: a fault of the `wire`, or one of the provider's `own`; `before`: no effect."""

    wire: Fault | None = None
    before: bool = False
    own: str = ""


NOTHING = Injected()


@dataclass
class _Plan:
    """A fault as it was written, with what is left of its counts."""

    injected: Injected
    operation: str
    skip: int
    count: int | None

    def fires(self, operation: str) -> bool:
        if self.operation not in ("", operation) or self.count == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.count is not None:
            self.count -= 1
        return True


class Faults:
    """The faults of one simulator. `own` are the names that its provider makes itself, `operations` those it has.

    Where the operations are known, a fault of another one is refused: it would never happen, and nobody would notice.
    """

    def __init__(self, written: Iterable[str], own: Collection[str] = (), operations: Collection[str] = ()) -> None:
        self._own = frozenset(own)
        self._operations = frozenset(operations)
        self._lock = threading.Lock()
        self._plans: list[_Plan] = []
        self.add(written)

    def add(self, written: Iterable[str]) -> None:
        """Add faults; raises `InputError` for one that is not known or not well written, and then adds none."""
        plans = [self._plan(text) for text in written]
        with self._lock:
            self._plans += plans

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._plans.clear()

    def take(self, operation: str) -> Injected:
        """Return what goes wrong with this call of `operation`: the first fault that applies, or nothing."""
        with self._lock:
            return next((plan.injected for plan in self._plans if plan.fires(operation)), NOTHING)

    def known(self) -> list[str]:
        """Return every name that can be written."""
        wire = [*WIRE_FAULTS, *(BEFORE + name for name in WIRE_FAULTS)]
        return sorted({*wire, *ALIASES, *self._own})

    def _plan(self, text: str) -> _Plan:
        found = _WRITTEN.fullmatch(text.strip())
        if not found or found["name"] not in self.known():
            raise InputError(
                f"There is no fault {text!r}: use NAME@OPERATION+SKIP*COUNT with {', '.join(self.known())}."
            )
        operation = found["operation"] or ""
        if operation and self._operations and operation not in self._operations:
            raise InputError(f"There is no operation {operation!r} to fail: use {', '.join(sorted(self._operations))}.")
        numbers = dict(re.findall(r"([+*])(\d+)", found["numbers"]))
        count = int(numbers["*"]) if "*" in numbers else None
        return _Plan(self._injected(found["name"]), operation, int(numbers.get("+", 0)), count)

    def _injected(self, name: str) -> Injected:
        if name in self._own:
            return Injected(own=name)
        name = ALIASES.get(name, name)
        return Injected(wire=WIRE_FAULTS[name.removeprefix(BEFORE)], before=name.startswith(BEFORE))
