"""What a worker looks for again and again, besides the jobs that wait: runs, schedules, and messages to send."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

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
    """Ask for the runs that a crash left, and for what schedules bring; one that fails keeps not the other from it."""
    now = hub.clock.moment().at
    once("unfinished runs", lambda: ask_for_unfinished(hub.store, now))
    once("schedules", lambda: ask_for_due(hub.store, now))


def deliver(hub: Hub) -> None:
    """Send the messages that are due to hosts."""
    from hub.events.delivering import deliver_due

    deliver_due(hub.store, hub.process, hub.clock)


def once(name: str, act: Callable[[], object]) -> None:
    """Do something; a failure is logged, without the values in it, and is not the end of the worker."""
    try:
        act()
    except (OperationalError, InterfaceError):
        _log.warning("database away", task=name)
    except DBAPIError as error:  # it is there, and will refuse the same again until somebody mends it
        _log.error("database refused", task=name, error=type(error).__name__, cause=type(error.orig).__name__)
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
