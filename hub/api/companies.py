"""Companies and their audit trail."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from hub.api.callers import Operates, Reads, Watches
from hub.api.pages import CSV, Listed, Wants
from hub.api.shapes import CompanyShown, NewCompany, Page, Word
from hub.api.shown import AuditShown
from hub.store.companies import Company

router = APIRouter()
Moment = Annotated[AwareDatetime | None, Query(description="With an offset.", examples=["2026-10-01T00:00:00+02:00"])]


def _shown(row: Company) -> CompanyShown:
    return CompanyShown(id=row.id, name=row.name, new_day=row.new_day)


@router.get("/companies", tags=["companies"], response_model=Page[CompanyShown], responses=CSV)
def list_companies(asked: Watches, wants: Wants) -> Any:  # noqa: ANN401 - a page or a file
    """List the companies, by id."""
    return wants.give(Listed(CompanyShown, asked.hub.some_companies, _shown, lambda row: (row.id,), (str,)))


@router.post("/companies", status_code=201, tags=["companies"])
def add_company(new: NewCompany, asked: Operates) -> CompanyShown:
    """Add a company with a data key of its own."""
    asked.hub.add_company(new.id, new.name, time.fromisoformat(new.new_day), actor=asked.actor)
    return CompanyShown(id=new.id, name=new.name, new_day=new.new_day)


@router.get("/companies/{company}", tags=["companies"])
def show_company(asked: Reads) -> CompanyShown:
    """Show a company."""
    return _shown(asked.hub.company(asked.company))


@router.get("/companies/{company}/audit", tags=["audit"], response_model=Page[AuditShown], responses=CSV)
def list_audit(
    asked: Reads,
    wants: Wants,
    actor: Word = "",
    action: Word = "",
    subject: Word = "",
    since: Moment = None,
    until: Moment = None,
) -> Any:  # noqa: ANN401 - a page or a file
    """List who did what, newest first."""
    named = {"actor": actor, "action": action, "subject": subject}
    times = {"since": _utc(since), "until": _utc(until)}
    found = Listed(
        AuditShown,
        lambda part: asked.hub.some_audit(asked.company, part, **named, **times),  # type: ignore[arg-type]  # two sorts
        AuditShown.of,
        lambda row: (row.id,),
        (int,),
    )
    return wants.give(found)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
