"""Activation: prove the login, find its domain, and say which administrations and rights it has. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from hub import (
    ActivateRequest,
    Activation,
    Administration,
    AuthError,
    Code,
    CostCentre,
    Kind,
    PermissionMissing,
    Refused,
    RightState,
    SettingsError,
)
from hub_nmbrs import operations as call
from hub_nmbrs.operations import DAYS_WORKED, Operation, for_company
from hub_nmbrs.periods import CurrentPeriod, current_period
from hub_nmbrs.reading import Row
from hub_nmbrs.rights import found_rights, right
from hub_nmbrs.soap import Collect, Soap, T
from hub_nmbrs.values import identifier, whole

_MODELS = (
    (Kind.HOURS, call.HOUR_CODES),
    (Kind.HOURS, call.HOUR_CODES_2),
    (Kind.WAGE, call.WAGE_CODES),
    (Kind.WAGE, call.WAGE_CODES_2),
)
_DAYS = Code(kind=Kind.DAYS, code=DAYS_WORKED, title="Days worked")


def activate(soap: Soap, given: str | None, request: ActivateRequest) -> Activation:
    """Return what the login reaches; `given` is the domain in the settings, if there is one.

    Raises `AuthError`, `SettingsError` for a domain that is not this login's, `PermissionMissing` without the right
    to list companies, or what else `Soap.read` raises.
    """
    found, state = _found_domain(soap, given)
    domain = given or found
    soap.use_domain(domain)
    companies = _companies(soap, domain, found)
    return Activation(
        administrations=tuple(_administration(soap, company) for company in companies),
        rights=(
            right(call.ENVIRONMENT, state),
            right(call.COMPANIES, RightState.GRANTED),
            *found_rights(soap, request.today),
        ),
        settings={"domain": domain},
    )


def _found_domain(soap: Soap, given: str | None) -> tuple[str, RightState]:
    try:
        return soap.find_domain(), RightState.GRANTED
    except PermissionMissing:
        if given is None:
            raise
    return given, RightState.MISSING


def _companies(soap: Soap, domain: str, found: str) -> list[Row]:
    try:
        return soap.read(call.COMPANIES, {}, list)
    except AuthError:
        if domain.lower() == found.lower():
            raise
    raise SettingsError(f"The domain of this login is {found}, and not {domain}: correct it, or leave it empty.")


def _administration(soap: Soap, company: Row) -> Administration:
    number = whole(company, "ID")
    period = _optional(soap, call.CURRENT_PERIOD, number, _periods)
    current = period[0] if period else None
    return Administration(
        id=str(number),
        name=company.get("Name", ""),
        number=company.get("Number", ""),
        period_type=current.type if current else None,
        current_year=current.year if current else None,
        current_number=current.number if current else None,
        codes=_codes(soap, number),
        cost_centres=_optional(soap, call.COST_CENTRES, number, _cost_centres),
    )


def _optional(soap: Soap, operation: Operation, company: int, collect: Collect[tuple[T, ...]]) -> tuple[T, ...]:
    """Read what a company may do without; the right that is missing is reported among the rights."""
    try:
        return soap.read(operation, for_company(operation, company), collect)
    except (PermissionMissing, Refused):
        return ()


def _codes(soap: Soap, company: int) -> tuple[Code, ...]:
    """Return the codes of both hour models and both wage models; a code in both is the same code."""
    found: dict[tuple[Kind, str], Code] = {}
    for kind, operation in _MODELS:
        for row in _optional(soap, operation, company, tuple):
            code = identifier(row, "Code")
            found.setdefault((kind, code), Code(kind=kind, code=code, title=row.get("Description", "")))
    return (*found.values(), _DAYS)


def _periods(rows: Iterator[Row]) -> tuple[CurrentPeriod, ...]:
    texts = (row.get(call.CURRENT_PERIOD.result, "") for row in rows)
    return tuple(period for text in texts if (period := current_period(text)))


def _cost_centres(rows: Iterator[Row]) -> tuple[CostCentre, ...]:
    """Return the cost centres that have an id; without one, nothing can be booked on them."""
    return tuple(
        CostCentre(id=identifier(row, "Id"), code=row.get("Code", ""), title=row.get("Description", ""))
        for row in rows
        if "Id" in row
    )
