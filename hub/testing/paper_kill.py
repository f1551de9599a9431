"""A process that fetches a file and kills itself, with SIGKILL, at the moment that it is told.

Run as `python -m hub.testing.paper_kill DATABASE RUN FOLDER MOMENT`; the hub's key comes from the environment.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from hub.export.handing import handing, making
from hub.hub import Hub
from hub.process import Process
from hub.testing.clock import FakeClock
from hub.testing.company import NOW
from hub.testing.paper import PROVIDERS

MOMENTS = ("while making", "before the commit", "after the commit", "after the receipt")
"""When it can be killed, in the order in which they come."""


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives that")


def _after(call: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*values: Any, **more: Any) -> NoReturn:  # noqa: ANN401 - whatever the call takes
        call(*values, **more)
        _die()

    return wrapped


def main(database: str, run: str, folder: str, moment: str) -> None:
    """Fetch the file of a run, and die at the moment."""
    dying = {
        "while making": ("hub.filing.make_file", _after(making.make_file)),
        "before the commit": ("hub.filing.hand_over", lambda *_: _die()),
        "after the commit": ("hub.filing.hand_over", _after(handing.hand_over)),
        "after the receipt": ("hub.files.whole.os.replace", _after(os.replace)),
    }
    find = lambda name, allowed=None: PROVIDERS[name]  # noqa: E731 - stands in for `hub.registry.find`
    process = Process(database_url=database, secret_key=os.environ["HUB_SECRET_KEY"])
    with (
        patch("hub.activation.find", find),
        patch("hub.filing.find", find),
        patch(*dying[moment]),
        Hub.open(process, lambda: NOW, FakeClock(NOW)) as hub,
    ):
        hub.fetch("acme", int(run), Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
