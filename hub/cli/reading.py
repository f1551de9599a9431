"""Showing what was read from a file: what was stored, and each row that was not with its line and reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import as_json, say, table, waits

if TYPE_CHECKING:
    from hub.intake.keep import Kept
    from hub.intake.reading import Reading, RowError

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or JSON-lines file.")]
Strict = Annotated[bool, typer.Option("--strict", help="Store nothing if one row is wrong.")]

_SHOWN = 100
"""The most rows that are shown to a person; JSON has them all."""


def show_kept(what: str, reading: Reading[Any], kept: Kept, json: bool) -> None:
    """Show it, and end with the exit code for something that waits if a row was not stored."""
    counts = {"new": kept.new, "changed": kept.changed, "unchanged": kept.unchanged, "deleted": kept.deleted}
    notes = [{"line": one.line, "note": one.text} for one in reading.notes]
    if json:
        refused = [{"id": one, "reason": reason} for one, reason in kept.refused]
        as_json({**counts, "wrong": _lines(reading.errors), "refused": refused, "notes": notes})
    else:
        told = ", ".join(f"{number} {word}" for word, number in counts.items() if number or word == "new")
        say(f"Stored {what}: {told}.")
        _show_wrong(reading.errors)
        _show("Rows that were refused", ("id", "reason"), kept.refused)
        _show("Left out of rows that were stored", ("line", "note"), [tuple(note.values()) for note in notes])
    rows = len(reading.errors) + len(kept.refused)
    if rows:
        rest = "1 row was not stored" if rows == 1 else f"{rows} rows were not stored"
        waits(f"{rest}: the sender must correct what is wrong and send the file again.")


@contextmanager
def told_if_wrong(json: bool) -> Iterator[None]:
    """Show which rows are wrong where they keep all of a file out, and let the error go on."""
    from hub.intake.reading import WrongRows

    try:
        yield
    except WrongRows as error:
        if json:
            nothing = dict.fromkeys(("new", "changed", "unchanged", "deleted"), 0)
            as_json({**nothing, "wrong": _lines(error.errors), "refused": [], "notes": []})
        else:
            _show_wrong(error.errors)
        raise


def _lines(errors: Sequence[RowError]) -> list[dict[str, Any]]:
    return [{"line": one.line, "reason": one.reason} for one in errors]


def _show_wrong(errors: Sequence[RowError]) -> None:
    _show("Rows that are wrong", ("line", "reason"), [(one.line, one.reason) for one in errors])


def _show(title: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        table(title, columns, rows[:_SHOWN], ("line",))
    if len(rows) > _SHOWN:
        say(f"… and {len(rows) - _SHOWN} more; --json shows all.")
