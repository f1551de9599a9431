"""Plans, releases, runs, decisions and files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from hub.api.callers import Asked, Decides, Exports, Reads
from hub.api.pages import Cursor, Limit, page
from hub.api.shapes import FileOutcome, Named, NewPlan, Page, Settlement
from hub.export.deciding.evidence import DecisionView
from hub.export.handing.stored import Receipt
from hub.export.listing import ExportView
from hub.export.report import PlanView, RunView
from hub.export.scope import Scope as Asking

router = APIRouter()
WAIT = Annotated[bool, Query(description="Wait until everything in doubt has settled.")]


def _scope(asked: Asked, new: NewPlan) -> Asking:
    return asked.hub.scope(
        asked.company,
        new.provider,
        new.administration,
        new.year,
        new.number,
        dates=new.dates,
        contract_types=new.contract_types,
        groups=new.groups,
        past_period=new.past_period,
        days=new.days,
    )


@router.post("/companies/{company}/validations", tags=["exports"])
def validate(new: NewPlan, asked: Reads) -> PlanView:
    """Say what an export would refuse, without a call to payroll."""
    return asked.hub.validate(asked.company, _scope(asked, new))


@router.get("/companies/{company}/plans", tags=["exports"])
def list_plans(asked: Reads, cursor: Cursor = "", limit: Limit = 100) -> Page[ExportView]:
    """List the plans and their runs, newest first."""
    return page(asked.hub.exports(asked.company), cursor, limit)


@router.post("/companies/{company}/plans", status_code=201, tags=["exports"])
def make_plan(new: NewPlan, asked: Exports) -> PlanView:
    """Work out what an export would do, and keep it."""
    return asked.hub.plan(asked.company, _scope(asked, new), actor=asked.actor)


@router.get("/companies/{company}/plans/{plan}", tags=["exports"])
def show_plan(plan: int, asked: Reads) -> PlanView:
    """Show a plan again."""
    return asked.hub.review(asked.company, plan)


@router.post("/companies/{company}/plans/{plan}/release", tags=["exports"])
def release(plan: int, named: Named, asked: Exports) -> PlanView:
    """Release a plan in the name of a person."""
    return asked.hub.release(asked.company, plan, named.by)


@router.post("/companies/{company}/plans/{plan}/run", tags=["exports"])
def run(plan: int, asked: Exports, wait: WAIT = False) -> RunView:
    """Carry a released plan out, or go on where its run stopped."""
    return asked.hub.run(asked.company, plan, actor=asked.actor, wait=wait)


@router.get("/companies/{company}/runs/{run}", tags=["exports"])
def show_run(run: int, asked: Reads) -> RunView:
    """Show a run: counts per state, each entry, and what to do next."""
    return asked.hub.show(asked.company, run)


@router.get("/companies/{company}/runs/{run}/receipts", tags=["files"])
def receipts(run: int, asked: Reads) -> tuple[Receipt, ...]:
    """List the receipts of the versions of a run's file."""
    return asked.hub.receipts(asked.company, run)


@router.get(
    "/companies/{company}/runs/{run}/file",
    tags=["files"],
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, "application/octet-stream": {}}}},
)
def fetch(run: int, asked: Exports) -> Response:
    """Give the file of a run; nothing is handed over until it is acknowledged."""
    content, receipt = asked.hub.file_content(asked.company, run, actor=asked.actor)
    kind = "text/csv" if receipt.file.endswith(".csv") else "application/octet-stream"
    named = {"Content-Disposition": f'attachment; filename="{receipt.file}"', "Hub-SHA256": receipt.sha256}
    return Response(content, media_type=kind, headers={**named, "Cache-Control": "no-store"})


@router.post("/companies/{company}/runs/{run}/file/acknowledge", tags=["files"])
def acknowledge(run: int, asked: Exports) -> Receipt:
    """Hand the file over: its timecards turn white. Refused where what was planned no longer holds."""
    return asked.hub.acknowledge(asked.company, run, actor=asked.actor)


@router.post("/companies/{company}/runs/{run}/outcome", tags=["files"])
def outcome(run: int, told: FileOutcome, asked: Exports) -> RunView:
    """Tell what payroll said of the file."""
    if told.outcome == "imported":
        asked.hub.file_imported(asked.company, run, told.by)
    else:
        asked.hub.file_rejected(asked.company, run, told.by, told.reason)
    return asked.hub.show(asked.company, run)


@router.get("/companies/{company}/decisions", tags=["decisions"])
def list_decisions(asked: Reads, cursor: Cursor = "", limit: Limit = 100) -> Page[DecisionView]:
    """List what waits for a person."""
    return page(asked.hub.decisions(asked.company), cursor, limit)


@router.get("/companies/{company}/decisions/{entry}", tags=["decisions"])
def show_decision(entry: int, asked: Reads) -> DecisionView:
    """Show an entry with the evidence, what payroll holds now among it."""
    return asked.hub.decision(asked.company, entry)


@router.post("/companies/{company}/decisions/{entry}", tags=["decisions"])
def settle(entry: int, told: Settlement, asked: Decides) -> DecisionView:
    """Settle an entry in the name of a person."""
    return asked.hub.settle(asked.company, entry, told.choice, told.by, told.reason, told.row)
