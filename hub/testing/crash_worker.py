"""Workers to be killed: `python -m hub.testing.crash_worker COMPANY PLAN` makes one for each line of its input.

Each is a process of its own that does what `hub export run PLAN` does, until nothing is in doubt any more. They are
forked from one that has its modules loaded already: thirty workers would else spend most of their lives on that. The
settings of the hub come from the environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from select import select
from typing import IO, Self

from hub import Hub
from hub.errors import HubError

WORKERS = (sys.executable, "-m", "hub.testing.crash_worker")
"""The command that makes workers; the company and the number of the plan come after it."""

KILLED = -signal.SIGKILL
"""The exit code of a worker that was killed."""


def main() -> int:
    """Make workers; of each its process id is printed when it is there, and its exit code when it has ended.

    Its id stays its own until the next line of the input. Returns the exit code of the process: a worker's in a worker.
    """
    company, plan = sys.argv[1:]
    told = _only_for_numbers()
    _warm_up(company)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            return _work(company, int(plan))
        told.write(f"{child}\n")
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        told.write(f"{-ended.si_status if ended and ended.si_code == os.CLD_KILLED else 0}\n")
        sys.stdin.readline()
        os.waitpid(child, 0)
    return 0


def _warm_up(company: str) -> None:
    """Call payroll once, so that all that a worker needs is loaded; nothing stays open."""
    with suppress(HubError), Hub.open() as hub:
        for one in hub.connections(company):
            hub.plan_sync(company, one.provider)


def _only_for_numbers() -> IO[str]:
    """Return standard output, and let everything else that is printed there, such as a log, go nowhere."""
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return told


def _work(company: str, plan: int) -> int:
    """Carry the plan out and return the exit code; a refusal goes to standard error."""
    try:
        with Hub.open() as hub:
            hub.run(company, plan, wait=True)
    except HubError as error:
        sys.stderr.write(f"{error.text}\n")
        return 1
    return 0


class Workers:
    """Workers of one plan, one at a time; none outlives it. A context manager."""

    def __init__(self, command: Sequence[str], settings: Mapping[str, str], said: IO[str]) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        self._maker = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env={**kept, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        if self._maker.stdin is None or self._maker.stdout is None:
            raise RuntimeError("a process without its pipes")
        self._asked, self._answered = self._maker.stdin, self._maker.stdout
        self._worker = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._maker.communicate()

    def start(self) -> None:
        """Start a worker."""
        self._say()
        self._worker = self._told()

    def has_ended(self, seconds: float) -> bool:
        """Tell whether the worker has ended; wait for that at most so many seconds."""
        return bool(select([self._answered], [], [], seconds)[0])

    def end(self) -> int:
        """Kill the worker if it still runs; return its exit code."""
        if not self._worker:
            return 0
        os.kill(self._worker, signal.SIGKILL)
        self._worker = 0
        code = self._told()
        self._say()
        return code

    def _say(self) -> None:
        self._asked.write("\n")
        self._asked.flush()

    def _told(self) -> int:
        """Read a number. Raises `RuntimeError` where the maker of workers itself has ended."""
        line = self._answered.readline()
        if not line:
            raise RuntimeError("there are no workers any more: what makes them has ended")
        return int(line)


if __name__ == "__main__":
    sys.exit(main())
