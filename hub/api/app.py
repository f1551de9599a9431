"""The application: routes, problems, idempotency, and the three pages for whoever watches it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from hub.api import companies, exports, people
from hub.api.idempotency import Idempotency
from hub.api.problems import add_handlers
from hub.hub import Hub

PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"description": name, "content": {"application/problem+json": {"schema": {"type": "object"}}}}
    for code, name in {
        401: "No key, or one that opens nothing",
        403: "The key lacks the scope",
        404: "There is no such thing for this key",
        409: "Somebody must do something first; `who` says who",
        413: "Too large",
        415: "Another type of body",
        422: "The request cannot be taken as it is",
        502: "Payroll's answer is not what was agreed, or is not known",
        503: "Not now; `Retry-After` says when",
    }.items()
}
"""The answers that every operation can give beside its own."""


def make_app(hub: Hub) -> FastAPI:
    """Return the application over a hub; whoever made the hub closes it."""
    app = FastAPI(
        title="payroll-hub",
        version="1",
        summary="People in from payroll, approved hours out to payroll.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.hub = hub
    for module in (companies, people, exports):
        app.include_router(module.router, prefix="/v1", responses=PROBLEMS)
    add_handlers(app)
    app.add_middleware(Idempotency, hub=hub)

    @app.get("/healthz", tags=["watching"])
    def healthy() -> dict[str, str]:
        """Say that the process is there."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["watching"], responses={503: PROBLEMS[503]})
    def ready() -> dict[str, str]:
        """Say that the database answers."""
        with hub.store.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return {"status": "ok"}

    return app
