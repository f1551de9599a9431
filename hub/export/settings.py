"""What a connection exports, by default: a setting of the company, kept with the connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from hub.activation import connection_row
from hub.errors import InputError
from hub.models import ContractType, Model
from hub.store.session import CompanySession
from hub.timecards import GROUPS

Corrections = Literal["replace", "delta", "manual"]


class ExportSettings(Model):
    """What goes out and how.

    `contract_types`: zero hours only, unless the company says otherwise: sending the worked hours of people on salary
    pays them twice. `groups` are the components that go out. `corrections` says what becomes of a timecard that
    changes after it was exported: `replace` its row while the wage period is open, `delta` sends the difference,
    `manual` leaves it to a person. `settle_seconds` is how long after a lost answer its effect may still come; None is
    what the provider says.
    """

    contract_types: tuple[ContractType, ...] = Field(default=(ContractType.ZERO_HOURS,), min_length=1)
    groups: tuple[str, ...] = GROUPS
    corrections: Corrections = "replace"
    settle_seconds: float | None = Field(default=None, gt=0, le=86_400)

    @field_validator("groups")
    @classmethod
    def _known(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        if not groups or not set(groups) <= set(GROUPS):
            raise ValueError(f"choose the components that go out from {', '.join(GROUPS)}")
        return groups


def export_settings(session: CompanySession, provider: str) -> ExportSettings:
    """Return what a connection exports; the defaults where nothing was chosen. Raises `InputError` without one."""
    row = connection_row(session, provider)
    return ExportSettings.model_validate(row.export)


def keep_export_settings(session: CompanySession, provider: str, settings: ExportSettings, actor: str) -> None:
    """Choose what a connection exports. Raises `InputError` without a connection."""
    row = connection_row(session, provider)
    row.export = settings.model_dump(mode="json", exclude_defaults=True)
    session.add(row)
    session.audit(actor, "export settings", provider, **row.export)


def change_export_settings(
    session: CompanySession, provider: str, changes: Mapping[str, object], actor: str
) -> ExportSettings:
    """Change some settings of what a connection exports, by their names, and return them all.

    Raises `InputError` without a connection, or where a setting cannot be so.
    """
    now = export_settings(session, provider).model_dump(mode="json")
    try:
        settings = ExportSettings.model_validate({**now, **changes})
    except ValidationError as error:
        raise InputError(f"The export settings cannot be so. {_said(error)}.") from None
    keep_export_settings(session, provider, settings, actor)
    return settings


def _said(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name, text = str(first["loc"][0]), first["msg"].removeprefix("Value error, ")
    return f"{name}: {text[:1].lower()}{text[1:]}"
