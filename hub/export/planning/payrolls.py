"""Which payroll runs the hours of a team member on a business date: the contract on that date decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import col

from hub.intake.contracts import HostContract
from hub.intake.keep_contracts import held_contracts
from hub.models import Contract, Employee, Finding
from hub.provider import Capability, Provider, Support
from hub.store.companies import Connection as ConnectionRow
from hub.store.people import Employee as EmployeeRow
from hub.store.session import CompanySession
from hub.timecards import AnyCard, hold
from hub.workforce import in_service

IMPORT = "Give the contracts with their payroll, as team members are sent."


@dataclass(frozen=True)
class Payrolls:
    """Says whose the hours of a card are, so that no hour ever goes to two payrolls.

    `contracts` are those that the host gives, per team member. `connected` are the providers that the company has
    switched on. `elsewhere` are the employees of each team member in the others; `tells_people` says whether this
    provider tells who works there.
    """

    provider: str = ""
    tells_people: bool = True
    connected: Collection[str] = ()
    contracts: Mapping[str, tuple[HostContract, ...]] = field(default_factory=dict)
    elsewhere: Mapping[str, tuple[Employee, ...]] = field(default_factory=dict)

    def __call__(self, card: AnyCard) -> Finding | bool:
        """Return whether the hours of a card belong to this provider, or what keeps that from being known."""
        if card.member in self.contracts:
            return self._by_contract(card)
        if self.tells_people or len(self.connected) <= 1:
            return True
        if any(in_service(one, card.date) for one in self.elsewhere.get(card.member, ())):
            return False
        return hold(card, "payroll_unknown", f"nobody says which payroll {card.member} is in", IMPORT)

    def _by_contract(self, card: AnyCard) -> Finding | bool:
        contract = next((one for one in self.contracts[card.member] if _in_force(one, card.date)), None)
        if contract is None:
            return hold(card, "no_contract", f"{card.member} has no contract on {card.date}", IMPORT)
        if contract.payroll not in {*self.connected, self.provider}:
            text = (
                f"the contract of {card.member} on {card.date} is run by {contract.payroll}, which is not switched on"
            )
            return hold(card, "payroll_not_connected", text, f"Switch it on, or correct the contract. {IMPORT}")
        return contract.payroll == self.provider

    def employee(self, member: str, administration: str) -> Employee:
        """Return the team member as an employee, for a provider that does not tell its people."""
        own = (one for one in self.contracts.get(member, ()) if one.payroll == self.provider)
        contracts = (Contract(id=f"{one.start}", start=one.start, end=one.end, type=one.contract_type) for one in own)
        return Employee(id=member, administration=administration, contracts=tuple(contracts))

    def days_of_change(self, member: str) -> Iterator[int]:
        """Yield the days on which the answer can become another for a team member, counted from the year 1."""
        for contract in self.contracts.get(member, ()):
            yield from _first_days(contract.start, contract.end)
        for employee in self.elsewhere.get(member, ()):
            yield from _first_days(employee.starts, employee.ends)


def _in_force(contract: HostContract, day: date) -> bool:
    return contract.start <= day <= (contract.end or date.max)


def _first_days(start: date | None, end: date | None) -> Iterator[int]:
    """Yield the first day, and the day after the last one."""
    if start:
        yield start.toordinal()
    if end:
        yield end.toordinal() + 1


def load_payrolls(session: CompanySession, provider: type[Provider]) -> Payrolls:
    """Read what is known of who runs whose payroll."""
    connected = [one.provider for one in session.all(ConnectionRow) if one.active]
    elsewhere: dict[str, list[Employee]] = defaultdict(list)
    linked = col(EmployeeRow.member).is_not(None), col(EmployeeRow.provider).in_(connected)
    tells = provider.support(Capability.SYNC_WORKFORCE) in (Support.FULL, Support.EMULATED)
    if not tells and len(connected) > 1:
        for row in session.all(EmployeeRow, *linked, EmployeeRow.provider != provider.name):
            elsewhere[row.member or ""].append(Employee.model_validate(row.body))
    return Payrolls(
        provider=provider.name,
        tells_people=tells,
        connected=connected,
        contracts=held_contracts(session),
        elsewhere={member: tuple(each) for member, each in elsewhere.items()},
    )
