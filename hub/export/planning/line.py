"""One key of a plan: what payroll should hold in the end, and what would be sent for it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from hub.export.states import Change
from hub.models import Kind, Model, WagePeriod
from hub.timecards import Contribution, Key


def _checked(given: Any, check: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401 - what a plan was stored as
    """Check contributions that come from a stored plan; those that the hub just worked out need none."""
    return given if set(map(type, given)) <= {Contribution} else check(given)


_CONTRIBUTIONS = {"contributions"}

Contributions = Annotated[tuple[Contribution, ...], WrapValidator(_checked)]


class Line(Model):
    """One thing that a plan would send, or the fact that nothing is to be sent for a key. Amounts in hundredths.

    `target` is what the key comes to in the end, `before` what will have been confirmed of it when this line is sent,
    and `amount` what is sent: the amount to add or to set, or what becomes of the row of the entry `replaces`, which
    holds `old` now. `payroll` is what payroll holds under this code, ours and foreign; None where it was not read.
    `period` is where it is booked, if that is another wage period than the plan's. `corrects` tells that something
    exported no longer fits.
    """

    employee: str
    kind: Kind
    code: str
    cost_centre: str | None = None
    target: int
    before: int = 0
    amount: int
    sets: bool = False
    payroll: int | None = None
    contributions: Contributions = ()
    change: Change = Change.POST
    replaces: int | None = None
    old: int = 0
    period: WagePeriod | None = None
    corrects: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the line for a column of JSON; the contributions stay tuples."""
        return {**self.model_dump(mode="json", exclude=_CONTRIBUTIONS), "contributions": self.contributions}

    @property
    def key(self) -> Key:
        """The key of the line."""
        return Key(self.employee, self.kind, self.code, self.cost_centre)

    @property
    def state(self) -> str:
        """`already` where nothing is to be sent, `new` where we sent nothing yet, else `changed` or `correction`."""
        if self.change is Change.POST and not self.difference:
            return "already"
        if self.corrects:
            return "correction"
        return "changed" if self.before else "new"

    @property
    def difference(self) -> int:
        """What it changes in payroll."""
        if self.change in (Change.REPLACE, Change.WITHDRAW):
            return self.amount - self.old
        return self.amount - self.before if self.sets else self.amount
