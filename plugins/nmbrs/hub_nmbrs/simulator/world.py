"""The world of the simulator: two companies under one debtor, their codes and cost centres, and who works where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hub_nmbrs.simulator.people import Person, people
from hub_nmbrs.simulator.periods import FOUR_WEEKS, MONTH, Period

EMAIL = "koppeling@example.test"
TOKEN = "5e7a1b2c3d4e4f60918273645546372819aabbcc"  # noqa: S105 - made up, and opens nothing but this simulator
DOMAIN = "hospitality.nmbrs.nl"
SUB_DOMAIN = "hospitality"
DEBTOR = (201, "2001", "Horecagroep De Linde")

HOUR_CODES = (
    (2100, "Gewerkte uren"),
    (2190, "Extra uren 100%"),
    (6050, "Toeslaguren 50%"),
    (6080, "Toeslaguren 100%"),
    (6150, "Overwerk 150%"),
)
HOUR_CODES_2 = ((5564, "Zondagtoeslag 50%"), (2105, "Maaltijden (aantal)"))
WAGE_CODES = ((1000, "Salaris"), (5310, "Reiskosten"))
WAGE_CODES_2 = ((5600, "Bonus"),)
COST_UNITS = ((801, "KS1", "Vast personeel"), (802, "KS2", "Oproepkrachten"))
DEPARTMENTS = ((1101, 10, "Bediening"), (1102, 20, "Keuken"), (1103, 30, "Bar"))
FUNCTIONS = ((1201, 1, "Medewerker bediening"), (1202, 2, "Kok"), (1203, 3, "Barmedewerker"))


@dataclass(frozen=True)
class CostCentre:
    """A cost centre of a company: `id` is what a component takes, `code` what people know it by."""

    id: int
    code: str
    title: str


@dataclass(frozen=True)
class Company:
    """A company with the type of its periods (`M`, `4W` or `1W`) and the period that is current at the start."""

    id: int
    number: int
    name: str
    period_type: str
    current: Period
    cost_centres: tuple[CostCentre, ...] = ()


COMPANIES = (
    Company(
        3101,
        1,
        "Grand Café De Linde B.V.",
        MONTH,
        Period(2026, 10),
        (CostCentre(901, "KP10", "Café"), CostCentre(902, "KP20", "Terras"), CostCentre(903, "KP30", "Keuken")),
    ),
    Company(
        3102,
        2,
        "Strandpaviljoen Zuid B.V.",
        FOUR_WEEKS,
        Period(2026, 11),
        (CostCentre(904, "KP40", "Strand"), CostCentre(905, "KP50", "Bar"), CostCentre(906, "KP60", "Keuken")),
    ),
)
"""The companies that are there unless a simulator is given others."""


class World:
    """Companies and people. People go to the companies in turn: with two, odd numbers to the first."""

    def __init__(self, employees: int, seed: int, companies: Sequence[Company] = COMPANIES) -> None:
        self.companies = {company.id: company for company in companies}
        self.current = {company.id: company.current for company in companies}
        self._order = tuple(companies)
        self.people = {person.id: person for person in people(employees, seed)}

    def company_of(self, person: Person) -> Company:
        """Return the company that a person works for."""
        return self._order[(person.number - 1) % len(self._order)]

    def staff(self, company: Company) -> list[Person]:
        """Return the people of a company, by number."""
        return [person for person in self.people.values() if self.company_of(person) is company]

    def visible(self, hidden: Collection[int]) -> list[Company]:
        """Return the companies but for the hidden ones."""
        return [company for company in self._order if company.id not in hidden]
