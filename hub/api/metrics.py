"""What a monitor reads, in Prometheus' format: requests as they come, and the state of things as they are at a scrape.

No label holds a company, a person or an id: a route is its template, and what the database holds is counted over all.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client import Counter as Total
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.callers import route_of
from hub.export.states import EntryState, Outcome, RunState, run_state
from hub.hub import Hub
from hub.store.events import Delivery, Endpoint
from hub.store.exports import Attempt, Entry, Run
from hub.store.jobs import Job
from hub.store.rows_apart import of_all

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

OPEN = (
    EntryState.PLANNED,
    EntryState.READY,
    EntryState.HANDED_OVER,
    EntryState.SENDING,
    EntryState.PENDING,
    EntryState.IN_DOUBT,
    EntryState.NEEDS_DECISION,
    EntryState.DRIFTED,
)
"""The states of entries about which something still happens; a run without any counts as done."""


class Requests:
    """Wraps an application and counts what it answers."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        self.total = Total(
            "hub_http_requests", "Requests that were answered.", ("route", "method", "status"), registry=registry
        )
        self.seconds = Histogram(
            "hub_http_request_seconds", "How long answers took.", ("route", "method"), registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on and count its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = route_of(Request(scope)) or "none"
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.total.labels(route, method, str(status)).inc()
            self.seconds.labels(route, method).observe(time.perf_counter() - began)


class Standing(Collector):
    """Counts what the database holds, over all companies, whenever it is scraped."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand, so that registering it asks no database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield each metric as it stands now."""
        now = self.hub.clock.moment().at.astimezone(UTC)
        with Session(of_all(self.hub.store.engine)) as session:
            yield _family("hub_runs", "Runs by state; `done` also in part.", "state", _runs(session))
            yield _gauge("hub_oldest_doubt_seconds", "Age of the oldest call of unknown outcome.", _doubt(session, now))
            jobs = dict(session.exec(select(Job.state, func.count()).group_by(col(Job.state))).all())
            yield _family("hub_jobs", "Jobs by state.", "state", jobs)
            yield _gauge("hub_deliveries_due", "Messages to hosts that are due.", _due(session, now))
            yield _gauge("hub_deliveries_failing", "Messages that failed and will be tried again.", _failing(session))
            off = select(func.count()).select_from(Endpoint).where(Endpoint.off != "")
            yield _gauge("hub_endpoints_off", "Addresses of hosts that are switched off.", session.exec(off).one())


def _gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)


def _family(name: str, help_: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, help_, labels=[label])
    for word, value in sorted(values.items()):
        family.add_metric([word], value)
    return family


def _runs(session: Session) -> dict[str, int]:
    """Count the runs by state. Only entries about which something still happens are looked at."""
    states: dict[tuple[str, int], set[EntryState]] = defaultdict(set)
    rows = select(Entry.company_id, Entry.run, Entry.state).where(col(Entry.state).in_(OPEN)).distinct()
    for company, run, state in session.exec(rows):
        states[company, run].add(EntryState(state))
    paused = set(session.exec(select(Run.company_id, Run.id).where(Run.paused != "")).all())
    counts = Counter(str(run_state(found, which in paused)) for which, found in states.items())
    total = session.exec(select(func.count()).select_from(Run)).one()
    return {**dict.fromkeys(map(str, RunState), 0), **counts, str(RunState.DONE): total - len(states)}


def _doubt(session: Session, now: datetime) -> float:
    unknown = select(func.min(Attempt.started_at)).where(col(Attempt.outcome).in_((Outcome.UNKNOWN, Outcome.PENDING)))
    found = session.exec(unknown).one()
    if found is None:
        return 0.0
    return max(0.0, (now - found.replace(tzinfo=found.tzinfo or UTC)).total_seconds())


def _due(session: Session, now: datetime) -> int:
    waiting = select(func.count()).select_from(Delivery).where(col(Delivery.arrived_at).is_(None))
    return session.exec(waiting.where(col(Delivery.due_at) <= now)).one()


def _failing(session: Session) -> int:
    waiting = select(func.count()).select_from(Delivery).where(col(Delivery.arrived_at).is_(None))
    return session.exec(waiting.where(Delivery.tries > 0, col(Delivery.due_at).is_not(None))).one()


def registry_of(hub: Hub) -> CollectorRegistry:
    """Return a registry of this application's own, which knows the database of its hub."""
    registry = CollectorRegistry()
    registry.register(Standing(hub))
    return registry
