"""Visma Nmbrs as a provider: what it is, what it can do, and the four hooks.

Importing this module imports neither zeep nor lxml: each hook loads what it needs when it is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from hub import (
    ActivateRequest,
    Activation,
    Capability,
    ExportRequest,
    Finding,
    Posting,
    Provider,
    Right,
    Support,
    SyncRequest,
    ValidateRequest,
    Workforce,
    hookimpl,
)
from hub_nmbrs.rights import needed_rights
from hub_nmbrs.settings import HOSTS, NmbrsSettings

if TYPE_CHECKING:
    from hub_nmbrs.soap import Soap


class NmbrsProvider(Provider):
    """Nmbrs over SOAP v3. One instance serves one login."""

    name = "nmbrs"
    title = "Visma Nmbrs"
    api = 1
    hosts = HOSTS
    rights: ClassVar[tuple[Right, ...]] = needed_rights()
    Settings = NmbrsSettings
    week53 = "in_13"  # Nmbrs help centre: week 53 falls in period 13
    calls_per_second = 150  # fair use: Nmbrs support article 360013384371
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        Capability.SYNC_WORKFORCE: Support.FULL,
        Capability.READ_BACK: Support.FULL,
        Capability.POST_HOURS: Support.FULL,
        Capability.POST_WAGE: Support.FULL,
        Capability.POST_DAYS: Support.FULL,
        Capability.REPLACE_HOURS: Support.FULL,
        Capability.REPLACE_WAGE: Support.NO,  # Nmbrs has no call for it: a row is withdrawn and posted anew
        Capability.REPLACE_DAYS: Support.NO,  # posting sets the number, so setting it again is the correction
        Capability.WITHDRAW_HOURS: Support.FULL,
        Capability.WITHDRAW_WAGE: Support.FULL,
        Capability.WITHDRAW_DAYS: Support.NO,  # there is no row to take away: no days are the number 0, which is set
    }

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Prove the login and say what it reaches. Nothing is written: rights to write are tried for nobody."""
        from hub_nmbrs.activation import activate

        return activate(self._soap, self.settings.domain, request)

    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Read all people and contracts, six calls for each administration."""
        from hub_nmbrs.people import sync_workforce

        return sync_workforce(self._soap, request)

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Say what Nmbrs would refuse. Never opens a connection."""
        from hub_nmbrs.validation import validate

        return validate(request)

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Posting:
        """Open the place where entries go: one call for each entry that is added, set, changed or taken away."""
        from hub_nmbrs.posting import NmbrsPosting

        return NmbrsPosting(self._soap)

    @cached_property
    def _soap(self) -> Soap:
        from hub_nmbrs.soap import Soap

        return Soap(self.http, self.settings)
