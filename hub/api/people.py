"""Team members and timecards: uploads as a stream of lines, lists by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from hub.api.callers import Reads, SendsHours, Staffs
from hub.api.pages import Cursor, Limit, page
from hub.api.shapes import CardShown, Kept, MemberShown, Page, Synced
from hub.intake.keep import Kept as KeptRows
from hub.intake.lines import MAX_BYTES
from hub.intake.members import Member, read_members
from hub.intake.reading import Reading
from hub.intake.timecards import read_timecards
from hub.workforce import Step

router = APIRouter()

Strict = Annotated[bool, Query(description="One wrong row refuses them all.")]

ENDINGS = {"text/csv": ".csv", "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl"}
"""The media types that an upload may have."""

BODY = {"requestBody": {"content": {kind: {"schema": {"type": "string"}} for kind in ENDINGS}, "required": True}}


@asynccontextmanager
async def _upload(request: Request) -> AsyncIterator[Path]:
    """Write a body to a file as it comes in, so that memory holds a part of it only; 415 for another type of body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ENDINGS:
        raise HTTPException(415)
    with NamedTemporaryFile(suffix=ENDINGS[kind]) as file:
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > MAX_BYTES:
                raise HTTPException(413)
            file.write(part)
        file.flush()
        yield Path(file.name)


async def uploaded(request: Request) -> AsyncIterator[Path]:
    """Yield the file that a body was written to."""
    async with _upload(request) as path:
        yield path


Uploaded = Annotated[Path, Depends(uploaded)]


def _kept(kept: KeptRows, reading: Reading[object]) -> Kept:
    return Kept(
        new=kept.new,
        changed=kept.changed,
        unchanged=kept.unchanged,
        deleted=kept.deleted,
        wrong=tuple({"line": one.line, "reason": one.reason} for one in reading.errors),
        refused=tuple({"id": id_, "reason": reason} for id_, reason in kept.refused),
    )


@router.post("/companies/{company}/members", tags=["people"], openapi_extra=BODY)
async def import_members(asked: Staffs, file: Uploaded, strict: Strict = False) -> Kept:
    """Store team members; a BSN is encrypted on arrival and never given back."""

    def store() -> Kept:
        reading: Reading[Member] = read_members(file, strict=strict)
        return _kept(asked.hub.import_members(asked.company, reading, actor=asked.actor), reading)  # type: ignore[arg-type]

    return await run_in_threadpool(store)


@router.get("/companies/{company}/members", tags=["people"])
def list_members(asked: Reads, cursor: Cursor = "", limit: Limit = 100) -> Page[MemberShown]:
    """List the team members."""
    shown = [
        MemberShown.model_validate(one.model_dump(include=set(MemberShown.model_fields)))
        for one in asked.hub.members(asked.company)
    ]
    return page(shown, cursor, limit)


@router.post("/companies/{company}/connections/{provider}/sync", tags=["people"])
def sync(provider: str, asked: Staffs, apply: bool = False) -> Synced:
    """Read the workforce and say what it would change, or change it with `apply`."""
    plan = asked.hub.plan_sync(asked.company, provider)
    if apply:
        asked.hub.apply_sync(asked.company, plan, actor=asked.actor)
    conflicts = tuple({"employee": one.employee.id, "why": one.why} for one in plan.of(Step.CONFLICT))
    return Synced(
        applied=apply, counts={str(step): number for step, number in plan.counts.items()}, conflicts=conflicts
    )


@router.post("/companies/{company}/timecards", tags=["hours"], openapi_extra=BODY)
async def import_timecards(asked: SendsHours, file: Uploaded, strict: Strict = False) -> Kept:
    """Store timecards, up to 100 MB of them in one request."""

    def store() -> Kept:
        reading = read_timecards(file, new_day=asked.hub.new_day(asked.company), strict=strict)
        kept = asked.hub.import_timecards(asked.company, reading, strict=strict, actor=asked.actor)
        return _kept(kept, reading)  # type: ignore[arg-type]

    return await run_in_threadpool(store)


@router.get("/companies/{company}/timecards", tags=["hours"])
def list_timecards(
    asked: Reads, start: date = date.min, end: date = date.max, cursor: Cursor = "", limit: Limit = 100
) -> Page[CardShown]:
    """List the timecards of some business dates, both included."""
    shown = [
        CardShown.model_validate(one.model_dump(include=set(CardShown.model_fields)))
        for one in asked.hub.timecards(asked.company, start, end)
    ]
    return page(shown, cursor, limit)
