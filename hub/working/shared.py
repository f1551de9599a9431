"""The worker for PostgreSQL: procrastinate brings the jobs to as many machines as there are workers.

The queue only has to bring a job at least once, and one of a connection at a time (`lock`). What a job is, and whether
there is anything left to do, is in our own table: a queue that is lost is filled again from there.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from functools import partial

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from hub.hub import Hub
from hub.jobs.holding import due
from hub.working.doing import do
from hub.working.pools import Pools
from hub.working.queue import OTHERS, TASK, Sender, arguments, queues
from hub.working.rounds import DELIVERY_SECONDS, ROUND_SECONDS, again_and_again, deliver, make_round, once

ROUNDS = "rounds"
"""The queue of what is looked for every few seconds."""

EVERY = f"* * * * * */{ROUND_SECONDS:.0f}"
"""When to look for what nobody was told of: a crontab with seconds at its end."""

BEAT_SECONDS, STALLED_SECONDS = 3.0, 10.0
"""How often a worker says that it is there, and after how long of silence its jobs are others' to do."""

PATIENCE_SECONDS = 1.0
"""How long the queue waits for its own jobs when it stops. They go on in their threads, for which `run` waits."""

LOOK_SECONDS = 0.2


class Shared:
    """Does jobs, `concurrency` of each provider at a time, until `ends` is set."""

    def __init__(self, hub: Hub, concurrency: int, ends: threading.Event) -> None:
        self._hub, self._concurrency, self._ends = hub, concurrency, ends
        self._pools = Pools(concurrency)
        self._sender = Sender(hub)

    def run(self) -> None:
        """Work until somebody says that it is enough; a database that is away for a while is waited for."""
        for name in ("procrastinate", "psycopg.pool"):  # what they say is told in our own words, without an address
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._sender.start()
        webhooks = again_and_again("webhooks", partial(deliver, self._hub), DELIVERY_SECONDS, self._ends)
        try:
            while not self._ends.is_set():
                with suppress(ConnectorException, psycopg.Error, OSError):
                    asyncio.run(self._work())
                self._ends.wait(1.0)
        finally:
            self._ends.set()
            webhooks.join()
            self._pools.shutdown()
            self._sender.stop()

    async def _work(self) -> None:
        named = {**dict.fromkeys(queues(self._hub), self._concurrency), ROUNDS: 1}
        # Each queue keeps a connection to listen on.
        app = App(connector=PsycopgConnector(**arguments(self._hub.store.engine), max_size=2 * len(named) + 2))
        self._add_tasks(app)
        async with app.open_async():
            workers = [asyncio.create_task(_take_from(app, name, places)) for name, places in named.items()]
            while not self._ends.is_set() and not any(one.done() for one in workers):  # noqa: ASYNC110 - a thread sets it
                await asyncio.sleep(LOOK_SECONDS)
            for one in workers:
                one.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def _add_tasks(self, app: App) -> None:
        """Tell procrastinate what to call: for a job, and every few seconds in one of all workers."""
        here = asyncio.get_running_loop()

        async def one(company: str, job: int, provider: str) -> None:
            await here.run_in_executor(self._pools.of(provider), do, self._hub, company, job, self._ends)

        async def look(timestamp: int) -> None:
            for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                await app.job_manager.finish_job_by_id_async(stalled.id or 0, Status.FAILED, delete_job=True)
            await here.run_in_executor(self._pools.of(ROUNDS), once, ROUNDS, self._round)

        app.task(name=TASK, queue=OTHERS)(one)
        app.periodic(cron=EVERY)(app.task(name="look", queue=ROUNDS, queueing_lock="look")(look))

    def _round(self) -> None:
        """Look for what is to be done, and send what the queue does not hold: nobody told it, or its worker died."""
        make_round(self._hub)
        for company, job, provider in due(self._hub.store, self._hub.clock.moment().at):
            self._sender.send(company, job, provider)


async def _take_from(app: App, queue: str, concurrency: int) -> None:
    await app.run_worker_async(
        queues=[queue],
        concurrency=concurrency,
        install_signal_handlers=False,
        update_heartbeat_interval=BEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
        fetch_job_polling_interval=1.0,
        delete_jobs="always",
        shutdown_graceful_timeout=PATIENCE_SECONDS,  # without one, a long job would keep all other queues up
    )
