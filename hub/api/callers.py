"""Who calls: the key of a request, what it opens, and who is named as having done it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from hub.access import Caller, Scope, caller_of, note_refusal
from hub.errors import InputError
from hub.hub import Hub
from hub.logs import get_logger

BEARER = HTTPBearer(auto_error=False, description="A key of the host platform: `hub api-key new`.")

log = get_logger("hub.api")

NEEDS: dict[Callable[..., object], Scope] = {}
"""The scope that each dependency asks of a key."""


@dataclass(frozen=True)
class Asked:
    """A request that is let in: the hub, the company that it is about (empty for none), and who asks.

    `actor` is for the audit trail; `person` is the host's user as far as one was named, and empty otherwise.
    """

    hub: Hub
    caller: Caller
    company: str
    actor: str
    person: str = ""

    def named(self, by: str = "") -> str:
        """Return the person who does what only a person may. Raises `InputError` where none is named, or two are."""
        name = by.strip() or self.person
        if not name or name == self.caller.name:
            raise InputError("A person does this: name the host's user in `by` or Hub-Actor.")
        if self.person and self.person != name:
            raise InputError("`by` and Hub-Actor name different people: send one of them.")
        return name


def hub_of(request: Request) -> Hub:
    """Return the hub that this process serves."""
    hub: Hub = request.app.state.hub
    return hub


def caller(
    request: Request,
    hub: Annotated[Hub, Depends(hub_of)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> Caller:
    """Return whose key came with the request; 401 without one that opens anything."""
    found = caller_of(hub.store, bearer.credentials) if bearer else None
    if found is None:
        log.warning("refused", status=401, method=request.method, route=route_of(request), key=bearer is not None)
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return found


def route_of(request: Request) -> str:
    """Return the template of a request's address, such as /companies/{company}; empty where there is none."""
    return str(getattr(request.scope.get("route"), "path_format", ""))


Actor = Annotated[
    str, Header(alias="Hub-Actor", max_length=100, description="The host's user who does it.", examples=["Robin"])
]


def _let_in(request: Request, hub: Hub, who: Caller, scope: Scope, company: str, actor: str) -> Asked:
    if not who.may(scope, company):
        log.warning("refused", status=403, method=request.method, route=route_of(request), scope=scope, key=who.key)
        note_refusal(hub.store, who, scope, company)
        raise HTTPException(404 if who.company and who.company != company else 403)
    if company and not _is_there(hub, company):
        raise HTTPException(404)
    person = _text(actor).strip()
    return Asked(hub, who, company, person or who.name, person)


def _is_there(hub: Hub, company: str) -> bool:
    try:
        with hub.store.read(company):
            return True
    except InputError:
        return False


def _text(header: str) -> str:
    """Return a header as text: its letters came as bytes, which most senders mean as UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def of_platform(scope: Scope) -> Callable[..., Asked]:
    """Return a dependency that lets in keys of the whole platform with a scope."""

    def asked(
        request: Request,
        hub: Annotated[Hub, Depends(hub_of)],
        who: Annotated[Caller, Depends(caller)],
        actor: Actor = "",
    ) -> Asked:
        return _let_in(request, hub, who, scope, "", actor)

    NEEDS[asked] = scope
    return asked


def of_company(scope: Scope) -> Callable[..., Asked]:
    """Return a dependency that lets in keys that open a company with a scope."""

    def asked(
        company: Annotated[str, Path(max_length=100, description="The company's id.", examples=["de-linde"])],
        request: Request,
        hub: Annotated[Hub, Depends(hub_of)],
        who: Annotated[Caller, Depends(caller)],
        actor: Actor = "",
    ) -> Asked:
        return _let_in(request, hub, who, scope, company, actor)

    NEEDS[asked] = scope
    return asked


def of_anybody(
    request: Request, hub: Annotated[Hub, Depends(hub_of)], who: Annotated[Caller, Depends(caller)], actor: Actor = ""
) -> Asked:
    """Let in every key that reads, for what belongs to no company and is the same for all."""
    return _let_in(request, hub, who, Scope.READ, who.company, actor)


NEEDS[of_anybody] = Scope.READ

Reads = Annotated[Asked, Depends(of_company(Scope.READ))]
Sets = Annotated[Asked, Depends(of_company(Scope.SETTINGS))]
Staffs = Annotated[Asked, Depends(of_company(Scope.WORKFORCE))]
SendsHours = Annotated[Asked, Depends(of_company(Scope.HOURS))]
Exports = Annotated[Asked, Depends(of_company(Scope.EXPORT))]
Decides = Annotated[Asked, Depends(of_company(Scope.DECISIONS))]
Operates = Annotated[Asked, Depends(of_platform(Scope.SETTINGS))]
Watches = Annotated[Asked, Depends(of_platform(Scope.READ))]
Looks = Annotated[Asked, Depends(of_anybody)]
