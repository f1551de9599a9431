"""Rows and layouts of files, made up, for tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pydantic import SecretStr

from hub.files.layout import Column, Grain, Layout
from hub.models import Kind, PeriodType, Row, WagePeriod

NOVEMBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=11, start=date(2026, 11, 1), end=date(2026, 11, 30))

PEOPLE = {
    "e1": ("Anna de Vries", "123456782"),
    "e2": ("Bram Bakker", "111222333"),
    "e3": ("Chloé Şahin", "012345672"),
}
"""Names and BSNs, by employee id. The BSNs are published test numbers; the last one begins with a zero."""


def file_row(employee: str = "e1", day: int = 2, code: str = "100", amount: int = 750, **changes: Any) -> Row:  # noqa: ANN401
    """Return hours on a day in November 2026; `amount` is in hundredths. `changes` replace other fields of the row."""
    name, bsn = PEOPLE.get(employee, (f"Person {employee}", "123456782"))
    fields: dict[str, Any] = {
        "entry": 1,
        "employee": employee,
        "name": name,
        "bsn": SecretStr(bsn),
        "date": date(2026, 11, day),
        "kind": Kind.HOURS,
        "code": code,
        "amount": amount,
    }
    return Row(**{**fields, **changes})


def file_layout(grain: Grain, *columns: str, **changes: Any) -> Layout:  # noqa: ANN401
    """Return a layout with columns such as `Uren:amount:100` (header, source, code) or `Soort:text:U` (fixed)."""
    return Layout(name="test", version="1", grain=grain, columns=tuple(map(_column, columns)), **changes)


def many_rows(number: int) -> list[Row]:
    """Return so many rows: 20 for each person, each on a day of its own, of code 100 or 150."""
    return [
        file_row(
            f"e{place // 20:05}",
            code=("100", "150")[place % 2],
            amount=100 + place % 700,
            name=f"Person number {place // 20}",
            date=NOVEMBER.start + timedelta(days=place % 20),
            cost_centre=("bar", "kitchen", None)[place % 3],
        )
        for place in range(number)
    ]


def _column(text: str) -> Column:
    header, source, *own = text.split(":")
    extra = {"text" if source == "text" else "code": one for one in own}
    return Column.model_validate({"header": header, "source": source, **extra})
