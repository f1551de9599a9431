"""What was posted: variable hour and wage components, and days worked. Safe for many threads."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from hub_nmbrs.simulator.periods import Period

HOURS, WAGE, DAYS = "hours", "wage", "days"
FIRST_ROW = 500_001
"""The id of the first row of each kind: hours and wage components are numbered apart, so their ids overlap."""

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """A component: `kind` hours or wage, of an employee id in a period. `amount` is in hours or euros."""

    kind: str
    employee: int
    period: Period
    code: int
    amount: Decimal
    cost_centre: int | None = None
    comment: str = ""
    id: int = 0


@dataclass(frozen=True)
class Days:
    """Days worked, with the correction for wage components per day."""

    days: int
    extra: int = 0


class Ledger:
    """Every row, in the order of posting. Use `lock` around a look and the change that depends on it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._rows: dict[tuple[str, int], Row] = {}
        self._next = {HOURS: FIRST_ROW, WAGE: FIRST_ROW}
        self._slots: defaultdict[tuple[str, int, Period], list[int]] = defaultdict(list)
        self._days: dict[tuple[int, Period], Days] = {}

    def insert(self, row: Row) -> int:
        """Add a row, always as a new one, its amount rounded to hundredths; return its id."""
        with self.lock:
            number = self._next[row.kind]
            self._next[row.kind] += 1
            self._rows[row.kind, number] = replace(row, id=number, amount=row.amount.quantize(CENT, ROUND_HALF_UP))
            self._slots[row.kind, row.employee, row.period].append(number)
            return number

    def rows(self, kind: str, employee: int, period: Period) -> list[Row]:
        """Return the rows of one employee and period."""
        with self.lock:
            return [self._rows[kind, number] for number in self._slots.get((kind, employee, period), ())]

    def find(self, kind: str, employee: int, number: int) -> Row | None:
        """Return a row of this employee by its id."""
        row = self._rows.get((kind, number))
        return row if row is not None and row.employee == employee else None

    def overwrite(self, row: Row) -> None:
        """Replace the row that has this row's id."""
        with self.lock:
            self._rows[row.kind, row.id] = replace(row, amount=row.amount.quantize(CENT, ROUND_HALF_UP))

    def delete(self, row: Row) -> None:
        """Take a row away."""
        with self.lock:
            del self._rows[row.kind, row.id]
            self._slots[row.kind, row.employee, row.period].remove(row.id)

    def clear(self, kind: str, employee: int, period: Period) -> None:
        """Take away every row of one employee and period, whoever put it there."""
        with self.lock:
            for row in self.rows(kind, employee, period):
                self.delete(row)

    def days(self, employee: int, period: Period) -> Days:
        """Return the days worked, zero where none were set."""
        return self._days.get((employee, period), Days(0))

    def set_days(self, employee: int, period: Period, days: Days) -> None:
        """Set the days worked; zero stays on record as having been set."""
        with self.lock:
            self._days[employee, period] = days

    def everything(self) -> Iterator[Row]:
        """Yield all rows, and the days as rows with code 0 and id 0."""
        with self.lock:
            rows, days = list(self._rows.values()), list(self._days.items())
        yield from rows
        for (employee, period), worked in days:
            yield Row(DAYS, employee, period, 0, Decimal(worked.days).quantize(CENT))
