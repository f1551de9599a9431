"""Validations, plans, releases and runs; a plan is made and carried out by a job: see `hub.api.jobs`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from hub.api.callers import Asked, Exports, Reads
from hub.api.names import PlanNumber, ProviderName, RunNumber
from hub.api.pages import CSV, Wants, numbered
from hub.api.shapes import Checked, Named, NewPlan, Page, Word
from hub.export.deciding.reread import Reread
from hub.export.listing import ExportView
from hub.export.pages import ProgressView
from hub.export.report import EntryView, PlanView, RunView
from hub.export.scope import Scope as Asking
from hub.export.states import EntryState

router = APIRouter()


def scope_of(asked: Asked, new: NewPlan) -> Asking:
    """Return what to plan. Raises `InputError` for dates or components that cannot be so."""
    named = new.model_dump(exclude={"provider", "administration", "year", "number"})
    return asked.hub.scope(asked.company, new.provider, new.administration, new.year, new.number, **named)


@router.post("/companies/{company}/validations", tags=["exports"])
def validate(new: NewPlan, asked: Reads) -> PlanView:
    """Say what an export would refuse, without a call to payroll: the findings are `held`, `left` and `warnings`."""
    return asked.hub.validate(asked.company, scope_of(asked, new))


@router.get("/companies/{company}/plans", tags=["exports"], response_model=Page[ExportView], responses=CSV)
def list_plans(asked: Reads, wants: Wants, provider: Word = "", administration: Word = "") -> Any:  # noqa: ANN401 - a page or a file
    """List the plans and their runs, newest first."""
    named = {"provider": provider, "administration": administration}
    return wants.give(numbered(ExportView, lambda part: asked.hub.some_exports(asked.company, part, **named), "plan"))


@router.get("/companies/{company}/plans/{plan}", tags=["exports"])
def show_plan(plan: PlanNumber, asked: Reads) -> PlanView:
    """Show a plan again."""
    return asked.hub.review(asked.company, plan)


@router.post("/companies/{company}/plans/{plan}/release", tags=["exports"])
def release(plan: PlanNumber, named: Named, asked: Exports) -> PlanView:
    """Release a plan in the name of a person."""
    return asked.hub.release(asked.company, plan, asked.named(named.by))


@router.get("/companies/{company}/runs/{run}", tags=["exports"])
def show_run(run: RunNumber, asked: Reads) -> RunView:
    """Show a run: counts per state, each entry, and the cards that did not turn white."""
    return asked.hub.show(asked.company, run)


@router.get("/companies/{company}/runs/{run}/progress", tags=["exports"])
def show_progress(run: RunNumber, asked: Reads) -> ProgressView:
    """Show how far a run is, in numbers, and what is to be done next."""
    return asked.hub.progress(asked.company, run)


States = Annotated[list[EntryState], Query(max_length=20, description="Only entries in these states.")]


@router.get("/companies/{company}/runs/{run}/entries", tags=["exports"], response_model=Page[EntryView], responses=CSV)
def list_entries(run: RunNumber, asked: Reads, wants: Wants, state: States = []) -> Any:  # noqa: ANN401, B006 - FastAPI copies it
    """List the entries of a run, by number."""
    return wants.give(numbered(EntryView, lambda part: asked.hub.some_entries(asked.company, run, part, states=state)))


@router.post("/companies/{company}/connections/{provider}/reread", tags=["exports"])
def reread(provider: ProviderName, new: Checked, asked: Exports) -> Reread:
    """Read the open wage periods back: which entries drifted, and what payroll holds that the hub knows nothing of.

    Where payroll cannot be read, a person who looked there says so: `checked` with `by`.
    """
    by = asked.named(new.by) if new.checked else ""
    return asked.hub.reread(asked.company, provider, asked.actor, by)
