"""What the journal writes beside the entries: the audit trail, and the cards that turn white."""

from __future__ import annotations

from typing import Any

from hub.clock import Clock
from hub.export.posting import statements as sql
from hub.models import Slot
from hub.store.prepared import CompanyConnection, Found

WORKER = "hub"


def audit(
    connection: CompanyConnection, clock: Clock, action: str, subject: str, detail: dict[str, Any], actor: str = WORKER
) -> None:
    """Write who did what, in the transaction of the change."""
    connection.at_the_end(sql.AUDIT, at=clock.moment().at, actor=actor, action=action, subject=subject, detail=detail)


def turn_white(connection: CompanyConnection, clock: Clock, run: int, card: str, revision: int) -> None:
    """Mark a card as exported at its revision, unless a newer one was exported meanwhile.

    A card that changed meanwhile is not white by that.
    """
    changed = connection.run(sql.TURN_WHITE, card=card, new_revision=revision, new_by=f"run {run}").rowcount
    if changed:
        audit(connection, clock, "timecard exported", f"timecard {card}", {"run": run, "revision": revision})


def turn_green(connection: CompanyConnection, clock: Clock, run: int, card: str) -> None:
    """Mark a card as not exported: payroll holds it no more."""
    if connection.run(sql.TURN_GREEN, card=card).rowcount:
        audit(connection, clock, "timecard no longer exported", f"timecard {card}", {"run": run})


def one_row(result: Found) -> None:
    """Raise `RuntimeError` unless a statement changed exactly one row: the state was not what it was held to be."""
    if result.rowcount != 1:
        raise RuntimeError("an entry or attempt was changed by somebody else while it was held")


def slot_of(provider: str, slot: Slot) -> dict[str, Any]:
    """Return what names a slot in the tables."""
    return {
        "provider": provider,
        "administration": slot.administration,
        "year": slot.period.year,
        "number": slot.period.number,
        "employee": slot.employee,
        "kind": slot.kind,
    }
