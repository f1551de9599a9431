"""Steps in threads: some at a time, what one raises stops the others, and one that hangs holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from hub.export.posting.threads import HANGS, in_threads
from hub.export.posting.worker import Worker


@dataclass
class Doing:
    """A step that does something."""

    make: Callable[[], None]


@dataclass
class Stub(Worker):
    """A worker of which only the stopping and the length of calls matter; `hanging` threads do not come back."""

    hanging: set[int] = field(default_factory=set)

    def seconds_in_call(self, thread: int | None) -> float:
        """Return that a hanging thread has been at it for ever."""
        return 1e9 if thread in self.hanging else 0.0


@pytest.fixture
def worker() -> Stub:
    return Stub(*[None] * 8)  # type: ignore[arg-type]  # what it would talk to is not asked


def test_all_steps_are_done(worker: Stub) -> None:
    """More of them than threads."""
    done: list[int] = []
    in_threads(worker, [Doing(lambda number=number: done.append(number)) for number in range(20)], 3, 1.0)  # type: ignore[misc]
    assert sorted(done) == list(range(20))


def test_no_more_than_so_many_at_a_time(worker: Stub) -> None:
    """Three threads wait for each other: with fewer none would get through, with four the barrier would break."""
    together = threading.Barrier(3)
    names: set[str] = set()

    def step() -> None:
        together.wait(20)
        names.add(threading.current_thread().name)

    in_threads(worker, [Doing(step)] * 9, 3, 1.0)
    assert names == {"slot 0", "slot 1", "slot 2"}


def test_what_one_raises_comes_out_and_stops_the_rest(worker: Stub) -> None:
    """Steps that had not begun stay undone."""
    done: list[int] = []

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_threads(worker, [Doing(fail), Doing(lambda: done.append(1))], 1, 1.0)
    assert (done, worker.stopped) == ([], "the hub failed: ZeroDivisionError")


def test_a_step_that_hangs_holds_nobody_up(worker: Stub) -> None:
    """The others end in good order, and the run stops with the reason."""
    over = threading.Event()
    done: list[int] = []

    def hang() -> None:
        worker.hanging.add(threading.get_ident())
        over.wait(60)

    in_threads(worker, [Doing(hang), Doing(lambda: done.append(1))], 2, 180.0)
    assert (done, worker.stopped) == ([1], HANGS)
    over.set()
