"""Timecards: uploads as a stream, lists by page, and how far each is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from hub.api.callers import Reads, SendsHours
from hub.api.names import CardId
from hub.api.pages import CSV, Listed, Wants
from hub.api.shapes import Day, Kept, Page, Word
from hub.api.shown import CardShown
from hub.api.uploads import Strict, Uploaded, body_of, kept_of
from hub.durations import YEARS
from hub.intake.shapes import TimecardStatus

router = APIRouter()

ROW = {
    "id": "t1",
    "revision": 1,
    "member": "m1",
    "start": "2026-10-05T08:00",
    "end": "2026-10-05T16:00",
    "break_minutes": 30,
    "status": "approved",
}
BODY = body_of("id;member;start;end;status\nt1;m1;2026-10-05T08:00;2026-10-05T16:00;approved\n", ROW)

FIRST, LAST = date(YEARS.start, 1, 1), date(YEARS.stop - 1, 12, 31)


@router.post("/companies/{company}/timecards", tags=["hours"], openapi_extra=BODY)
async def import_timecards(asked: SendsHours, file: Uploaded, strict: Strict = False) -> Kept:
    """Store timecards, up to 100 MB of them in one request; a higher revision of one is a change of it.

    Of a JSON list the lines count its items.
    """

    def store() -> Kept:
        received = asked.hub.receive_timecards(asked.company, file, strict=strict, actor=asked.actor)
        return kept_of(received.kept, received.wrong)

    return await run_in_threadpool(store)


White = Annotated[bool | None, Query(description="Only those that payroll holds at their revision, or does not.")]


@router.get("/companies/{company}/timecards", tags=["hours"], response_model=Page[CardShown], responses=CSV)
def list_timecards(
    asked: Reads,
    wants: Wants,
    start: Day = FIRST,
    end: Day = LAST,
    status: TimecardStatus | None = None,
    member: Word = "",
    venue: Word = "",
    exported: White = None,
) -> Any:  # noqa: ANN401 - a page or a file
    """List the timecards of some business dates, both included, by date."""
    named = {"start": start, "end": end, "status": status or "", "member": member, "venue": venue}
    found = Listed(
        CardShown,
        lambda part: asked.hub.some_timecards(asked.company, part, **named, exported=exported),  # type: ignore[arg-type]  # of several types
        CardShown.of,
        lambda row: (row.date, row.id),
        (date, str),
    )
    return wants.give(found)


@router.get("/companies/{company}/timecards/{timecard:path}", tags=["hours"])
def show_timecard(timecard: CardId, asked: Reads) -> CardShown:
    """Show a timecard and how far it is."""
    return CardShown.of(asked.hub.timecard(asked.company, timecard))
