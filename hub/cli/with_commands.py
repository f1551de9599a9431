"""With which command is done what the hub asks for: it says what, for a person anywhere; here it is said with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.export.report import EntryView
    from hub.models import Finding

FINDINGS: Mapping[str, str] = {
    "administration_inactive": "hub administrations activate",
    "bsn_missing": "hub members import",
    "contract_type_unknown": "hub members import",
    "correction_left_out": "hub decisions settle ENTRY --send-again",
    "correction_needed": "hub export settings --corrections",
    "dates_overlap": "hub export copy",
    "days_in_payroll": "hub export plan --days keep, or overwrite",
    "days_not_taken": "hub export plan --only",
    "in_doubt": "hub export show RUN",
    "layout_unverified": "hub layout from-sample",
    "not_in_payroll": "hub link",
    "payroll_not_connected": "hub members import",
    "payroll_unknown": "hub members import",
    "refused_before": "hub export plan --only",
    "unknown_member": "hub members import",
    "unmapped_component": "hub map COMPANY PROVIDER COMPONENT CODE",
    "venue_not_assigned": "hub administrations assign",
}
"""The command for each code of a finding that has one."""

ENTRIES: Mapping[str, str] = {
    "needs decision": "hub decisions show {id}",
    "drifted": "hub decisions show {id}",
    "left out": "hub decisions settle {id} --send-again",
}
"""The command for each state of an entry that waits for a person."""


def of_finding(finding: Finding) -> str:
    """Return what to do about a finding, with the command."""
    return _with(finding.action, FINDINGS.get(finding.code, ""))


def of_entry(entry: EntryView) -> str:
    """Return what to do about an entry, with the command."""
    return _with(entry.action, ENTRIES.get(entry.state, "").format(id=entry.id))


def _with(action: str, command: str) -> str:
    return f"{action.removesuffix('.')}: {command}." if action and command else action
