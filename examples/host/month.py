"""A month of approved hours, and what payroll must hold after it was exported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from examples.host.wire import check, say

OCTOBER = [date(2026, 10, 1) + timedelta(days) for days in range(31)]
HOURS = Decimal("7.50")
"""Of each shift: from 9 to 5, with half an hour's break."""

Amounts = Mapping[tuple[str, str], Decimal]
"""(employee, code) → hours or days."""


def month_of(members: Iterable[str]) -> list[dict[str, Any]]:
    """Return the timecards of October: everybody works each day but Mondays, and Sundays have a surcharge."""
    days = [day for day in OCTOBER if day.weekday() != 0]
    return [_card(member, day) for member in members for day in days]


def _card(member: str, day: date) -> dict[str, Any]:
    shift = {"start": f"{day}T09:00", "end": f"{day}T17:00", "break_minutes": 30}
    more = {"surcharges": {"sunday-50": int(HOURS * 60)}} if day.weekday() == 6 else {}
    return {"id": f"{member}-{day}", "member": member, "venue": "cafe", "status": "approved", **shift, **more}


def approved(cards: Iterable[Mapping[str, Any]], codes: Mapping[str, str], ids: Mapping[str, str]) -> Amounts:
    """Add up what payroll must hold; `ids` are those of the members there."""
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for card in cards:
        who = ids[card["member"]]
        sums[who, codes["worked"]] += HOURS
        sums[who, codes["days"]] += 1
        if "surcharges" in card:
            sums[who, codes["surcharge:sunday-50"]] += HOURS
    return sums


def compare(held: Iterable[tuple[str, str, str]], expected: Amounts) -> None:
    """Compare rows (employee, code, amount) with what was approved. Raises `Failed` for one too many or too few."""
    rows = sorted((who, code, Decimal(amount)) for who, code, amount in held)
    wanted = sorted((who, code, amount) for (who, code), amount in expected.items())
    check(rows == wanted, f"payroll holds {rows}, and not {wanted}")
    say(f"  payroll holds the {len(rows)} amounts that were approved, and no other")
