"""The application: routes, problems, idempotency, limits and metrics."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from hub.api import (
    companies,
    connections,
    decisions,
    exports,
    files,
    hours,
    jobs,
    keeping,
    people,
    providers,
    settings,
    telling,
    watching,
)
from hub.api.describing import describe, operation_id
from hub.api.idempotency import Idempotency
from hub.api.limits import Limits
from hub.api.metrics import Requests, registry_of
from hub.api.problems import PROBLEMS, add_handlers
from hub.hub import Hub

ROUTERS = (
    *(companies, providers, connections, settings, keeping, people, hours),
    *(exports, decisions, files, jobs, telling),
)
"""The modules with the operations, in the order in which they are looked through: what is held on a team member comes
before the team member, whose id may hold a `/`."""


def make_app(hub: Hub) -> FastAPI:
    """Return the application over a hub; whoever made the hub closes it."""
    app = FastAPI(
        title="payroll-hub",
        version="1",
        summary="People in from payroll, approved hours out to payroll.",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
    )
    app.state.hub = hub
    app.state.metrics = registry_of(hub)
    for module in ROUTERS:
        app.include_router(module.router, prefix="/v1", responses=PROBLEMS)
    app.include_router(watching.router)
    app.openapi = partial(describe, app, [*(one.router for one in ROUTERS), watching.router])  # type: ignore[method-assign]  # the way that FastAPI documents
    add_handlers(app)
    app.add_middleware(Idempotency, hub=hub)
    app.add_middleware(Limits)
    app.add_middleware(Requests, registry=app.state.metrics)
    return app
