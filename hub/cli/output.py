"""How the command line shows things: a table for a person, or JSON for a script; progress only on a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from hub.cli import WAITING

if TYPE_CHECKING:
    from hub.hub import Hub

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Company = Annotated[str, typer.Argument(metavar="COMPANY", help="The company's id.")]
ProviderName = Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider's name, such as nmbrs.")]
AdministrationId = Annotated[str, typer.Argument(metavar="ADMINISTRATION", help="The administration's id.")]

_WIDTH = 120
"""Columns, where the output is no terminal and COLUMNS is not set."""


@contextmanager
def opened() -> Iterator[Hub]:
    """Open the hub of the environment."""
    from hub.hub import Hub

    with Hub.open() as hub:
        yield hub


def as_json(data: Any) -> None:  # noqa: ANN401 - whatever a command shows
    """Print data as JSON."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def say(text: str, style: str = "") -> None:
    """Print a line for a person, as it is: it may hold somebody's name, with brackets in it."""
    _console().print(_shown(text), style=style, markup=False, emoji=False, highlight=False, soft_wrap=True)


def waits(text: str) -> NoReturn:
    """End a command that is done but left something for a person: one sentence on standard error, and exit code 3."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
    raise typer.Exit(WAITING)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Collection[str] = ()) -> None:
    """Print a table; columns named in `numbers` are aligned to the right. Where there is room, no word is broken."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [["" if cell is None else _shown(str(cell)) for cell in row] for row in rows]
    shown = Table(
        title=Text(_shown(title)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    console = _console()
    widths = _widths([columns, *cells], console.width - 2 * len(columns))
    for column, width in zip(columns, widths, strict=True):
        shown.add_column(column, justify="right" if column in numbers else "left", width=width, overflow="fold")
    for row in cells:
        shown.add_row(*map(Text, row))
    console.print(shown)


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int | None]:
    """Return the width of each column: its longest word, and what is left over goes to who lacks most.

    None where even that does not fit: then words break. rich by itself breaks them long before, because it shrinks the
    widest columns to three letters a line first.
    """
    texts = list(zip(*rows, strict=True))
    wanted = [max(map(len, column)) for column in texts]
    widths = [max(len(word) for text in column for word in (text.split() or [""])) for column in texts]
    if sum(widths) > room:
        return [None] * len(widths)
    while sum(widths) < min(room, sum(wanted)):
        widths[max(range(len(widths)), key=lambda place: wanted[place] - widths[place])] += 1
    return [*widths]


def _shown(text: str) -> str:
    """Return a text without what would steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def _console() -> Any:  # noqa: ANN401 - rich is loaded only where something is shown
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH)


def amount(hundredths: int | None) -> str:
    """Show hundredths with two decimals."""
    return "" if hundredths is None else f"{hundredths / 100:.2f}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its word: 1 timecard, 2 timecards."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def words(text: str | None) -> str:
    """Return a code word as people write it: four_weeks becomes four weeks."""
    return (text or "").replace("_", " ")


def clock(moment: datetime | None) -> str:
    """Show a moment as the clocks of Amsterdam do; with its date, unless that is today."""
    from hub.durations import AMSTERDAM

    if moment is None:
        return ""
    local = moment.astimezone(AMSTERDAM)
    return f"{local:%H:%M}" if local.date() == datetime.now(AMSTERDAM).date() else f"{local:%Y-%m-%d %H:%M}"


@contextmanager
def busy(text: str) -> Iterator[None]:
    """Show on a terminal that something takes a while."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(text):
        yield


@contextmanager
def progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal; yields what to tell how far it is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(text)
        yield lambda done, total: bar.update(task, completed=done, total=total)
