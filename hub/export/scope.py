"""What an export is asked to do."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError, field_validator, model_validator

from hub.models import ContractType, Model
from hub.periods import range_of
from hub.timecards import GROUPS

_DATES = TypeAdapter(tuple[date, date])


class Scope(Model):
    """One administration and wage period, and what of it goes out.

    In the place of a wage period there may be `dates`, from and to, where payroll takes a file of any dates; `year` and
    `number` are then those of `hub.periods.range_of`.
    `groups` are the components that go out; `past_period` permits a change in a period before the current one; `days`
    says what happens where payroll holds days that are not ours: `ask`, `keep` or `overwrite`.
    """

    provider: str
    administration: str
    year: int
    number: int
    dates: tuple[date, date] | None = None
    contract_types: tuple[ContractType, ...] = (ContractType.ZERO_HOURS,)
    groups: tuple[str, ...] = GROUPS
    past_period: bool = False
    days: Literal["ask", "keep", "overwrite"] = "ask"

    @model_validator(mode="before")
    @classmethod
    def _named_by_dates(cls, values: dict[str, Any]) -> dict[str, Any]:
        dates = values.get("dates")
        if not dates:
            return values
        try:
            period = range_of(*_DATES.validate_python(dates))
        except ValidationError:
            return values  # which its field refuses in its own words
        return {**values, "year": period.year, "number": period.number}

    @field_validator("groups")
    @classmethod
    def _known_groups(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        if not set(groups) <= set(GROUPS):
            raise ValueError(f"choose the components that go out from {', '.join(GROUPS)}")
        return groups
