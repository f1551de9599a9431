"""Command: matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import Json, as_json, say, table, words
from hub.errors import InputError

if TYPE_CHECKING:
    from hub.conformance_results import Cell

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILES]...", help="What the runs wrote; by default what tox collected here."),
]
Require = Annotated[str, typer.Option(metavar="VERSIONS", help="Fail unless every provider was tried on 3.11,3.12,….")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print a table in Markdown, to attach to a release.")]

COLLECTED = (Path("conformance.json"), Path(".tox/conformance"))
"""Where results are looked for: a file of one run, and the folder that tox fills."""


def matrix(files: Files = None, require: Require = "", markdown: Markdown = False, json: Json = False) -> None:
    """Show what came of the rules for each provider, per Python, hub and database.

    Ends with another exit status than 0 where a required rule failed, after the table, and says which.
    """
    from hub.conformance_results import counts, read_results, required_failures, untried

    files = files or _collected()
    found = read_results(files)
    if not found:
        raise InputError("No results of conformance are here: run tox first, or name the files that it wrote.")
    rows = [{**vars(cell), **counts(outcomes)} for cell, outcomes in found.items()]
    _show(rows, markdown, json)
    missing = untried(found, [one.strip() for one in require.split(",") if one.strip()])
    if why := [*_failed(required_failures(files)), *_missing(missing)]:
        raise InputError(" ".join(why))


def _failed(failures: Mapping[Cell, Sequence[str]]) -> Iterator[str]:
    """Yield a sentence where required rules failed: which, and for whom, each once."""
    found = dict.fromkeys(f"{rule} for {cell.provider}" for cell, rules in failures.items() for rule in rules)
    if found:
        why = "the provider's author must mend it, or exempt it with a reason."
        yield f"Required rules failed: {', '.join(found)}; {why}"


def _missing(missing: Sequence[str]) -> Iterator[str]:
    if missing:
        yield f"Not tried: {', '.join(missing)}; QA must install what is missing and run it."


def _collected() -> list[Path]:
    """Return the files that lie where results are looked for."""
    file, folder = COLLECTED
    return [*([file] if file.is_file() else []), *sorted(folder.glob("*.json"))]


def _show(rows: list[dict[str, Any]], markdown: bool, json: bool) -> None:
    columns = tuple(map(words, rows[0]))
    cells = [tuple(row.values()) for row in rows]
    if json:
        as_json(rows)
    elif markdown:
        for line in (columns, ("---",) * len(columns), *cells):
            say(f"| {' | '.join(map(str, line))} |")
    else:
        table("Matrix", columns, cells, numbers=columns[5:])


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(matrix)
