"""The worker for SQLite: threads of this process do the jobs that wait in the table."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

from hub.hub import Hub
from hub.jobs.holding import due
from hub.working.doing import do
from hub.working.pools import Pools
from hub.working.rounds import DELIVERY_SECONDS, ROUND_SECONDS, again_and_again, deliver, make_round

LOOK_SECONDS = 0.5
"""How often it looks for jobs that nobody told it of."""

Place = tuple[str, str, int]
"""The company and provider of a job, and its number where it belongs to no provider: there is one job at a time."""


class Alone:
    """Does jobs, `concurrency` of each provider at a time, from `start` until `stop`.

    Several processes may do so on one database.
    """

    def __init__(self, hub: Hub, concurrency: int) -> None:
        self._hub = hub
        self._concurrency = concurrency
        self._pools = Pools(concurrency)
        self._ends = threading.Event()
        self._woken = threading.Event()
        self._at_work: set[Place] = set()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin, and hear at once of what this process's own hub is asked for."""
        self._hub.asked = self._asked
        hub, ends = self._hub, self._ends
        self._threads = [
            again_and_again("rounds", partial(make_round, hub), ROUND_SECONDS, ends),
            again_and_again("webhooks", partial(deliver, hub), DELIVERY_SECONDS, ends),
            again_and_again("jobs", self._look, 0.0, ends),
        ]

    def stop(self) -> None:
        """Let every job end in good order, and wait for that."""
        self._ends.set()
        self._woken.set()
        for thread in self._threads:
            thread.join()
        self._pools.shutdown()

    def _asked(self, _company: str, _job: int, _provider: str) -> None:
        self._woken.set()

    def _look(self) -> None:
        """Begin what is due and free; then wait until somebody asks or some time has passed."""
        self._woken.clear()
        try:
            self._begin()
        finally:  # a database that is away is not asked again at once
            self._woken.wait(LOOK_SECONDS)

    def _begin(self) -> None:
        taken = Counter(provider for _, provider, _ in tuple(self._at_work))
        for company, number, provider in due(self._hub.store, self._hub.clock.moment().at):
            place = (company, provider, 0 if provider else number)
            if taken[provider] < self._concurrency and place not in self._at_work:
                taken[provider] += 1
                self._at_work.add(place)
                self._pools.of(provider).submit(self._do, company, number, place)

    def _do(self, company: str, number: int, place: Place) -> None:
        done = False
        try:
            done = do(self._hub, company, number, self._ends)
        finally:
            self._at_work.discard(place)
            if done:  # where another process has the connection, looking again at once finds the same
                self._woken.set()
