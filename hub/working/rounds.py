"""What a worker looks for again and again, besides the jobs that wait: runs, schedules, and messages to send."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from hub.hub import Hub
from hub.jobs.schedule import ask_for_due
from hub.jobs.unfinished import ask_for_unfinished
from hub.logs import get_logger

ROUND_SECONDS = 5.0
"""How often a worker looks for runs that nobody carries out and for what schedules bring."""

DELIVERY_SECONDS = 1.0
"""How often a worker looks for messages that are due."""

_log = get_logger(__name__)


def make_round(hub: Hub) -> None:
    """Ask for the runs that a crash left, and for what schedules bring."""
    now = hub.clock.moment().at
    ask_for_unfinished(hub.store, now)
    ask_for_due(hub.store, now)


def deliver(hub: Hub) -> None:
    """Send the messages that are due to hosts."""
    from hub.events.delivering import deliver_due

    deliver_due(hub.store, hub.process, hub.clock)


def once(name: str, act: Callable[[], None]) -> None:
    """Do something; a failure is logged and is not the end of the worker."""
    try:
        act()
    except DBAPIError:
        _log.warning("database away", task=name)
    except Exception as error:  # noqa: BLE001 - what fails once must not end the worker
        _log.error("task failed", task=name, error=type(error).__name__)


def again_and_again(name: str, act: Callable[[], None], seconds: float, ends: threading.Event) -> threading.Thread:
    """Do something every so many seconds in a thread of its own, until `ends`."""

    def loop() -> None:
        while not ends.is_set():
            once(name, act)
            ends.wait(seconds)

    thread = threading.Thread(target=loop, name=name, daemon=True)
    thread.start()
    return thread
