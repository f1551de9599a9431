"""The OpenAPI document: what every operation takes and answers, its problems among it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

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
    "audit": "Who did what.",
    "watching": "For whoever watches the process.",
}
"""The groups of operations."""

_REF = "#/components/schemas/{model}"


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation for generated clients: its module and its function."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}_{route.name}"


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app)
    return app.openapi_schema


def _made(app: FastAPI) -> dict[str, Any]:
    known = [{"name": name, "description": text} for name, text in TAGS.items()]
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes, tags=known, servers=[{"url": "/"}]
    )
    _, problems = models_json_schema([(Problem, "serialization")], ref_template=_REF)
    document["components"]["schemas"].update(problems["$defs"])
    return document
