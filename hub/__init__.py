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
        NotThere,
        PermissionMissing,
        Refused,
        SettingsError,
        Transient,
        UnknownOutcome,
        Unsupported,
    )
    from hub.export.deciding.choices import Choice
    from hub.export.deciding.evidence import DecisionView
    from hub.export.handing.stored import Receipt
    from hub.export.report import PlanView, RunView
    from hub.export.scope import Scope
    from hub.export.settings import ExportSettings
    from hub.files.layout import Layout
    from hub.files.layout_file import read_layout
    from hub.files.provider import FileProvider
    from hub.files.render import LayoutDocument
    from hub.filing import HandedOver
    from hub.hookspecs import hookimpl
    from hub.hub import Hub
    from hub.intake.keep import Kept
    from hub.intake.reading import Reading
    from hub.jobs.kinds import JobView
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
    from hub.workforce import SyncPlan

_HOMES = {
    "hub.administrations": "Booking",
    "hub.export.deciding.choices": "Choice",
    "hub.export.deciding.evidence": "DecisionView",
    "hub.export.handing.stored": "Receipt",
    "hub.export.report": "PlanView RunView",
    "hub.export.scope": "Scope",
    "hub.export.settings": "ExportSettings",
    "hub.files.layout": "Layout",
    "hub.files.layout_file": "read_layout",
    "hub.files.provider": "FileProvider",
    "hub.files.render": "LayoutDocument",
    "hub.filing": "HandedOver",
    "hub.hub": "Hub",
    "hub.intake.keep": "Kept",
    "hub.intake.reading": "Reading",
    "hub.jobs.kinds": "JobView",
    "hub.periods": "Calendar Week53",
    "hub.process": "Process",
    "hub.errors": "AuthError ContractError HubError InputError NotExecuted NotSent NotThere PermissionMissing Refused "
    "SettingsError Transient UnknownOutcome Unsupported",
    "hub.hookspecs": "hookimpl",
    "hub.models": "ActivateRequest Activation Administration Code Contract ContractType CostCentre Department Employee "
    "Entry ExportRequest Finding Kind Pending PeriodType PostedEntry Redirect RenderedFile Right RightState Row "
    "Schedule Severity Slot SyncRequest ValidateRequest Wage WagePeriod Workforce",
    "hub.provider": "Capability Context Document Posting Provider ProviderSettings Putting Replacing Resolving Support "
    "Withdrawing",
    "hub.transport": "Answer Http",
    "hub.workforce": "SyncPlan",
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
    "DecisionView",
    "Department",
    "Document",
    "Employee",
    "Entry",
    "ExportRequest",
    "ExportSettings",
    "FileProvider",
    "Finding",
    "HandedOver",
    "Http",
    "Hub",
    "HubError",
    "InputError",
    "JobView",
    "Kept",
    "Kind",
    "Layout",
    "LayoutDocument",
    "NotExecuted",
    "NotSent",
    "NotThere",
    "Pending",
    "PeriodType",
    "PermissionMissing",
    "PlanView",
    "PostedEntry",
    "Posting",
    "Process",
    "Provider",
    "ProviderSettings",
    "Putting",
    "Reading",
    "Receipt",
    "Redirect",
    "Refused",
    "RenderedFile",
    "Replacing",
    "Resolving",
    "Right",
    "RightState",
    "Row",
    "RunView",
    "Schedule",
    "Scope",
    "SettingsError",
    "Severity",
    "Slot",
    "Support",
    "SyncPlan",
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
