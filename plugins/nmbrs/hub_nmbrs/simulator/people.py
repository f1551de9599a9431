"""The people of the simulator: made up from a seed, most of them plain, ten in every forty irregular by a fixed rule.

Number n has id 50000 + n. The place of n in its forty decides: 1 to 30 plain; 31 and 32 share an e-mail address; 33
has none; 34 left; 35 came back; 36 has its contract twice; 37 starts later; 38 has no contract; 39 has unset dates; 40
works 24 hours. Every eighth has a fixed contract, the others zero hours.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hub_nmbrs.simulator.names import Name, draw

FIRST_ID = 50000
ROUND = 40
TEST_BSNS = ("123456782", "111222333", "012345672")
"""The published test numbers; no other BSN is ever made."""

LEFT = date(2026, 10, 12)
LEFT_BEFORE = date(2026, 3, 31)
BACK = date(2026, 6, 1)
STARTS_LATER = date(2026, 10, 19)
RAISE = date(2026, 7, 1)
LATEST_START = date(2025, 1, 1)


@dataclass(frozen=True)
class Term:
    """A contract or an employment: from `start` to its last day, `hours` a week. A start of None is nil."""

    id: int
    start: date | None
    end: date | None = None
    hours: Decimal = Decimal(0)
    created: date | None = None


@dataclass(frozen=True)
class Person:
    """An employee. `wages` are (from, amount): per hour, or per month for those with fixed hours."""

    number: int
    name: Name
    male: bool
    birthday: date
    email: str
    hours: Decimal
    wages: tuple[tuple[date, Decimal], ...]
    employments: tuple[Term, ...]
    contracts: tuple[Term, ...]
    dates_unset: bool = False

    @property
    def id(self) -> int:
        """The employee id."""
        return FIRST_ID + self.number

    @property
    def bsn(self) -> str:
        """A published test number, shared with many others."""
        return TEST_BSNS[self.number % len(TEST_BSNS)]


def people(count: int, seed: int) -> Iterator[Person]:
    """Yield persons 1 to `count`; the same seed gives the same person n, whatever the count."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need to be the same each time, not unguessable
    before: Person | None = None
    for number in range(1, count + 1):
        person = _plain(number, chance)
        rule = _RULES.get((number - 1) % ROUND + 1)
        if rule:
            person = rule(person)
        if before is not None and (number - 1) % ROUND + 1 == 32:
            person = replace(person, email=before.email)
        yield person
        before = person


def _plain(number: int, chance: random.Random) -> Person:
    name = draw(chance)
    start = date(chance.randint(2019, 2024), chance.randint(1, 12), 1)
    hours = Decimal(38 if number % 8 == 0 else 0)
    wage = Decimal(chance.randint(2400, 3400)) if hours else Decimal(chance.randint(1440, 2200)) / 100
    return Person(
        number=number,
        name=name,
        male=chance.random() < 0.5,
        birthday=date(1970, 1, 1) + timedelta(days=chance.randint(0, 38 * 365)),
        email=name.address(number),
        hours=hours,
        wages=_wages(start, wage, raised=number % 4 == 0),
        employments=(Term(70000 + number, start, created=start),),
        contracts=(Term(60000 + number, start, hours=hours, created=start),),
    )


def _wages(start: date, wage: Decimal, *, raised: bool) -> tuple[tuple[date, Decimal], ...]:
    first = (start, wage.quantize(Decimal("0.01")))
    return (first, (RAISE, (wage * Decimal("1.04")).quantize(Decimal("0.01")))) if raised else (first,)


def _without_address(person: Person) -> Person:
    return replace(person, email="")


def _left(person: Person) -> Person:
    return replace(
        person,
        employments=tuple(replace(term, end=LEFT) for term in person.employments),
        contracts=tuple(replace(term, end=LEFT) for term in person.contracts),
    )


def _came_back(person: Person) -> Person:
    def twice(term: Term) -> tuple[Term, Term]:
        first = replace(term, end=LEFT_BEFORE)
        return first, replace(term, id=term.id + 100_000, start=BACK, created=BACK)

    return replace(person, employments=twice(person.employments[0]), contracts=twice(person.contracts[0]))


def _contract_twice(person: Person) -> Person:
    """Give the contract an older record with the same id and other hours: the newer one counts."""
    newer = replace(person.contracts[0], created=LATEST_START)
    return replace(person, contracts=(replace(newer, created=newer.start, hours=Decimal(12)), newer))


def _starts_later(person: Person) -> Person:
    return replace(
        person,
        wages=((STARTS_LATER, person.wages[0][1]),),
        employments=tuple(replace(term, start=STARTS_LATER, created=BACK) for term in person.employments),
        contracts=tuple(replace(term, start=STARTS_LATER, created=BACK) for term in person.contracts),
    )


def _without_contract(person: Person) -> Person:
    return replace(person, contracts=())


def _dates_unset(person: Person) -> Person:
    contracts = tuple(replace(term, start=None, created=None) for term in person.contracts)
    return replace(person, contracts=contracts, dates_unset=True)


def _part_time(person: Person) -> Person:
    hours = Decimal(24)
    return replace(person, hours=hours, contracts=tuple(replace(term, hours=hours) for term in person.contracts))


_RULES: Mapping[int, Callable[[Person], Person]] = {
    33: _without_address,
    34: _left,
    35: _came_back,
    36: _contract_twice,
    37: _starts_later,
    38: _without_contract,
    39: _dates_unset,
    40: _part_time,
}
