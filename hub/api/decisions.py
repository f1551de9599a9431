"""Decisions: what only a named person can settle, with the evidence."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from hub.api.callers import Decides, Reads
from hub.api.names import EntryNumber
from hub.api.pages import CSV, LARGEST, Wants, numbered
from hub.api.shapes import Page, Settlement
from hub.export.deciding.evidence import DecisionView

router = APIRouter()
OfRun = Annotated[int | None, Query(ge=1, le=LARGEST, description="Only those of this run.", examples=[1])]


@router.get("/companies/{company}/decisions", tags=["decisions"], response_model=Page[DecisionView], responses=CSV)
def list_decisions(asked: Reads, wants: Wants, run: OfRun = None) -> Any:  # noqa: ANN401 - a page or a file
    """List what waits for a person, oldest first; what drifted is among it."""
    return wants.give(numbered(DecisionView, lambda part: asked.hub.some_decisions(asked.company, part, run=run)))


@router.get("/companies/{company}/decisions/{entry}", tags=["decisions"])
def show_decision(entry: EntryNumber, asked: Reads) -> DecisionView:
    """Show an entry with the evidence, what payroll holds now among it."""
    return asked.hub.decision(asked.company, entry)


@router.post("/companies/{company}/decisions/{entry}", tags=["decisions"])
def settle(entry: EntryNumber, told: Settlement, asked: Decides) -> DecisionView:
    """Settle an entry in the name of a person."""
    return asked.hub.settle(asked.company, entry, told.choice, asked.named(told.by), told.reason, told.row)
