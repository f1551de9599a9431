"""SIGTERM and SIGINT during a run: the calls that are on their way are finished, then the run pauses."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

from hub.export.posting.engine import Engine

STOPPED = "the operator stopped it"

SECONDS = 0.2
"""How often a worker's engine looks whether the worker must end."""

MOVED_ON = "its worker was stopped: another one goes on"


@contextmanager
def stopped_by_signals(engine: Engine) -> Iterator[None]:
    """Let the engine end in good order on a signal; a second Ctrl-C ends the process at once.

    Does nothing outside the main thread, where Python takes no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        engine.stop(STOPPED)
        signal.signal(number, before[number])

    before = {int(number): signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stopped_by(engine: Engine, ends: threading.Event | None) -> AbstractContextManager[None]:
    """Let the engine end in good order when its worker must end; by a signal where no worker says so."""
    return stopped_by_signals(engine) if ends is None else _stopped_by_worker(engine, ends)


@contextmanager
def _stopped_by_worker(engine: Engine, ends: threading.Event) -> Iterator[None]:
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            if ends.wait(SECONDS):
                engine.stop(MOVED_ON)
                over.wait(SECONDS)

    watcher = threading.Thread(target=watch, name="ends with its worker", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
