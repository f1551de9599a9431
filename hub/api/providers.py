"""The installed providers: what each can do, needs and reaches, and the form of its settings in Dutch or English."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException

from hub.api.callers import Looks
from hub.api.names import ProviderName
from hub.api.shapes import ProviderShown
from hub.api.words import is_dutch
from hub.describing import schema_of
from hub.provider import Capability, Provider
from hub.registry import Installed

router = APIRouter()


@router.get("/providers", tags=["providers"])
def list_providers(request: Request, asked: Looks) -> tuple[ProviderShown, ...]:
    """List the installed providers, with the JSON Schema of the settings of each."""
    return tuple(_shown(one, dutch=is_dutch(request)) for one in asked.hub.providers())


@router.get("/providers/{provider}", tags=["providers"])
def show_provider(request: Request, provider: ProviderName, asked: Looks) -> ProviderShown:
    """Show a provider."""
    for one in asked.hub.providers():
        if one.name == provider:
            return _shown(one, dutch=is_dutch(request))
    raise HTTPException(404)


def _shown(one: Installed, *, dutch: bool) -> ProviderShown:
    told = (
        _told(one.provider, dutch=dutch) if one.provider else {"title": "", "capabilities": {}, "settings_schema": {}}
    )
    return ProviderShown(name=one.name, version=one.version, status=one.status, reason=one.reason, **told)


def _told(provider: type[Provider], *, dutch: bool) -> dict[str, Any]:
    return {
        "title": provider.title,
        "capabilities": {str(one): str(provider.support(one)) for one in Capability},
        "settings_schema": in_language(schema_of(provider), dutch=dutch),
        "rights": provider.rights,
        "hosts": provider.hosts,
        "needs_bsn": provider.needs_bsn,
        "takes_file": provider.layout is not None,
    }


def in_language(schema: dict[str, Any], *, dutch: bool) -> dict[str, Any]:
    """Return a JSON Schema with the texts of one language; what is told in English only stays so."""
    fields = {name: _field(told, dutch=dutch) for name, told in schema.get("properties", {}).items()}
    return {**schema, "properties": fields} if fields else schema


def _field(told: dict[str, Any], *, dutch: bool) -> dict[str, Any]:
    plain = {name: value for name, value in told.items() if name != "nl"}
    return {**plain, **told.get("nl", {})} if dutch else plain
