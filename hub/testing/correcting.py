"""Short ways to look at corrections: what a plan would change, and the rows that payroll holds."""

from __future__ import annotations

from hub.export.report import PlanView
from hub.models import Kind
from hub.testing.company import Company


def rows(company: Company, kind: Kind = Kind.HOURS) -> list[tuple[str, str, int]]:
    """Return the rows of a kind in payroll: employee, id and hundredths."""
    return [
        (slot.employee, row.id, row.amount)
        for slot, each in company.ledger.rows.items()
        for row in each
        if slot.kind is kind
    ]


def changes(plan: PlanView) -> list[tuple[str, str, str, int]]:
    """Return what a plan would change: employee, code, how, and the difference in hundredths."""
    return [(one.employee, one.code, one.change, one.difference) for one in plan.lines]


def reasons(plan: PlanView) -> dict[str, str]:
    """Return why each timecard stays: the code of its finding."""
    return {one.finding.timecard: one.finding.code for one in (*plan.held, *plan.left)}
