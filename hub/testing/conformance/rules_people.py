"""Rules about people whose employment is not plain: who left, who came back, and whose dates nobody filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from hub.models import Employee
from hub.testing.conformance.bench import Bench
from hub.testing.conformance.rule import SYNCS, Group, NotApplicable, expect, rule

USUAL = 40
"""So many people work at a remote where those are among them whom its author has in mind."""

EARLIEST = date(1900, 1, 1)
"""What is before it is no date of anybody who works: 1-1-0001 is what some systems write for none."""


@rule(
    "leavers-keep-their-last-day",
    "Hours of the last day are paid, and those of the day after it are a mistake.",
    Group.READING,
    SYNCS,
    after=("sync-is-complete",),
)
def leavers_keep_their_last_day(bench: Bench) -> None:
    """Who left is in the sync, and ends on the last day of work."""
    for one, last in _named(bench, bench.kit.leavers, "leavers"):
        expect(one.ends == last, f"{one.id} worked until {last}, and the sync says {one.ends}")


@rule(
    "rehires-start-anew",
    "Hours between two employments are a mistake, and the old end would shut somebody out who works again.",
    Group.READING,
    SYNCS,
    after=("sync-is-complete",),
)
def rehires_start_anew(bench: Bench) -> None:
    """Who came back starts with the employment of today and does not end, and no contract runs through the gap."""
    for one, start in _named(bench, bench.kit.rehired, "rehired"):
        expect(one.starts == start, f"{one.id} came back on {start}, and the sync says {one.starts}")
        expect(one.ends is None, f"{one.id} came back, and the sync says that this ends on {one.ends}")
        through = [two for two in one.contracts if (two.start or start) < start and (two.end or start) >= start]
        expect(not through, f"{one.id} has a contract from before {start} that goes on after it")


@rule(
    "odd-dates-are-none",
    "One person whose dates nobody filled in must not end the sync of all, nor work since the year 1.",
    Group.READING,
    SYNCS,
    after=("sync-is-complete",),
)
def odd_dates_are_none(bench: Bench) -> None:
    """Whose dates are empty, or no dates, is in the sync without them."""
    for one, _ in _named(bench, dict.fromkeys(bench.kit.undated, EARLIEST), "undated"):
        wrong = [day for day in _dates(one) if day is not None and day < EARLIEST]
        expect(not wrong, f"{one.id} has the date {wrong[0] if wrong else ''}, which is none")


def _named(bench: Bench, ids: Mapping[str, date], attribute: str) -> Iterator[tuple[Employee, date]]:
    """Yield the people with these ids. Raises `NotApplicable` where none is named, `NotConforming` for one amiss."""
    if not ids:
        raise NotApplicable(f"nobody is named whom this is about: give `{attribute}`")
    people = {one.id: one for one in bench.open(bench.remote(employees=USUAL)).workforce.employees}
    for id, day in ids.items():
        expect(id in people, f"{id} is not in the sync")
        yield people[id], day


def _dates(one: Employee) -> Iterator[date | None]:
    yield from (one.starts, one.ends, one.birth_date)
    for contract in one.contracts:
        yield from (contract.start, contract.end)
