"""A clerk who works by hand in a simulated payroll: types rows, also equal ones, changes some and deletes some."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hub.testing.simulated_payroll import Row, SimulatedPayroll


@dataclass(frozen=True)
class Usual:
    """What is usually booked in a slot: a code, an amount in hundredths, a cost centre; `sets` where it has no id."""

    place: str
    code: str
    amount: int
    centre: str | None
    sets: bool


@dataclass(frozen=True)
class Clerk:
    """A clerk who books what is usual there, or something else."""

    payroll: SimulatedPayroll
    random: Random
    usual: list[Usual]

    def act(self) -> None:
        """Do one thing, at any time and whatever the hub is doing."""
        self.payroll.arrive()
        self.payroll.counts["by hand"] += 1
        rows = [row for row in self.payroll.history if row.gone_at is None]
        what = self.random.random()
        if what < 0.5 or not rows:
            self._type(self.random.choice(self.usual))
        elif what < 0.75:
            self._end(self.random.choice(rows))
        else:
            self._edit(self.random.choice(rows))

    def _type(self, usual: Usual) -> None:
        amount = usual.amount if self.random.random() < 0.6 else self.random.choice([300, 700])
        if usual.sets:
            for row in [row for row in self.payroll.held(usual.place) if row.code == usual.code]:
                self._end(row)
        row_id = "" if usual.sets else self.payroll.next_id()
        self._add(Row(row_id, usual.place, usual.code, amount, usual.centre, "", 0, 0, 0))

    def _edit(self, row: Row) -> None:
        self._end(row)
        amount = row.amount + self.random.choice([-100, 100])
        self._add(Row(row.id, row.place, row.code, amount, row.centre, "", 0, 0, 0))

    def _add(self, row: Row) -> None:
        row.at = row.shown_at = row.called_at = self.payroll.clock.ticks
        self.payroll.history.append(row)

    def _end(self, row: Row) -> None:
        self.payroll.end(row, "clerk")
