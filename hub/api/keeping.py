"""Keeping and removing: terms, what is held on a company or a person, and the end of a company."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from hub.access import Scope
from hub.api.callers import Asked, Reads, Sets, of_platform
from hub.api.names import MemberId
from hub.api.shapes import Word
from hub.keeping.removal import Removed
from hub.kept import KeepingView
from hub.models import Model

router = APIRouter()

PART = 65_536

DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "All that is held"}
}


class NewTerms(Model):
    """What to keep longer; what is left out stays as it is."""

    wage_years: int | None = Field(default=None, examples=[7])
    card_weeks: int | None = Field(default=None, examples=[52])
    event_days: int | None = None
    job_days: int | None = None


class Removal(Model):
    """The name of the company, to the letter; `even_so` although a run did not end, in the name of `by`."""

    name: str = Field(max_length=100, examples=["De Linde Horeca"])
    even_so: bool = False
    by: Word = ""


@router.get("/companies/{company}/keeping", tags=["keeping"])
def show_keeping(asked: Reads) -> KeepingView:
    """Show for how long a company's data are kept."""
    return asked.hub.keeping(asked.company)


@router.put("/companies/{company}/keeping", tags=["keeping"])
def change_keeping(new: NewTerms, asked: Sets) -> KeepingView:
    """Keep a company's data longer; never shorter than the law asks."""
    return asked.hub.change_keeping(asked.company, new.model_dump(exclude_none=True), actor=asked.actor)


@router.get("/companies/{company}/held", tags=["keeping"], responses=DOCUMENT, response_class=StreamingResponse)
def show_held(asked: Reads) -> StreamingResponse:
    """Give everything that is held on a company, as one JSON document; BSNs and secrets are not in it."""
    return _streamed(asked.hub.held(asked.company))


@router.get(
    "/companies/{company}/members/{member:path}/held",
    tags=["keeping"],
    responses=DOCUMENT,
    response_class=StreamingResponse,
)
def show_held_on_member(member: MemberId, asked: Reads) -> StreamingResponse:
    """Give everything that is held on a team member, as one JSON document; the BSN is not in it."""
    return _streamed(asked.hub.held(asked.company, member))


def _streamed(parts: Iterator[str]) -> StreamingResponse:
    """Answer with a document that was written to a file first: no reading of the database waits for a slow caller."""
    file = TemporaryFile()  # noqa: SIM115 - it is closed when the answer was sent
    try:
        for part in parts:
            file.write(part.encode())
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return StreamingResponse(_read(file), media_type="application/json", background=BackgroundTask(file.close))


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(PART):
        yield part


@router.delete("/companies/{company}", tags=["keeping"])
def remove_company(
    company: Annotated[str, Path(max_length=100)],
    confirmed: Removal,
    asked: Annotated[Asked, Depends(of_platform(Scope.SETTINGS))],
) -> Removed:
    """Remove a company for good, confirmed by its name. Only with a key of the whole platform."""
    by = asked.named(confirmed.by) if confirmed.even_so else confirmed.by or asked.actor
    return asked.hub.remove_company(company, confirmed.name, even_so=confirmed.even_so, by=by)
