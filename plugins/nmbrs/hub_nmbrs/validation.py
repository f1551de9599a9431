"""What Nmbrs would refuse, said before anything is sent. Knows only what activation found: opens no connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from hub import Administration, Entry, Finding, Kind, Severity, ValidateRequest, WagePeriod
from hub_nmbrs.periods import LAST_NUMBER

_NAMES = {Kind.HOURS: "hour code", Kind.WAGE: "wage code", Kind.DAYS: "code for days"}


def validate(request: ValidateRequest) -> tuple[Finding, ...]:
    """Return the findings on the period first, then those on each entry, by its place in the request."""
    of_entries = (
        finding.model_copy(update={"entry": place})
        for place, entry in enumerate(request.entries)
        for finding in _of_entry(entry, request)
    )
    return (*_of_period(request), *_of_slots(request.entries), *of_entries)


def _of_period(request: ValidateRequest) -> Iterator[Finding]:
    administration, period = request.administration, request.period
    if administration.period_type not in (None, period.type):
        yield _block(
            "other_period_type",
            f"{administration.name} works in periods of another length than {period}.",
            "Choose the period type of this administration in the hub, and plan again.",
        )
    if not 1 <= period.number <= LAST_NUMBER[period.type]:
        yield _block(
            "no_such_period",
            f"Nmbrs has no period {period.number} of this type.",
            f"Choose a period from 1 to {LAST_NUMBER[period.type]}.",
        )
    if _distance(administration, period) > 0:
        yield Finding(
            code="future_period",
            severity=Severity.WARN,
            text=f"Payroll has not come to {period} yet.",
            action="Check that this is the period you mean.",
        )


def _of_slots(entries: Iterable[Entry]) -> Iterator[Finding]:
    """Nmbrs holds one number of days per employee and period: a second entry would overwrite the first."""
    days = Counter(entry.slot.employee for entry in entries if entry.slot.kind is Kind.DAYS)
    for employee, count in days.items():
        if count > 1:
            text = "Nmbrs holds days worked once per period, and this export has them more than once."
            yield _block("days_twice", text, "Book the days worked on one cost centre.", employee)


def _of_entry(entry: Entry, request: ValidateRequest) -> Iterator[Finding]:
    administration, employee = request.administration, entry.slot.employee
    known = {code.code for code in administration.codes if code.kind is entry.slot.kind}
    if entry.code not in known:
        text = f"{administration.name} has no {_NAMES[entry.slot.kind]} {entry.code}."
        yield _block(
            "unknown_code", text, "Choose another code, or have it added in Nmbrs and connect again.", employee
        )
    if entry.cost_centre is not None and entry.cost_centre not in {one.id for one in administration.cost_centres}:
        text = f"{administration.name} has no cost centre {entry.cost_centre}."
        yield _block("unknown_cost_centre", text, "Choose another one, or have it added and connect again.", employee)
    if _distance(administration, entry.slot.period) < 0 and not entry.unprotected:
        text = f"Payroll is past {entry.slot.period}, which is now protected."
        yield _block(
            "past_period", text, "Release with permission for a past period, or have payroll reopen it.", employee
        )
    yield from _of_amount(entry)


def _of_amount(entry: Entry) -> Iterator[Finding]:
    employee = entry.slot.employee
    if entry.slot.kind is Kind.DAYS and entry.amount % 100:
        yield _block("days_not_whole", "Nmbrs takes only whole days.", "Correct the days worked.", employee)
    if entry.slot.kind is Kind.WAGE and entry.amount < 0:
        yield Finding(
            code="negative_amount",
            severity=Severity.WARN,
            text=f"The amount for wage code {entry.code} is negative.",
            action="Check that payroll means to take this off.",
            employee=employee,
        )


def _distance(administration: Administration, period: WagePeriod) -> int:
    """Return below 0 for a period before the administration's current one, above 0 after it, 0 if unknown."""
    if administration.current_year is None or administration.current_number is None:
        return 0
    current, asked = (administration.current_year, administration.current_number), (period.year, period.number)
    return (asked > current) - (asked < current)


def _block(code: str, text: str, action: str, employee: str = "") -> Finding:
    return Finding(code=code, severity=Severity.BLOCK, text=text, action=action, employee=employee)
