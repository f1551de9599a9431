"""Errors over HTTP: problem documents (RFC 9457) that say who must act, in the caller's language.

No input is echoed: an error of the hub quotes none, and of a body that does not fit only the place is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from hub.api.words import TITLES, is_dutch, of_status, said
from hub.errors import (
    AuthError,
    ContractError,
    HubError,
    InputError,
    NotThere,
    PermissionMissing,
    Refused,
    SettingsError,
    Transient,
    UnknownOutcome,
    Unsupported,
)
from hub.logs import get_logger
from hub.models import Model

log = get_logger("hub.api")

STATUS: Mapping[type[HubError], int] = {
    NotThere: 404,
    InputError: 422,
    SettingsError: 422,
    AuthError: 409,
    PermissionMissing: 409,
    Refused: 409,
    Unsupported: 409,
    Transient: 503,
    UnknownOutcome: 502,
    ContractError: 502,
}
"""The status of each error; a subclass has that of its class, and any other error of the hub is a 500."""

MEDIA_TYPE = "application/problem+json"


class FieldProblem(Model):
    """What is wrong with one field of a request; `at` is where it stands."""

    at: str
    problem: str


class RowProblem(Model):
    """What is wrong with one row of an upload; `line` counts from 1."""

    line: int
    reason: str


class Problem(Model):
    """What went wrong (RFC 9457). `detail` is one sentence for a person; `who` must act."""

    type: str = Field(examples=["urn:payroll-hub:problem:sender"])
    title: str = Field(examples=["The request cannot be taken as it is"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["There is no plan 7 in company de-linde."])
    who: str = Field(examples=["sender"])
    fields: tuple[FieldProblem, ...] = ()
    rows: tuple[RowProblem, ...] = ()


MEANINGS: Mapping[int, str] = {
    400: "The body cannot be read",
    401: "No key, or one that opens nothing",
    403: "The key lacks the scope",
    404: "There is no such thing for this key",
    405: "The address does not know the method",
    409: "Somebody must do something first; `who` says who",
    413: "Too large",
    415: "Another type of body",
    422: "The request cannot be taken as it is",
    502: "Payroll's answer is not what was agreed, or is not known",
    503: "Not now; `Retry-After` says when",
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {
        "description": meaning,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        **({"headers": {"Retry-After": {"schema": {"type": "string"}}}} if code == 503 else {}),
    }
    for code, meaning in MEANINGS.items()
}
"""The answers that every operation can give beside its own."""


def problem(
    request: Request, status: int, who: str, text: str, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """Return a problem document. `detail` is one sentence for a person; `who` must act."""
    body = {
        "type": f"urn:payroll-hub:problem:{who.replace(' ', '-').replace(chr(39), '')}",
        "title": TITLES[who][is_dutch(request)],
        "status": status,
        "detail": said(request, text),
        "who": who,
        **more,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Let every error become a problem document."""
    app.add_exception_handler(HubError, _of_hub)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(OperationalError, _of_database)
    for kind in (OverflowError, DataError):
        app.add_exception_handler(kind, _of_range)
    app.add_exception_handler(Exception, _of_failure)


def _of_hub(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HubError):
        raise error
    status = next((STATUS[one] for one in type(error).__mro__ if one in STATUS), 500)
    after = getattr(error, "retry_after", None)
    headers = {"Retry-After": f"{after:.0f}"} if after else {}
    rows = [{"line": one.line, "reason": one.reason} for one in getattr(error, "errors", ())]
    return problem(request, status, error.who, error.text, headers, **({"rows": rows} if rows else {}))


def _of_request(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return problem(request, 422, "sender", "The request does not fit: see the fields.", fields=fields_of(found))


def fields_of(found: Sequence[Any]) -> list[dict[str, str]]:
    """Return where something is wrong and of what kind that is, without what stood there.

    A name that the sender chose is left out too: a secret may stand where a name belongs.
    """
    return [{"at": ".".join(map(str, _place(one))), "problem": one["type"].replace("_", " ")} for one in found]


def _place(found: Mapping[str, Any]) -> Sequence[int | str]:
    place: Sequence[int | str] = found["loc"]
    return place[:-1] if found["type"] == "extra_forbidden" else place[:2] if "settings" in place else place


def _of_http(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem(request, status, "sender", of_status(status), headers)


def _of_database(request: Request, error: Exception) -> JSONResponse:
    return problem(request, 503, "operator", "The database cannot be reached now: try again.", {"Retry-After": "5"})


def _of_range(request: Request, error: Exception) -> JSONResponse:
    """Answer where a database has no room for a number or a letter that a request holds."""
    log.info("out of range", kind=type(error).__name__)
    return problem(request, 422, "sender", "A number or text in the request is out of range.")


def _of_failure(request: Request, error: Exception) -> JSONResponse:
    log.error("failed", kind=type(error).__name__)
    return problem(request, 500, "operator", of_status(500))
