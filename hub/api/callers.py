"""Who calls: the key of a request, what it opens, and who is named as having done it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import select
from starlette.exceptions import HTTPException

from hub.access import Caller, Scope, caller_of
from hub.hub import Hub
from hub.store.companies import Audit, Company

BEARER = HTTPBearer(auto_error=False, description="A key of the host platform: `hub api-key new`.")


@dataclass(frozen=True)
class Asked:
    """A request that is let in: the hub, the company that it is about (empty for none), and who asks."""

    hub: Hub
    caller: Caller
    company: str
    actor: str


def hub_of(request: Request) -> Hub:
    """Return the hub that this process serves."""
    hub: Hub = request.app.state.hub
    return hub


def caller(
    hub: Annotated[Hub, Depends(hub_of)], bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> Caller:
    """Return whose key came with the request; 401 without one that opens anything."""
    found = caller_of(hub.store, bearer.credentials) if bearer else None
    if found is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return found


Actor = Annotated[str, Header(alias="Hub-Actor", max_length=100, description="The host's user who does it.")]


def _let_in(hub: Hub, who: Caller, scope: Scope, company: str, actor: str) -> Asked:
    if not who.may(scope, company):
        _note_refusal(hub, who, scope, company)
        raise HTTPException(404 if who.company and who.company != company else 403)
    return Asked(hub, who, company, actor.strip() or who.name)


def _note_refusal(hub: Hub, who: Caller, scope: Scope, company: str) -> None:
    """Write a refusal into the trail of the company that was asked for, if there is one."""
    with hub.store.everywhere() as session:
        known = session.exec(select(Company.id).where(Company.id == company)).first()
        if known:
            detail = {"key": who.name, "scope": scope}
            session.add(Audit(company_id=company, actor=who.name, action="refused", subject="api", detail=detail))


def of_platform(scope: Scope) -> Callable[..., Asked]:
    """Return a dependency that lets in keys of the whole platform with a scope."""

    def asked(
        hub: Annotated[Hub, Depends(hub_of)], who: Annotated[Caller, Depends(caller)], actor: Actor = ""
    ) -> Asked:
        return _let_in(hub, who, scope, "", actor)

    return asked


def of_company(scope: Scope) -> Callable[..., Asked]:
    """Return a dependency that lets in keys that open a company with a scope."""

    def asked(
        company: Annotated[str, Path(max_length=100)],
        hub: Annotated[Hub, Depends(hub_of)],
        who: Annotated[Caller, Depends(caller)],
        actor: Actor = "",
    ) -> Asked:
        return _let_in(hub, who, scope, company, actor)

    return asked


Reads = Annotated[Asked, Depends(of_company(Scope.READ))]
Sets = Annotated[Asked, Depends(of_company(Scope.SETTINGS))]
Staffs = Annotated[Asked, Depends(of_company(Scope.WORKFORCE))]
SendsHours = Annotated[Asked, Depends(of_company(Scope.HOURS))]
Exports = Annotated[Asked, Depends(of_company(Scope.EXPORT))]
Decides = Annotated[Asked, Depends(of_company(Scope.DECISIONS))]
