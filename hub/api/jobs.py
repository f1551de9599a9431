"""Long work: it is asked for, and a worker does it; whoever wants to may wait a while for its end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Response
from starlette.concurrency import run_in_threadpool

from hub.api.callers import Asked, Exports, Reads, Sets, Staffs
from hub.api.exports import scope_of
from hub.api.names import JobNumber, PlanNumber, ProviderName
from hub.api.pages import CSV, Wants, numbered
from hub.api.shapes import NewPlan, NewSchedule, Page
from hub.jobs.kinds import OPEN, JobView
from hub.jobs.schedule import Schedule
from hub.store.parts import Part

router = APIRouter()

MOST_SECONDS = 30
"""For how long a request may wait for the end of its job."""

LOOK_SECONDS = 0.1

Prefer = Annotated[
    str,
    Header(max_length=200, description="`wait=10` waits so many seconds, up to 30, for the end of the job (RFC 7240)."),
]

ENDED: dict[int | str, dict[str, Any]] = {
    200: {"model": JobView, "description": "The job ended within the time that `Prefer: wait` gave it"}
}


async def _asked(asked: Asked, ask: Callable[[], JobView], prefer: str, response: Response) -> JobView:
    """Ask for a job and answer with it: 202 while it waits or is done, 200 where it ended in time."""
    job = await run_in_threadpool(ask)
    found = re.search(r"\bwait=(\d{1,4})\b", prefer, re.ASCII)
    looks = min(int(found[1]), MOST_SECONDS) / LOOK_SECONDS if found else 0
    while looks > 0 and job.state in OPEN:
        await asyncio.sleep(LOOK_SECONDS)
        looks -= 1
        job = await run_in_threadpool(asked.hub.job, asked.company, job.id)
    response.status_code = 202 if job.state in OPEN else 200
    response.headers["Location"] = f"/v1/companies/{quote(asked.company, safe='')}/jobs/{job.id}"
    return job


@router.post("/companies/{company}/plans", status_code=202, tags=["exports"], responses=ENDED)
async def ask_plan(new: NewPlan, asked: Exports, response: Response, prefer: Prefer = "") -> JobView:
    """Ask for a plan: what an export would do. The job's result names it."""

    def ask() -> JobView:
        return asked.hub.ask_plan(asked.company, scope_of(asked, new), actor=asked.actor)

    return await _asked(asked, ask, prefer, response)


@router.post("/companies/{company}/plans/{plan}/run", status_code=202, tags=["exports"], responses=ENDED)
async def ask_run(plan: PlanNumber, asked: Exports, response: Response, prefer: Prefer = "") -> JobView:
    """Ask for a released plan to be carried out, or to go on where its run stopped. The job's result names the run.

    The job ends when no doubt is left that the hub can settle by itself.
    """

    def ask() -> JobView:
        return asked.hub.ask_run(asked.company, plan, actor=asked.actor)

    return await _asked(asked, ask, prefer, response)


Applied = Annotated[bool, Query(description="Apply what is read, too.")]


@router.post("/companies/{company}/connections/{provider}/sync", status_code=202, tags=["people"], responses=ENDED)
async def ask_sync(
    provider: ProviderName, asked: Staffs, response: Response, apply: Applied = False, prefer: Prefer = ""
) -> JobView:
    """Ask for the workforce to be read. The job's result counts what that changes, and names conflicts."""

    def ask() -> JobView:
        return asked.hub.ask_sync(asked.company, provider, apply=apply, actor=asked.actor)

    return await _asked(asked, ask, prefer, response)


@router.get("/companies/{company}/jobs", tags=["jobs"], response_model=Page[JobView], responses=CSV)
def list_jobs(asked: Reads, wants: Wants) -> Any:  # noqa: ANN401 - a page or a file
    """List the jobs, newest first."""

    def ask(part: Part) -> Sequence[JobView]:
        return asked.hub.jobs(asked.company, part.after[0] if part.after else None, part.limit)

    return wants.give(numbered(JobView, ask))


@router.get("/companies/{company}/jobs/{job}", tags=["jobs"])
def show_job(job: JobNumber, asked: Reads) -> JobView:
    """Show how far a job is, what it made, or what is wrong and who must act."""
    return asked.hub.job(asked.company, job)


@router.get("/companies/{company}/connections/{provider}/schedule", tags=["settings"])
def show_schedule(provider: ProviderName, asked: Reads) -> Schedule:
    """Show what is done by itself for a connection, and when."""
    return asked.hub.schedule(asked.company, provider)


@router.patch("/companies/{company}/connections/{provider}/schedule", tags=["settings"])
def change_schedule(provider: ProviderName, new: NewSchedule, asked: Sets) -> Schedule:
    """Change what is done by itself for a connection; an empty time means never."""
    changes = new.model_dump(exclude_unset=True)
    return asked.hub.change_schedule(asked.company, provider, changes, actor=asked.actor)
