"""Files for payroll: fetch, hand over, tell what payroll said of them, and copy what went out before."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from hub.api.callers import Exports, Reads
from hub.api.exports import scope_of
from hub.api.names import RunNumber
from hub.api.shapes import FileOutcome, NewPlan
from hub.export.handing.stored import Receipt
from hub.export.report import RunView

router = APIRouter()

TEXT, BINARY = "text/csv", "application/octet-stream"
BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in (TEXT, BINARY)},
        "headers": {"Hub-SHA256": {"schema": {"type": "string"}}},
        "description": "The file; its SHA-256 is that of the receipt",
    }
}


def _file(content: bytes, receipt: Receipt) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{receipt.file}"', "Hub-SHA256": receipt.sha256}
    kind = TEXT if receipt.file.endswith(".csv") else BINARY
    return Response(content, media_type=kind, headers={**named, "Cache-Control": "no-store"})


@router.get("/companies/{company}/runs/{run}/receipts", tags=["files"])
def list_receipts(run: RunNumber, asked: Reads) -> tuple[Receipt, ...]:
    """List the receipts of the versions of a run's file."""
    return asked.hub.receipts(asked.company, run)


@router.get("/companies/{company}/runs/{run}/file", tags=["files"], response_class=Response, responses=BYTES)
def fetch(run: RunNumber, asked: Exports) -> Response:
    """Give the file of a run; nothing is handed over until it is acknowledged."""
    return _file(*asked.hub.file_content(asked.company, run, actor=asked.actor))


@router.post("/companies/{company}/runs/{run}/file/acknowledge", tags=["files"])
def acknowledge(run: RunNumber, asked: Exports) -> Receipt:
    """Hand the file over: its timecards turn white. Refused where what was planned no longer holds."""
    return asked.hub.acknowledge(asked.company, run, actor=asked.actor)


@router.post("/companies/{company}/runs/{run}/outcome", tags=["files"])
def tell_outcome(run: RunNumber, told: FileOutcome, asked: Exports) -> RunView:
    """Tell what payroll said of the file, in the name of a person."""
    by = asked.named(told.by)
    if told.outcome == "imported":
        asked.hub.file_imported(asked.company, run, by)
    else:
        asked.hub.file_rejected(asked.company, run, by, told.reason)
    return asked.hub.show(asked.company, run)


@router.post("/companies/{company}/file-copies", tags=["files"], response_class=Response, responses=BYTES)
def copy(new: NewPlan, asked: Exports) -> Response:
    """Give what went out before in one file again, marked as a copy; changes nothing."""
    return _file(*asked.hub.copy_content(asked.company, scope_of(asked, new), actor=asked.actor))
