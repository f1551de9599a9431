"""The OpenAPI document: what every operation takes and answers, its problems among it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from hub.access import Scope
from hub.api.callers import NEEDS
from hub.api.idempotency import LONGEST
from hub.api.problems import Problem

TAGS = {
    "companies": "The tenants of the host platform.",
    "providers": "Payroll software that can be connected, and the form of its settings.",
    "connections": "A company's connections with payroll.",
    "settings": "What a connection needs to know.",
    "people": "Team members, and the employees that they are in payroll.",
    "hours": "Timecards.",
    "exports": "Validations, plans, releases and runs.",
    "decisions": "What only a named person can settle.",
    "files": "Files for payroll, with their receipts and layouts.",
    "jobs": "Long work: how far it is, and what came of it.",
    "webhooks": "Where events go, and what did not arrive there.",
    "notifications": "What the people of a company want to know, and how they are told.",
    "keeping": "How long data are kept, what is held, and the end of a company.",
    "audit": "Who did what.",
    "watching": "For whoever watches the process.",
}
"""The groups of operations."""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and request is done once, and answered the same again.",
    "schema": {"type": "string", "maxLength": LONGEST},
    "example": "6f1c2b7e-plan-2026-10",
}
"""What every POST takes; it is read before any operation: see `hub.api.idempotency`."""

_REF = "#/components/schemas/{model}"


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation for generated clients: its module and its function."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}_{route.name}"


def describe(app: FastAPI, routers: Sequence[APIRouter]) -> dict[str, Any]:
    """Return the document, made once; `routers` are those of the application, with all its operations."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app)
        _tell_more(app.openapi_schema, _needed(routers))
    return app.openapi_schema


def _needed(routers: Sequence[APIRouter]) -> dict[str, Scope]:
    """Return the scope that each operation asks of a key, by the name of the operation; none of one without a key."""
    routes = [route for one in routers for route in one.routes if isinstance(route, APIRoute)]
    return {operation_id(route): scope for route in routes for scope in _scopes(route.dependant)}


def _scopes(dependant: Dependant) -> Iterator[Scope]:
    for one in dependant.dependencies:
        if one.call and one.call in NEEDS:
            yield NEEDS[one.call]


def _tell_more(document: dict[str, Any], needed: dict[str, Scope]) -> None:
    """Say of each operation which scope it needs, and of each POST that it takes an Idempotency-Key."""
    for methods in document["paths"].values():
        for method, told in methods.items():
            if told["operationId"] in needed:
                told["x-scope"] = str(needed[told["operationId"]])
            if method == "post":
                told.setdefault("parameters", []).append(IDEMPOTENCY_KEY)


def _made(app: FastAPI) -> dict[str, Any]:
    known = [{"name": name, "description": text} for name, text in TAGS.items()]
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=known, servers=[{"url": "/"}]
    )
    _, problems = models_json_schema([(Problem, "serialization")], ref_template=_REF)
    document["components"]["schemas"].update(problems["$defs"])
    return document
