"""What sort of payroll a simulated one is, and what can become of a write to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What becomes of one write. Where the effect is late there is no answer, as where one of both is lost."""

    NONE = "none"
    LOST = "lost answer"
    VANISHED = "lost request"
    LATE = "late effect"
    TWICE = "repeated effect"
    REFUSED = "refused"
    NOT_EXECUTED = "not executed"
    NOT_SENT = "not sent"
    FOREIGN = "foreign exception"
    OTHER_ID = "id of another row"


WEIGHTS: Mapping[Fault, int] = {
    Fault.LOST: 6,
    Fault.VANISHED: 5,
    Fault.LATE: 6,
    Fault.TWICE: 3,
    Fault.REFUSED: 2,
    Fault.NOT_EXECUTED: 1,
    Fault.NOT_SENT: 1,
    Fault.FOREIGN: 3,
    Fault.OTHER_ID: 1,
}
"""How often each fault comes where there is trouble."""


@dataclass(frozen=True)
class Nature:
    """What sort of payroll it is.

    `idempotent`: the same key does nothing twice. `later`: it accepts first and answers later. `put`: it writes a slot
    as a whole. `moves`: a changed row gets another id. A reading tells comments and cost centres, or does not.
    `trouble` is the share of writes that go wrong, `latest` how many seconds after its call an effect may come, and
    `lag` for how many seconds a reading may not show a new row.
    """

    idempotent: bool = False
    later: bool = False
    put: bool = False
    moves: bool = False
    tells_comments: bool = False
    tells_centres: bool = True
    trouble: float = 0.4
    latest: tuple[float, float] = (0.5, 40.0)
    lag: float = 5.0
