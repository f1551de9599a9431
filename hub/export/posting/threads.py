"""Steps in threads of which one may hang for ever: the others end in good order, and nobody waits for that one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from typing import Protocol

from hub.export.posting.worker import Worker

DEADLINE = 180.0
"""After how many seconds a call is given up. The transport ends a call long before; a plugin may hang elsewhere."""

POLL = 0.5
HANGS = "the provider's plugin does not come back from a call: its author must mend it"


class Step(Protocol):
    """Something to do in one slot."""

    def make(self) -> None:
        """Do it. Raises `Overtaken`."""


def in_threads(worker: Worker, steps: Sequence[Step], number: int, deadline: float) -> None:
    """Do all steps, `number` at a time, unless the run stops. Raises what the first of them raised, in the end."""
    waiting: queue.SimpleQueue[Step] = queue.SimpleQueue()
    for step in steps:
        waiting.put(step)
    errors: list[BaseException] = []
    threads = [
        threading.Thread(target=_work, args=(worker, waiting, errors), name=f"slot {place}", daemon=True)
        for place in range(min(number, len(steps)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            if worker.seconds_in_call(thread.ident) > deadline:
                worker.stop(HANGS)
                break
            thread.join(POLL)
    if errors:
        raise errors[0]


def _work(worker: Worker, waiting: queue.SimpleQueue[Step], errors: list[BaseException]) -> None:
    """Do one step after the other; what goes wrong in one thread stops the others."""
    while not worker.stopped:
        try:
            step = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            step.make()
        except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that waits
            errors.append(error)
            worker.stop(f"the hub failed: {type(error).__name__}")
