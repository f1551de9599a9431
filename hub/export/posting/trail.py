"""What the journal writes beside the entries: the audit trail, and the cards that turn white."""

from __future__ import annotations

from typing import Any

from hub.clock import Clock
from hub.events.kinds import EventKind
from hub.export.posting import statements as sql
from hub.export.states import EntryState
from hub.models import Slot
from hub.store.prepared import CompanyConnection, Found

WORKER = "hub"


def audit(
    connection: CompanyConnection, clock: Clock, action: str, subject: str, detail: dict[str, Any], actor: str = WORKER
) -> None:
    """Write who did what, in the transaction of the change."""
    connection.at_the_end(sql.AUDIT, at=clock.moment().at, actor=actor, action=action, subject=subject, detail=detail)


def tell(connection: CompanyConnection, clock: Clock, kind: EventKind, run: int, detail: dict[str, Any]) -> None:
    """Write an event of a run for whoever wants to hear of it, in the transaction of the change."""
    connection.at_the_end(sql.TELL, at=clock.moment().at, kind=kind, run=run, detail=detail)


STAYS = frozenset({EntryState.REFUSED, EntryState.HELD, EntryState.CHANGED, EntryState.LEFT_OUT})
"""What leaves the cards of an entry as they are, for somebody to solve."""

WAITS = frozenset({EntryState.NEEDS_DECISION, EntryState.DRIFTED})
"""What waits for a person."""


def tell_move(connection: CompanyConnection, clock: Clock, run: int, entry: int, new: EntryState) -> None:
    """Tell of an entry that waits for a person, or of the cards that stay because theirs does not go."""
    if new in WAITS:
        tell(connection, clock, EventKind.DECISION_NEEDED, run, {"entry": entry, "state": new})
    elif new in STAYS:
        for (card,) in connection.run(sql.CARDS_GOING, entry=entry):
            tell(connection, clock, EventKind.TIMECARD_LEFT, run, {"timecard": card, "reason": new})


def turn_white(connection: CompanyConnection, clock: Clock, run: int, card: str, revision: int) -> None:
    """Mark a card as exported at its revision, unless a newer one was exported meanwhile.

    A card that changed meanwhile is not white by that.
    """
    values = {"card": card, "new_revision": revision, "new_by": f"run {run}"}
    if connection.run(sql.TURN_WHITE, **values).rowcount:
        kind = EventKind.TIMECARD_EXPORTED
    elif connection.run(sql.WHITE_AGAIN, **values).rowcount:
        kind = EventKind.TIMECARD_CORRECTED
    else:
        return
    audit(connection, clock, "timecard exported", f"timecard {card}", {"run": run, "revision": revision})
    tell(connection, clock, kind, run, {"timecard": card, "revision": revision})


def turn_green(connection: CompanyConnection, clock: Clock, run: int, card: str) -> None:
    """Mark a card as not exported: payroll holds it no more."""
    if connection.run(sql.TURN_GREEN, card=card).rowcount:
        audit(connection, clock, "timecard no longer exported", f"timecard {card}", {"run": run})
        tell(connection, clock, EventKind.TIMECARD_CORRECTED, run, {"timecard": card, "revision": None})


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
