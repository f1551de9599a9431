"""Parts of addresses, each with its bounds: what no database has room for is refused before one is asked.

In the ids of venues, team members, timecards and employees a `/` may stand: their routes have the convertor `path`, and
a longer address is registered before a shorter one that would take it for such an id.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from hub.api.pages import LARGEST

_TEXT = r"^[^\x00-\x1f\x7f]+$"

ProviderName = Annotated[str, Path(max_length=100, pattern=_TEXT, description="The provider.", examples=["nmbrs"])]
AdministrationId = Annotated[
    str, Path(max_length=100, pattern=_TEXT, description="The administration's id.", examples=["1"])
]
VenueId = Annotated[
    str, Path(max_length=100, pattern=_TEXT, description="The venue's id at the host.", examples=["v1"])
]
MemberId = Annotated[str, Path(max_length=100, pattern=_TEXT, description="The team member's id.", examples=["m1"])]
EmployeeId = Annotated[
    str, Path(max_length=100, pattern=_TEXT, description="The employee's id in payroll.", examples=["1001"])
]
CardId = Annotated[str, Path(max_length=100, pattern=_TEXT, description="The timecard's id.", examples=["t1"])]
PlanNumber = Annotated[int, Path(ge=1, le=LARGEST, description="The plan's number.", examples=[1])]
RunNumber = Annotated[int, Path(ge=1, le=LARGEST, description="The run's number.", examples=[1])]
JobNumber = Annotated[int, Path(ge=1, le=LARGEST, description="The job's number.", examples=[1])]
EntryNumber = Annotated[int, Path(ge=1, le=LARGEST, description="The entry's number.", examples=[1])]
