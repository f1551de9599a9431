"""What whoever watches the process asks: whether it is there, whether its database answers, and its metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import generate_latest
from sqlalchemy import text

from hub.api.callers import Watches
from hub.api.problems import PROBLEMS

router = APIRouter(tags=["watching"])
ALWAYS: dict[int | str, dict[str, Any]] = {code: PROBLEMS[code] for code in (413, 422)}
AS_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "In Prometheus' format"}
}


@router.get("/healthz", responses={**ALWAYS})
def healthy() -> dict[str, str]:
    """Say that the process is there."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: PROBLEMS[503], **ALWAYS})
def ready(request: Request) -> dict[str, str]:
    """Say that the database answers."""
    with request.app.state.hub.store.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return {"status": "ok"}


@router.get("/metrics", response_class=Response, responses={**AS_TEXT, **PROBLEMS})
def metrics(request: Request, _: Watches) -> Response:
    """Give the metrics of this process and of the database, to a key that reads the whole platform."""
    return Response(generate_latest(request.app.state.metrics), media_type="text/plain; version=1.0.0; charset=utf-8")
