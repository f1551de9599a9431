"""Errors over HTTP: problem documents (RFC 9457) that say who must act, in the caller's language.

No input is echoed: an error of the hub quotes none, and of a body that does not fit only the place is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from hub.errors import (
    AuthError,
    ContractError,
    HubError,
    InputError,
    PermissionMissing,
    Refused,
    SettingsError,
    Transient,
    UnknownOutcome,
    Unsupported,
)

STATUS: Mapping[type[HubError], int] = {
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

WHO = {
    "sender": ("The request cannot be taken as it is", "Het verzoek kan zo niet worden aangenomen"),
    "integrator": ("A setting is missing or wrong", "Een instelling ontbreekt of is verkeerd"),
    "company admin": ("The payroll link needs attention", "De salariskoppeling vraagt aandacht"),
    "owner of the data": ("Payroll refused it", "Het salarispakket weigerde het"),
    "nobody": ("Not now", "Nu niet"),
    "operator": ("The operator must look", "De beheerder moet kijken"),
    "provider's author": ("The payroll link is broken", "De salariskoppeling is kapot"),
}
"""Titles in English and Dutch, by who must act."""


def problem(
    request: Request, status: int, who: str, text: str, headers: Mapping[str, str] | None = None, **more: object
) -> JSONResponse:
    """Return a problem document. `detail` is one sentence for a person; `who` must act."""
    dutch = request.headers.get("accept-language", "").lower().startswith("nl")
    body = {
        "type": f"urn:payroll-hub:problem:{who.replace(' ', '-').replace(chr(39), '')}",
        "title": WHO[who][dutch],
        "status": status,
        "detail": text,
        "who": who,
        **more,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type="application/problem+json")


def add_handlers(app: FastAPI) -> None:
    """Let every error become a problem document."""
    app.add_exception_handler(HubError, _of_hub)
    app.add_exception_handler(RequestValidationError, _of_body)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(OperationalError, _of_database)


def _of_hub(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HubError):
        raise error
    status = next((STATUS[one] for one in type(error).__mro__ if one in STATUS), 500)
    after = getattr(error, "retry_after", None)
    headers = {"Retry-After": f"{after:.0f}"} if after else {}
    rows = [{"line": one.line, "reason": one.reason} for one in getattr(error, "errors", ())]
    return problem(request, status, error.who, error.text, headers, **({"rows": rows} if rows else {}))


def _of_body(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    places = [{"at": ".".join(map(str, one["loc"])), "problem": one["type"].replace("_", " ")} for one in found]
    return problem(request, 422, "sender", "The request does not fit: see the fields.", fields=places)


def _of_http(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem(request, status, "sender", f"{HTTPStatus(status).phrase}.", headers)


def _of_database(request: Request, error: Exception) -> JSONResponse:
    return problem(request, 503, "operator", "The database cannot be reached now: try again.", {"Retry-After": "5"})
