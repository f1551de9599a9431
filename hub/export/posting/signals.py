"""SIGTERM and SIGINT during a run: the calls that are on their way are finished, then the run pauses."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from hub.export.posting.engine import Engine

STOPPED = "the operator stopped it"


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
