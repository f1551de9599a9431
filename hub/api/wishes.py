"""What a caller may change of the export settings: each field may be left out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.models import ContractType, Model

Group = Literal["worked", "surcharges", "days", "meals", "allowances"]


class ExportWishes(Model):
    """Some of the export settings; `settle_seconds` of None is what the provider says."""

    contract_types: tuple[ContractType, ...] = Field(default=(), min_length=1, max_length=10, examples=[["zero_hours"]])
    groups: tuple[Group, ...] = Field(default=(), min_length=1, max_length=10, examples=[["worked", "days"]])
    corrections: Literal["replace", "delta", "manual"] = "replace"
    settle_seconds: float | None = Field(default=None, gt=0, le=86_400, examples=[900])
