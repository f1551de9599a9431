"""The company of the crash test: everybody worked once, under three codes; and what payroll must hold in the end.

What was approved is kept beside the hub, as it was made, so that the account does not rest on what the hub believes.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from hub import Booking, Calendar, ContractType, Hub, Scope
from hub.durations import AMSTERDAM
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Timecard, TimecardStatus, Unit
from hub.models import WagePeriod
from hub.testing.simulator import Simulator
from hub.testing.story import Payroll, Story
from hub.workforce import PlannedPerson, Step, member_id

COMPONENTS = ("worked", "surcharge:sunday-50", "surcharge:holiday-100")
"""What every timecard holds; each is an entry of its own."""

PEOPLE_FOR_ONE = 3
"""How many people the simulator is given for each that works: some have left, and some work elsewhere."""

CLERK = "Robin (payroll)"

Approved = Mapping[tuple[str, str], str]
"""The hours that were approved, as payroll shows them (`8.50`), per employee and code."""


@dataclass(frozen=True)
class CodeAccount:
    """What payroll holds under a code beside what was approved. All count entries, or the rows that came of them.

    `double` are rows that nobody asked for: a second one of an entry, or one with other hours. `lost` are entries of
    which there is no row.
    """

    code: str
    approved: int
    in_payroll: int
    double: int
    lost: int


def account(approved: Approved, rows: Iterable[Mapping[str, Any]]) -> tuple[CodeAccount, ...]:
    """Compare what was approved with the rows that a simulator tells of."""
    held = Counter((str(row["employee"]), str(row["code"]), str(row["amount"])) for row in rows)
    asked = {(*key, hours) for key, hours in approved.items()}
    codes = sorted({code for _, code, _ in {*asked, *held}})
    return tuple(_of_code(code, asked, held) for code in codes)


def _of_code(code: str, asked: set[tuple[str, str, str]], held: Counter[tuple[str, str, str]]) -> CodeAccount:
    wanted = {one for one in asked if one[1] == code}
    in_payroll = sum(count for one, count in held.items() if one[1] == code)
    found = sum(one in held for one in wanted)
    return CodeAccount(code, len(wanted), in_payroll, in_payroll - found, len(wanted) - found)


@dataclass(frozen=True)
class CrashCompany:
    """A company with a released plan; there is one timecard for each person in `approved`."""

    id: str
    plan: int
    timecards: int
    approved: Approved


def crash_company(
    hub: Hub, simulator: Simulator, story: Story, provider: str, people: int, settle_seconds: float, first: int = 0
) -> CrashCompany:
    """Bring a company up to a released plan with as many entries as `people` times the components.

    Of those who can work they are the ones from place `first` on, so that companies share payroll but no employee.
    """
    company, payroll = f"crashes-{secrets.token_hex(3)}", story.payrolls[0]
    hub.add_company(company, story.title)
    hub.connect(company, provider, simulator.connect_settings())
    hub.set_wage_period(
        company, provider, payroll.administration, Calendar(type=payroll.type, first_start=payroll.first_start)
    )
    for component in COMPONENTS:
        hub.map(company, provider, Booking(component, story.codes[component]))
    hub.change_export_settings(company, provider, {"settle_seconds": settle_seconds})
    sync = hub.plan_sync(company, provider)
    hub.apply_sync(company, sync)
    (period,) = (
        one
        for one in hub.wage_periods(company, provider, payroll.administration, payroll.year)
        if one.number == payroll.number
    )
    workers = islice((one.employee.id for one in sync.people if _can_work(one, payroll)), first, first + people)
    cards = {employee: _card(member_id(provider, employee), place, period) for place, employee in enumerate(workers)}
    hub.import_timecards(company, Reading(good=list(cards.values())))
    return CrashCompany(company, _release(hub, company, provider, payroll), len(cards), _approved(cards, story))


def _can_work(one: PlannedPerson, payroll: Payroll) -> bool:
    person = one.employee
    in_service = person.starts is not None and person.starts.year < payroll.year and person.ends is None
    zero_hours = [contract.type for contract in person.contracts] == [ContractType.ZERO_HOURS]
    return one.step is Step.NEW and person.administration == payroll.administration and in_service and zero_hours


def _card(member: str, place: int, period: WagePeriod) -> Timecard:
    """Return a timecard of whole tenths of an hour; not everybody worked as long."""
    start = datetime.combine(period.start + timedelta(days=14), time(9), AMSTERDAM)
    minutes = 240 + 6 * (place % 50)
    parts = zip(COMPONENTS[1:], (minutes, 6 * (minutes // 12)), strict=True)
    return Timecard(
        id=f"T-{member}",
        member=member,
        date=start.date(),
        start=start,
        end=start + timedelta(minutes=minutes),
        status=TimecardStatus.APPROVED,
        amounts=tuple(ComponentAmount(component=name, unit=Unit.MINUTES, amount=part) for name, part in parts),
    )


def _approved(cards: Mapping[str, Timecard], story: Story) -> Approved:
    return {
        (employee, story.codes[name]): f"{minutes / 60:.2f}"
        for employee, card in cards.items()
        for name, minutes in (("worked", card.minutes), *((one.component, one.amount) for one in card.amounts))
    }


def _release(hub: Hub, company: str, provider: str, payroll: Payroll) -> int:
    scope = Scope(
        provider=provider,
        administration=payroll.administration,
        year=payroll.year,
        number=payroll.number,
        groups=("worked", "surcharges"),
    )
    plan = hub.plan(company, scope)
    hub.release(company, plan.id, CLERK)
    return plan.id
