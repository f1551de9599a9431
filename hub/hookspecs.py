"""The contract: four hooks. Each takes one frozen request, so that signatures never change and fields do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from hub.models import (
        ActivateRequest,
        Activation,
        ExportRequest,
        Finding,
        Redirect,
        SyncRequest,
        ValidateRequest,
        Workforce,
    )
    from hub.provider import Destination

PROJECT = "payroll_hub"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HubSpecs:
    """The hooks of a provider."""

    @hookspec(firstresult=True)
    def activate(self, request: ActivateRequest) -> Activation | Redirect:
        """Prove that the credentials work and say what they reach.

        Writes nothing at the provider. Raises `AuthError`, `PermissionMissing`, `SettingsError` or `Transient`.
        """
        raise NotImplementedError

    @hookspec(firstresult=True)
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Read all people and contracts of the administrations in use.

        Complete or not at all: half an answer raises. Writes nothing at the provider. BSN and bank accounts are
        dropped on arrival.
        """
        raise NotImplementedError

    @hookspec
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Say what payroll would refuse, before anything is sent.

        Writes nothing; opens no connection unless `request.online`. Also open to plugins that are no provider: a
        house's own rules.
        """
        raise NotImplementedError

    @hookspec(firstresult=True)
    def export_timecards(self, request: ExportRequest) -> Destination:
        """Open the place where the entries of this export go. Sends nothing by itself."""
        raise NotImplementedError
