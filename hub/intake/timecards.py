"""Reading timecards from a host's file. The format, for a host's developer: docs/timecards.md."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from functools import lru_cache
from pathlib import Path

from hub.durations import business_date
from hub.intake.cells import Cells
from hub.intake.reading import Sieve
from hub.intake.rows import Columns, Reading, Row, read_rows
from hub.intake.shapes import (
    COMPONENT,
    DAY_MINUTES,
    LARGEST_REVISION,
    UNITS,
    Category,
    ComponentAmount,
    Deletion,
    Timecard,
    TimecardStatus,
    Unit,
)

__all__ = [
    "Category",
    "ComponentAmount",
    "Deletion",
    "Timecard",
    "TimecardStatus",
    "Unit",
    "read_timecards",
    "sift_timecards",
]

MOST_MEALS = 99
"""The most meals on one timecard."""

# Remarks and names are not taken in: they can hold anything about anybody.
_COLUMNS = Columns(
    required=("id", "member", "start", "end", "status"),
    optional=("revision", "venue", "date", "break_minutes", "category", "meals", "deleted"),
    ignored=("remarks", "name"),
    groups={"surcharges": "surcharge", "allowances": "allowance"},
    dynamic=COMPONENT,
)
_FIXED = {*_COLUMNS.required, *_COLUMNS.optional} - {"meals"}


def read_timecards(path: str | Path, *, new_day: time = time(5), strict: bool = False) -> Reading[Timecard | Deletion]:
    """Read timecards and deletions from a CSV or JSON-lines file.

    A card without a business date gets that of its start; the business day begins at `new_day`, local time. Raises
    `InputError` if the file as a whole cannot be read, and with `strict` also (`WrongRows`) if any row is wrong.
    """
    sieve = sift_timecards(path, new_day=new_day, strict=strict)
    return Reading(list(sieve), sieve.errors)


def sift_timecards(path: str | Path, *, new_day: time = time(5), strict: bool = False) -> Sieve[Timecard | Deletion]:
    """Read the same one by one, for a file that is too large to hold; raises the same, but only while it is read."""
    return Sieve(read_rows(Path(path), _COLUMNS), lambda row: _card(row, new_day), lambda card: card.id, strict)


def _card(row: Row, new_day: time) -> Timecard | Deletion:
    cells = row.cells
    revision = cells.whole("revision", 1, 1, LARGEST_REVISION)
    if cells.flag("deleted"):
        return Deletion(id=cells.needed("id"), revision=revision)
    start = cells.moment("start")
    return Timecard(
        id=cells.needed("id"),
        revision=revision,
        member=cells.needed("member"),
        venue=cells.text("venue"),
        date=cells.day("date") or business_date(start, new_day),
        start=start,
        end=cells.moment("end"),
        break_minutes=cells.whole("break_minutes", 0, 0, DAY_MINUTES),
        status=cells.choice("status", TimecardStatus),
        category=cells.choice("category", Category, Category.WORKED),
        amounts=tuple(_amounts(cells)),
    )


def _amounts(cells: Cells) -> Iterator[ComponentAmount]:
    """Yield the amounts of a card; an amount of nothing is left out."""
    for column in cells.values:
        if column in _FIXED or not COMPONENT.fullmatch(column):
            continue
        unit = UNITS[column.partition(":")[0]]
        amount = _amount(cells, column, unit)
        if amount:
            yield _component(column, unit, amount)


@lru_cache(maxsize=10_000)
def _component(column: str, unit: Unit, amount: int) -> ComponentAmount:
    """Remember what many cards share: an hour of Sunday, a meal."""
    return ComponentAmount(component=column, unit=unit, amount=amount)


def _amount(cells: Cells, column: str, unit: Unit) -> int:
    if unit is Unit.CENTS:
        return cells.cents(column)
    return cells.whole(column, 0, 0, DAY_MINUTES if unit is Unit.MINUTES else MOST_MEALS)
