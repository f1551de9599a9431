"""payroll-hub: people in from payroll, approved hours out to payroll, nobody paid twice or forgotten.

The names below are the public ones. They load on first use, so that a command that needs no database, no HTTP and
no provider pays for none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.administrations import Booking
    from hub.errors import (
        AuthError,
        ContractError,
        HubError,
        InputError,
        NotExecuted,
        NotSent,
        PermissionMissing,
        Refused,
        SettingsError,
        Transient,
        UnknownOutcome,
        Unsupported,
    )
    from hub.export.deciding.choices import Choice
    from hub.export.scope import Scope
    from hub.export.settings import ExportSettings
    from hub.files.layout import Layout
    from hub.files.layout_file import read_layout
    from hub.files.provider import FileProvider
    from hub.files.render import LayoutDocument
    from hub.hookspecs import hookimpl
    from hub.hub import Hub
    from hub.models import (
        ActivateRequest,
        Activation,
        Administration,
        Code,
        Contract,
        ContractType,
        CostCentre,
        Department,
        Employee,
        Entry,
        ExportRequest,
        Finding,
        Kind,
        Pending,
        PeriodType,
        PostedEntry,
        Redirect,
        RenderedFile,
        Right,
        RightState,
        Row,
        Schedule,
        Severity,
        Slot,
        SyncRequest,
        ValidateRequest,
        Wage,
        WagePeriod,
        Workforce,
    )
    from hub.periods import Calendar, Week53
    from hub.process import Process
    from hub.provider import (
        Capability,
        Context,
        Document,
        Posting,
        Provider,
        ProviderSettings,
        Putting,
        Replacing,
        Resolving,
        Support,
        Withdrawing,
    )
    from hub.transport import Answer, Http

_HOMES = {
    "hub.administrations": "Booking",
    "hub.export.deciding.choices": "Choice",
    "hub.export.scope": "Scope",
    "hub.export.settings": "ExportSettings",
    "hub.files.layout": "Layout",
    "hub.files.layout_file": "read_layout",
    "hub.files.provider": "FileProvider",
    "hub.files.render": "LayoutDocument",
    "hub.hub": "Hub",
    "hub.periods": "Calendar Week53",
    "hub.process": "Process",
    "hub.errors": "AuthError ContractError HubError InputError NotExecuted NotSent PermissionMissing Refused "
    "SettingsError Transient UnknownOutcome Unsupported",
    "hub.hookspecs": "hookimpl",
    "hub.models": "ActivateRequest Activation Administration Code Contract ContractType CostCentre Department Employee "
    "Entry ExportRequest Finding Kind Pending PeriodType PostedEntry Redirect RenderedFile Right RightState Row "
    "Schedule Severity Slot SyncRequest ValidateRequest Wage WagePeriod Workforce",
    "hub.provider": "Capability Context Document Posting Provider ProviderSettings Putting Replacing Resolving Support "
    "Withdrawing",
    "hub.transport": "Answer Http",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "ActivateRequest",
    "Activation",
    "Administration",
    "Answer",
    "AuthError",
    "Booking",
    "Calendar",
    "Capability",
    "Choice",
    "Code",
    "Context",
    "Contract",
    "ContractError",
    "ContractType",
    "CostCentre",
    "Department",
    "Document",
    "Employee",
    "Entry",
    "ExportRequest",
    "ExportSettings",
    "FileProvider",
    "Finding",
    "Http",
    "Hub",
    "HubError",
    "InputError",
    "Kind",
    "Layout",
    "LayoutDocument",
    "NotExecuted",
    "NotSent",
    "Pending",
    "PeriodType",
    "PermissionMissing",
    "PostedEntry",
    "Posting",
    "Process",
    "Provider",
    "ProviderSettings",
    "Putting",
    "Redirect",
    "Refused",
    "RenderedFile",
    "Replacing",
    "Resolving",
    "Right",
    "RightState",
    "Row",
    "Schedule",
    "Scope",
    "SettingsError",
    "Severity",
    "Slot",
    "Support",
    "SyncRequest",
    "Transient",
    "UnknownOutcome",
    "Unsupported",
    "ValidateRequest",
    "Wage",
    "WagePeriod",
    "Week53",
    "Withdrawing",
    "Workforce",
    "hookimpl",
    "read_layout",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'hub' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
