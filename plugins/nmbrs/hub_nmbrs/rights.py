"""The rights that the link needs at Nmbrs, and how each is tried without changing anything.

Every call is a right of its own, ticked by the accountant in the API user template. A call is tried for a company or
an employee that cannot exist (id -1): 1002 says that the right is missing, "no such company" or "no such employee"
says that the call itself was let through.

Importing this module imports neither zeep nor lxml: the provider tells its rights before anybody connects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from hub import (
    Capability,
    ContractError,
    Entry,
    Kind,
    NotSent,
    PeriodType,
    Right,
    RightState,
    Slot,
    UnknownOutcome,
    WagePeriod,
)
from hub_nmbrs import operations as call
from hub_nmbrs.faults import CALL_NOT_TICKED, NO_SUCH_COMPANY, NO_SUCH_EMPLOYEE
from hub_nmbrs.operations import Operation, for_company

if TYPE_CHECKING:
    from hub_nmbrs.soap import Arguments, Soap

NOBODY = -1
"""The id of no company, of no employee and of no row."""

_SYNC = (Capability.SYNC_WORKFORCE,)
_READ_BACK = (Capability.READ_BACK,)
_POST = (Capability.POST_HOURS, Capability.POST_WAGE, Capability.POST_DAYS)


@dataclass(frozen=True)
class Need:
    """A call that the link makes, and the capabilities that fall away without it (none: some data stays empty)."""

    operation: Operation
    capabilities: tuple[Capability, ...] = ()


BY_COMPANY = (
    Need(call.CURRENT_PERIOD, _POST),
    Need(call.HOUR_CODES, (Capability.POST_HOURS,)),
    Need(call.HOUR_CODES_2),
    Need(call.WAGE_CODES, (Capability.POST_WAGE,)),
    Need(call.WAGE_CODES_2),
    Need(call.COST_CENTRES),
    Need(call.PEOPLE, _SYNC),
    Need(call.CONTRACTS, _SYNC),
    Need(call.EMPLOYMENTS),
    Need(call.SALARIES),
    Need(call.SCHEDULES),
    Need(call.DEPARTMENTS),
)

BY_SLOT = (
    Need(call.GET_HOURS, _READ_BACK),
    Need(call.GET_WAGE, _READ_BACK),
    Need(call.GET_DAYS, _READ_BACK),
    Need(call.INSERT_HOURS, (Capability.POST_HOURS,)),
    Need(call.INSERT_WAGE, (Capability.POST_WAGE,)),
    Need(call.SET_DAYS, (Capability.POST_DAYS,)),
    Need(call.UPDATE_HOURS, (Capability.REPLACE_HOURS,)),
    Need(call.DELETE_HOURS, (Capability.WITHDRAW_HOURS,)),
    Need(call.DELETE_WAGE, (Capability.WITHDRAW_WAGE,)),
)


def needed_rights() -> tuple[Right, ...]:
    """Return every right that the link needs, none of them tried."""
    needs = (Need(call.ENVIRONMENT), Need(call.COMPANIES), *BY_COMPANY, *BY_SLOT)
    return tuple(right(need.operation, RightState.UNPROVEN, need.capabilities) for need in needs)


def found_rights(soap: Soap, today: date) -> tuple[Right, ...]:
    """Try every call and return the rights with their states. Raises what `Soap.probe` raises for a call that reads."""
    company = tuple(_tried(soap, need, for_company(need.operation, NOBODY)) for need in BY_COMPANY)
    return company + tuple(_tried(soap, need, arguments) for need, arguments in _by_slot(today))


def right(operation: Operation, state: RightState, capabilities: tuple[Capability, ...] = ()) -> Right:
    """Return a right in the words of the contract."""
    grant = f"Ask the accountant to tick {operation.right} in the API user template of this login in Nmbrs."
    return Right(name=operation.right, state=state, capabilities=capabilities, grant=grant)


def _tried(soap: Soap, need: Need, arguments: Arguments) -> Right:
    return right(need.operation, _state(soap, need.operation, arguments), need.capabilities)


def _state(soap: Soap, operation: Operation, arguments: Arguments) -> RightState:
    try:
        code = soap.probe(operation, arguments)
    except (NotSent, UnknownOutcome, ContractError):
        if not operation.changes:
            raise
        return RightState.UNPROVEN
    if code == CALL_NOT_TICKED:
        return RightState.MISSING
    let_through = code in (NO_SUCH_COMPANY, NO_SUCH_EMPLOYEE) or (not code and not operation.changes)
    return RightState.GRANTED if let_through else RightState.UNPROVEN


def _by_slot(today: date) -> Iterator[tuple[Need, Arguments]]:
    """Yield the calls about one slot, with arguments that read, post, change and take away nothing of nobody."""
    from hub_nmbrs.arguments import delete_arguments, entry_arguments, slot_arguments, update_arguments
    from hub_nmbrs.posting import READ, REPLACE, WITHDRAW, WRITE

    arguments = {
        **{operation: slot_arguments(_slot(kind, today)) for kind, operation in READ.items()},
        **{operation: entry_arguments(_nothing(kind, today)) for kind, operation in WRITE.items()},
        **{operation: update_arguments(_nothing(kind, today), NOBODY) for kind, operation in REPLACE.items()},
        **{operation: delete_arguments(_slot(kind, today), NOBODY) for kind, operation in WITHDRAW.items()},
    }
    return ((need, arguments[need.operation]) for need in BY_SLOT)


def _nothing(kind: Kind, today: date) -> Entry:
    return Entry(slot=_slot(kind, today), code="0", amount=0, sets=kind is Kind.DAYS)


def _slot(kind: Kind, today: date) -> Slot:
    period = WagePeriod(type=PeriodType.MONTH, year=today.year, number=1, start=today, end=today)
    return Slot(administration=str(NOBODY), employee=str(NOBODY), period=period, kind=kind)
