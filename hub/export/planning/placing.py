"""Where a card's hours go: the contract on the business date decides, the venue gives the cost centre."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from hub.export.planning.payrolls import Payrolls
from hub.intake.shapes import Category, TimecardStatus
from hub.models import ContractType, Employee, Finding
from hub.timecards import AnyCard, Place, hold, left
from hub.workforce import contract_on, in_service


class Assignment(NamedTuple):
    """What the hours at a venue belong to."""

    administration: str
    cost_centre: str | None


@dataclass(frozen=True)
class Placing:
    """Places the cards of one administration; None means that a card belongs to another administration.

    `linked` are the employees of each team member in all administrations of the connection, of which those `inactive`
    are not exported; `host_types` are the contract types that the host gave, used where payroll does not say.
    `payrolls` tells whose the hours are where a company has several; `without_bsn` are team members whom a file that
    needs a BSN cannot name.
    """

    administration: str
    title: str
    linked: Mapping[str, tuple[Employee, ...]]
    host_types: Mapping[str, ContractType | None]
    venues: Mapping[str, Assignment]
    contract_types: Collection[ContractType]
    inactive: Collection[str] = ()
    payrolls: Payrolls = field(default_factory=Payrolls)
    without_bsn: Collection[str] = ()
    _known: dict[tuple[str, str, int], Place] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __call__(self, card: AnyCard) -> Place | Finding | None:
        """Say where the hours of a card go, what keeps them out, or None if they are not this administration's."""
        decided = self._decide(card)
        return None if decided is None else _left_by_status(card) or decided

    def _decide(self, card: AnyCard) -> Place | Finding | None:
        """Remember a place: it serves all cards at that venue, until something changes for the person."""
        era = bisect_right(self._changes.get(card.member, ()), card.date.toordinal())
        known = self._known.get((card.member, card.venue, era))
        if known:
            return known
        decided = self._judge(card)
        if isinstance(decided, Place) and not decided.left:
            self._known[card.member, card.venue, era] = decided
        return decided

    @cached_property
    def _changes(self) -> Mapping[str, list[int]]:
        """The days on which something changes for each team member, in order, counted from the year 1."""
        return {
            member: sorted({*_days_of_change(each), *self.payrolls.days_of_change(member)})
            for member, each in self.linked.items()
        }

    def _judge(self, card: AnyCard) -> Place | Finding | None:
        if card.member not in self.host_types:
            return self._if_here(
                card,
                hold(
                    card,
                    "unknown_member",
                    f"{card.member} is not a team member here",
                    "Send the team members.",
                ),
            )
        ours = self.payrolls(card)
        if isinstance(ours, Finding):
            return self._if_here(card, ours)
        return self._of_employee(card) if ours else None

    def _of_employee(self, card: AnyCard) -> Place | Finding | None:
        employees = self.linked.get(card.member, ())
        if not employees:
            return self._if_here(
                card,
                hold(
                    card,
                    "not_in_payroll",
                    f"{card.member} is no employee in {self.title}",
                    "Add the person in payroll and sync, or settle the link.",
                ),
            )
        employee = self._employer(card, employees)
        if isinstance(employee, Finding):
            return self._if_here(card, employee)
        if employee.administration in self.inactive:
            return self._inactive(card)
        return self._place(card, employee) if employee.administration == self.administration else None

    def _if_here(self, card: AnyCard, finding: Finding) -> Finding | None:
        """Show a finding only in the administration of the card's venue; everywhere if the venue tells nothing."""
        venue = self.venues.get(card.venue)
        return finding if venue is None or venue.administration == self.administration else None

    def _inactive(self, card: AnyCard) -> Finding:
        """Say that an administration which is left alone would have to pay; hold the card where it was worked here."""
        code, text = "administration_inactive", f"{card.member} is employed in an administration that is not in use"
        finding = hold(card, code, text, "Correct the venue, or take the administration in use.")
        return self._if_here(card, finding) or left(card, code, text)

    def _employer(self, card: AnyCard, employees: tuple[Employee, ...]) -> Employee | Finding:
        serving = [one for one in employees if in_service(one, card.date)]
        if not serving:
            return hold(
                card,
                "not_in_service",
                f"{card.member} was not in service on {card.date} according to payroll",
                "Correct the employment in payroll and sync, or the date of the timecard.",
            )
        venue = self.venues.get(card.venue)
        here = [one for one in serving if venue and one.administration == venue.administration]
        chosen = serving if len(serving) == 1 else here
        if len(chosen) == 1:
            return chosen[0]
        return hold(
            card,
            "several_contracts",
            f"{card.member} has several contracts on {card.date}",
            "Give the timecard a venue that is assigned to the administration it belongs to.",
        )

    def _place(self, card: AnyCard, employee: Employee) -> Place | Finding:
        contract = contract_on(employee, card.date)
        kind = (contract.type if contract else None) or self.host_types.get(card.member)
        if employee.contracts and contract is None:
            return hold(
                card,
                "no_contract",
                f"{card.member} has no contract on {card.date}",
                "Add the contract in payroll and sync.",
            )
        if kind is None:
            return hold(
                card,
                "contract_type_unknown",
                f"the contract type of {card.member} is not known",
                "Give it with the team members.",
            )
        if kind not in self.contract_types:
            stays = left(card, "contract_type_not_exported", f"{kind.replace('_', ' ')} is not exported")
            place = self._with_cost_centre(card, employee)
            return replace(place, left=stays) if isinstance(place, Place) else stays
        if card.member in self.without_bsn:
            return hold(
                card,
                "bsn_missing",
                f"{self.title} needs the BSN of {card.member}, and there is none",
                "Send it with the team members.",
            )
        return self._with_cost_centre(card, employee)

    def _with_cost_centre(self, card: AnyCard, employee: Employee) -> Place | Finding:
        venue = self.venues.get(card.venue)
        if self.venues and card.venue and venue is None:
            return hold(
                card,
                "venue_not_assigned",
                f"venue {card.venue} is not assigned to an administration",
                "Assign it.",
            )
        own = venue is not None and venue.administration == employee.administration
        return Place(employee.id, venue.cost_centre if own and venue else None)


def _days_of_change(employees: Iterable[Employee]) -> Iterator[int]:
    """Yield the first days of employments and contracts, and the days after their last ones."""
    for one in employees:
        for start, end in ((one.starts, one.ends), *((each.start, each.end) for each in one.contracts)):
            if start:
                yield start.toordinal()
            if end:
                yield end.toordinal() + 1


def _left_by_status(card: AnyCard) -> Finding | None:
    if card.category is not Category.WORKED:
        return left(card, "not_worked", f"{card.category} is not exported")
    if card.status is not TimecardStatus.APPROVED:
        return left(card, "not_approved", f"{card.status}, not approved")
    return None
