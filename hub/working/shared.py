"""The worker for PostgreSQL: procrastinate brings the jobs to as many machines as there are workers.

The queue only has to bring a job at least once, and one of a connection at a time (`lock`). What a job is, and whether
there is anything left to do, is in our own table: a queue that is lost is filled again from there.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector, __version__
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg import sql
from sqlalchemy.engine import Engine

from hub.hub import Hub
from hub.jobs.holding import due
from hub.working.doing import do
from hub.working.rounds import DELIVERY_SECONDS, ROUND_SECONDS, again_and_again, deliver, make_round, once

SCHEMA = "payroll_hub_queue_" + "_".join(__version__.split(".")[:2])
"""Where the queue's own tables are: apart from ours, and anew for a version with other tables."""

JOBS, ROUNDS = "jobs", "rounds"

BEAT_SECONDS, STALLED_SECONDS = 3.0, 10.0
"""How often a worker says that it is there, and after how long of silence its jobs are others' to do."""

TASK = "do"

EVERY = f"* * * * * */{ROUND_SECONDS:.0f}"
"""When to look for what nobody was told of: a crontab with seconds at its end."""

LOOK_SECONDS = 0.2

_QUEUE_LOCK = 7061797


def _arguments(engine: Engine) -> dict[str, Any]:
    """Return what a connection to the database of the queue takes."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"conninfo": address, "kwargs": {"options": f"-c search_path={SCHEMA}"}}


def make_queue(engine: Engine) -> None:
    """Make the tables of the queue where they are missing; many processes may do so at once."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_QUEUE_LOCK])
        if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA]).fetchone():
            return
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(SCHEMA)))
        app = App(connector=SyncPsycopgConnector())
        connection.execute(app.schema_manager.get_schema())


class Sender:
    """Brings jobs that this process's hub is asked for to the workers at once; they would find them by themselves."""

    def __init__(self, hub: Hub) -> None:
        make_queue(hub.store.engine)
        self.app = App(connector=SyncPsycopgConnector(**_arguments(hub.store.engine), min_size=1, max_size=2))
        self._hub = hub

    def start(self) -> None:
        """Begin to hear of jobs."""
        self.app.open()
        self._hub.asked = self._asked

    def stop(self) -> None:
        """Close the connections to the queue."""
        self.app.close()

    def _asked(self, company: str, job: int, provider: str) -> None:
        with suppress(ConnectorException):  # the queue is away: a worker finds the job by itself
            send(self.app, company, job, provider)


def send(app: App, company: str, job: int, provider: str) -> None:
    """Put a job into the queue, unless it waits there already."""
    lock = f"{company}/{provider or job}"
    with suppress(AlreadyEnqueued):
        app.configure_task(TASK, queue=JOBS, lock=lock, queueing_lock=f"{company}/{job}").defer(
            company=company, job=job
        )


class Shared:
    """Does jobs, `concurrency` at a time, until SIGTERM, SIGINT or `stop`."""

    def __init__(self, hub: Hub, concurrency: int) -> None:
        make_queue(hub.store.engine)
        self._hub, self._concurrency = hub, concurrency
        self._pool = ThreadPoolExecutor(concurrency + 1, thread_name_prefix="job")
        self._ends = threading.Event()
        self._sender = Sender(hub)

    def run(self) -> None:
        """Work until somebody says that it is enough; a database that is away for a while is waited for."""
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
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
            self._pool.shutdown()
            self._sender.stop()

    def stop(self) -> None:
        """Let every job end in good order."""
        self._ends.set()

    async def _work(self) -> None:
        app = App(connector=PsycopgConnector(**_arguments(self._hub.store.engine)))
        self._add_tasks(app)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, self._ends.set)
        async with app.open_async():
            workers = [
                asyncio.create_task(self._take_from(app, JOBS, self._concurrency)),
                asyncio.create_task(self._take_from(app, ROUNDS, 1)),
            ]
            while not self._ends.is_set() and not any(one.done() for one in workers):  # noqa: ASYNC110 - a thread sets it
                await asyncio.sleep(LOOK_SECONDS)
            for one in workers:
                one.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _take_from(self, app: App, queue: str, concurrency: int) -> None:
        await app.run_worker_async(
            queues=[queue],
            concurrency=concurrency,
            install_signal_handlers=False,
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            fetch_job_polling_interval=1.0,
            delete_jobs="always",
        )

    def _add_tasks(self, app: App) -> None:
        """Tell procrastinate what to call: for a job, and every few seconds in one of all workers."""
        pool, here = self._pool, asyncio.get_running_loop()

        async def one(company: str, job: int) -> None:
            await here.run_in_executor(pool, do, self._hub, company, job, self._ends)

        async def look(timestamp: int) -> None:
            for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                await app.job_manager.finish_job_by_id_async(stalled.id or 0, Status.FAILED, delete_job=True)
            await here.run_in_executor(pool, once, "rounds", self._round)

        app.task(name=TASK, queue=JOBS)(one)
        app.periodic(cron=EVERY)(app.task(name="look", queue=ROUNDS, queueing_lock="look")(look))

    def _round(self) -> None:
        """Look for what is to be done, and send what the queue does not hold: nobody told it, or its worker died."""
        make_round(self._hub)
        for company, job, provider in due(self._hub.store, self._hub.clock.moment().at):
            send(self._sender.app, company, job, provider)
