"""What can be told of a provider by reading it: nothing of it is called, nobody is connected and nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub.conformance_results import FILE, counts, read_results
from hub.errors import ContractError
from hub.provider import Capability, Provider, ProviderSettings
from hub.registry import Installed

Facts = dict[str, Any]
"""Facts that JSON can hold."""


def describe(found: Sequence[Installed], conformance: Path | None = None) -> Facts:
    """Return what is known of a provider: `found` are all claims on its name, `conformance` the results of its tests.

    Of one that cannot run only what its metadata tells. Raises `InputError` for a file that cannot be read, and as
    `schema_of`.
    """
    one = found[0]
    return {
        "name": one.name,
        "distribution": ", ".join(claim.distribution for claim in found),
        "version": ", ".join(claim.version for claim in found),
        "status": str(one.status),
        "reason": one.reason,
        **(_told_by(one.provider) if one.provider else {}),
        "conformance": results_of(one.name, conformance),
    }


def _told_by(provider: type[Provider]) -> Facts:
    return {
        "title": provider.title,
        "api": provider.api,
        "capabilities": {str(one): str(provider.support(one)) for one in Capability},
        "settings": settings_of(provider),
        "rights": [one.model_dump(mode="json", exclude={"state"}) for one in provider.rights],
        "hosts": list(provider.hosts),
        "calls_per_second": provider.calls_per_second,
        "concurrency": provider.concurrency,
        "settle_seconds": provider.settle_seconds,
        "week53": provider.week53,
        "contract_types": [str(one) for one in provider.contract_types],
        "needs_bsn": provider.needs_bsn,
        "layout": provider.layout and provider.layout.model_dump(include={"name", "version", "status"}),
    }


def settings_of(provider: type[Provider]) -> list[Facts]:
    """Return each setting with its texts in every language that it has, whether it must be given and is secret."""
    schema = schema_of(provider)
    return [
        {
            "name": name,
            "title": told.get("title", ""),
            "description": told.get("description", ""),
            "nl": told.get("nl", {}),
            "required": name in schema.get("required", ()),
            "secret": _is_secret(told),
            "default": told.get("default"),
        }
        for name, told in schema.get("properties", {}).items()
    ]


def schema_of(provider: type[Provider]) -> Facts:
    """Return the JSON Schema of the settings, from which a host makes its form; a secret has `writeOnly`.

    What the base class says of itself is no word on a provider without settings of its own, and is left out.
    Raises `ContractError` for settings that have none.
    """
    try:
        schema = provider.Settings.model_json_schema()
        return {k: v for k, v in schema.items() if k != "description" or provider.Settings is not ProviderSettings}
    except Exception as error:  # noqa: BLE001 - a plugin's own types may do anything
        text = f"The settings of {provider.name} have no JSON Schema: its author must mend them."
        failure = ContractError(text, detail=type(error).__name__)
    raise failure


def _is_secret(told: Facts) -> bool:
    """Tell whether a setting is typed as a secret, also where it may be left out."""
    return bool(told.get("writeOnly")) or any(map(_is_secret, told.get("anyOf", ())))


def results_of(provider: str, file: Path | None) -> list[Facts]:
    """Return what came of the rules for a provider in a file, by default `conformance.json` where this runs, if any."""
    if file is None and not Path(FILE).is_file():
        return []
    found = read_results([file or Path(FILE)])
    return [
        {"version": cell.version, "python": cell.python, "hub": cell.hub, "database": cell.database, **counts(outcomes)}
        for cell, outcomes in found.items()
        if cell.provider == provider
    ]
