"""Showing what was read from a file: what was stored, and each row that was not with its line and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from hub.cli import WAITING
from hub.cli.output import as_json, say, table

if TYPE_CHECKING:
    from hub.intake.keep import Kept
    from hub.intake.reading import Reading


def show_kept(what: str, reading: Reading[Any], kept: Kept, json: bool) -> None:
    """Show it, and end with the exit code for something that waits if a row was not stored."""
    counts = {"new": kept.new, "changed": kept.changed, "unchanged": kept.unchanged, "deleted": kept.deleted}
    wrong = [{"line": one.line, "reason": one.reason} for one in reading.errors]
    refused = [{"id": one, "reason": reason} for one, reason in kept.refused]
    notes = [{"line": one.line, "note": one.text} for one in reading.notes]
    if json:
        as_json({**counts, "wrong": wrong, "refused": refused, "notes": notes})
    else:
        told = ", ".join(f"{number} {word}" for word, number in counts.items() if number or word == "new")
        say(f"Stored {what}: {told}")
        if wrong:
            table("Rows that are wrong and were not stored", ("line", "reason"), [tuple(row.values()) for row in wrong])
        if refused:
            table("Rows that were refused", ("id", "reason"), [tuple(row.values()) for row in refused])
        for note in notes:
            say(f"Line {note['line']}: {note['note']}")
    if wrong or refused:
        raise typer.Exit(WAITING)
