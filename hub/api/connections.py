"""Connections of a company with providers: try, make, reconnect, test, switch and remove them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from hub.api.callers import Reads, Sets
from hub.api.logins import begun, check_returned
from hub.api.names import ProviderName
from hub.api.shapes import ConnectionShown, Disconnected, Login, NewConnection, Switched, Trial, Tried
from hub.models import Activation, Redirect, Right
from hub.store.companies import Connection

router = APIRouter()
LOGIN: dict[int | str, dict[str, Any]] = {202: {"model": Login, "description": "A person must log in first"}}


def _shown(row: Connection) -> ConnectionShown:
    named = ("provider", "active", "settings", "attention", "kept_by_host", "activated_at")
    rights = tuple(Right.model_validate(each) for each in row.rights)
    return ConnectionShown(**{one: getattr(row, one) for one in named}, rights=rights)


@router.get("/companies/{company}/connections", tags=["connections"])
def list_connections(asked: Reads) -> tuple[ConnectionShown, ...]:
    """List what a company was ever connected with, and what needs somebody's attention."""
    return tuple(map(_shown, asked.hub.connections(asked.company)))


@router.post("/companies/{company}/connections", status_code=201, tags=["connections"], responses=LOGIN)
def connect(new: NewConnection, asked: Sets, response: Response) -> Activation | Login:
    """Switch a provider on, or reconnect it keeping links and history. Nothing is stored unless it accepts.

    Where a person must log in at the provider first, the answer is 202 with the address to go to.
    """
    if new.returned or new.login:
        check_returned(asked, new.provider, new.login, new.returned)
    result = asked.hub.connect(asked.company, new.provider, new.settings, asked.actor, returned=new.returned)
    if isinstance(result, Activation):
        return result
    response.status_code = 202
    response.headers["Cache-Control"] = "no-store"
    return Login(url=result.url, login=begun(asked, new.provider, result))


@router.post("/companies/{company}/connections/test", tags=["connections"])
def try_settings(new: Trial, asked: Sets) -> Tried:
    """Ask a provider whether it accepts settings; nothing is stored."""
    return _tried(asked.hub.try_settings(asked.company, new.provider, new.settings))


@router.get("/companies/{company}/connections/{provider}", tags=["connections"])
def show_connection(provider: ProviderName, asked: Reads) -> ConnectionShown:
    """Show a connection."""
    return _shown(asked.hub.connection(asked.company, provider))


@router.put("/companies/{company}/connections/{provider}", tags=["connections"])
def switch(provider: ProviderName, new: Switched, asked: Sets) -> Switched:
    """Switch a connection off or on; settings, links and history stay."""
    asked.hub.switch(asked.company, provider, new.active, actor=asked.actor)
    return new


@router.delete("/companies/{company}/connections/{provider}", tags=["connections"])
def disconnect(provider: ProviderName, asked: Sets) -> Disconnected:
    """Take a connection away, its secrets and settings with it; what names its exports stays, if there are any."""
    return Disconnected(history=asked.hub.disconnect(asked.company, provider, actor=asked.actor))


@router.post("/companies/{company}/connections/{provider}/test", tags=["connections"])
def test_connection(provider: ProviderName, asked: Sets) -> Tried:
    """Ask the provider whether a connection still works; changes nothing."""
    return _tried(asked.hub.test_connection(asked.company, provider))


def _tried(result: Activation | Redirect) -> Tried:
    if isinstance(result, Activation):
        return Tried(works=True, activation=result)
    return Tried(works=False, needs_login=True)
