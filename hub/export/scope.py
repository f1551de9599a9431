"""What an export is asked to do."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from hub.models import ContractType, Model
from hub.timecards import GROUPS


class Scope(Model):
    """One administration and wage period, and what of it goes out.

    `groups` are the components that go out; `past_period` permits a change in a period before the current one; `days`
    says what happens where payroll holds days that are not ours: `ask`, `keep` or `overwrite`.
    """

    provider: str
    administration: str
    year: int
    number: int
    contract_types: tuple[ContractType, ...] = (ContractType.ZERO_HOURS,)
    groups: tuple[str, ...] = GROUPS
    past_period: bool = False
    days: Literal["ask", "keep", "overwrite"] = "ask"

    @field_validator("groups")
    @classmethod
    def _known_groups(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        if not set(groups) <= set(GROUPS):
            raise ValueError(f"choose the components that go out from {', '.join(GROUPS)}")
        return groups
