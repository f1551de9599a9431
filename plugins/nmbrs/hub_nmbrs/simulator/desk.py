"""The desk where calls are handled: what there is, the switches, and the checks that calls have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hub_nmbrs.simulator.ledger import Ledger
from hub_nmbrs.simulator.people import Person
from hub_nmbrs.simulator.periods import Period, last_number
from hub_nmbrs.simulator.reading import Values
from hub_nmbrs.simulator.refusals import refusal
from hub_nmbrs.simulator.world import Company, World

YEARS_AROUND = 7
"""A period whose year is further than this from the current one does not exist."""


@dataclass(frozen=True)
class Rules:
    """The switches of `NmbrsSimulator`, which describes them."""

    denied: Collection[str] = ()
    invisible: Collection[int] = ()
    declared: Collection[tuple[int, int, int]] = ()
    protected_fault: int = 2011
    unknown_id_fault: int | None = None
    update_makes_new_id: bool = False
    contract_item: str = "EmployeeContractItemGlobal"
    padded_periods: bool = False
    letter_first_periods: bool = False


@dataclass(frozen=True)
class Desk:
    """What every handler works with. Its checks raise `Refusal`."""

    world: World
    ledger: Ledger
    rules: Rules

    def company(self, number: int) -> Company:
        """Return a company that the login may see, else 2004."""
        company = self.world.companies.get(number)
        if company is None or number in self.rules.invisible:
            raise refusal(2004)
        return company

    def person(self, number: int) -> Person:
        """Return an employee that the login may see, else 2003."""
        person = self.world.people.get(number)
        if person is None or self.world.company_of(person).id in self.rules.invisible:
            raise refusal(2003)
        return person

    def period(self, person: Person, values: Values) -> Period:
        """Return the period that is asked for, else 2006: it must fit the period type of the employee's company."""
        company = self.world.company_of(person)
        period = Period(values["Year"], values["Period"])
        near = abs(period.year - self.world.current[company.id].year) <= YEARS_AROUND
        if not near or not 1 <= period.number <= last_number(company.period_type, period.year):
            raise refusal(2006)
        return period

    def may_change(self, person: Person, period: Period, *, unprotected: bool) -> None:
        """Refuse a declared period (2012), and one before the current unless unprotected (2011 or 9999)."""
        company = self.world.company_of(person)
        if (company.id, period.year, period.number) in self.rules.declared:
            raise refusal(2012)
        if period < self.world.current[company.id] and not unprotected:
            raise refusal(self.rules.protected_fault)

    def cost_centre(self, person: Person, number: int | None) -> int | None:
        """Return the id of a cost centre of the employee's company, else 2037; None is none."""
        company = self.world.company_of(person)
        if number is not None and number not in {centre.id for centre in company.cost_centres}:
            raise refusal(2037)
        return number


Handler = Callable[[Desk, Values], Any]
"""Carries a call out and returns its result, as plain values that the table can write."""

Handlers = Mapping[str, Handler]
"""Handlers by the name of the operation, within one service."""
