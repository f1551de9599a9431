"""How the command line shows things: a table for a person, or JSON for a script; progress only on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hub.hub import Hub

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Company = Annotated[str, typer.Argument(help="The company's id.")]
ProviderName = Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider's name, such as nmbrs.")]
AdministrationId = Annotated[str, typer.Argument(metavar="ADMINISTRATION", help="The administration's id.")]


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


def say(text: str) -> None:
    """Print a line for a person."""
    _console().print(text, highlight=False)


def warn(text: str) -> None:
    """Print a line for a person on standard error."""
    sys.stderr.write(f"{text}\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[str] = ()) -> None:
    """Print a table; columns named in `numbers` are aligned to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    _console().print(shown)


def _console() -> Any:  # noqa: ANN401 - rich is loaded only where something is shown
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120)


def amount(hundredths: int | None) -> str:
    """Show hundredths with two decimals."""
    return "" if hundredths is None else f"{hundredths / 100:.2f}"


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
