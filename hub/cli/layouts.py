"""Commands: layout check, from-sample, use and show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.output import Company, Json, ProviderName, as_json, counted, opened, say, table

LayoutFile = Annotated[Path, typer.Argument(metavar="FILE", help="A layout file (TOML).")]
Sample = Annotated[Path, typer.Argument(metavar="SAMPLE", help="The provider's own sample: CSV or XLSX.")]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="What the layout is to be called.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write the layout; else it is printed.")
]


def check(file: LayoutFile, json: Json = False) -> None:
    """Say whether a layout file is right, or everything that is wrong with it."""
    from hub.files.layout_file import read_layout, summary

    with _problems_told(json):
        layout = read_layout(file)
    if json:
        as_json({"ok": True, "summary": summary(layout), "problems": [], "layout": layout})
    else:
        say(f"The layout {layout.name} is right: {summary(layout)}.")


def from_sample(sample: Sample, name: Name, output: Output = None, json: Json = False) -> None:
    """Propose a layout from a provider's own sample; only its form is kept. Look at it before you use it."""
    from hub.files.layout_file import summary, write_layout
    from hub.files.sample import layout_from_sample

    proposal = layout_from_sample(sample, name)
    text = write_layout(proposal.layout, proposal.notes)
    if output:
        _write(output, text)
    if json:
        as_json({**proposal.model_dump(mode="json"), "toml": text, "file": output})
    elif output:
        say(f"Wrote the layout {name} to {output}: {summary(proposal.layout)}.")
        for note in proposal.notes:
            say(f"- {note}")
    else:
        say(text.rstrip("\n"))


def use(company: Company, provider: ProviderName, file: LayoutFile, json: Json = False) -> None:
    """Write a company's files for a provider in this layout from now on."""
    from hub.files.layout_file import read_layout, summary

    with _problems_told(json):
        layout = read_layout(file)
    with opened() as hub:
        hub.use_layout(company, provider, layout)
    as_json(layout) if json else say(f"{provider} of {company} is written in {layout.name}: {summary(layout)}.")


def show(company: Company, provider: ProviderName, json: Json = False) -> None:
    """Print the layout that a company's files for a provider have now, to change it."""
    from hub.files.layout_file import write_layout

    with opened() as hub:
        layout = hub.layout(company, provider)
    as_json(layout) if json else say(write_layout(layout).rstrip("\n"))


@contextmanager
def _problems_told(json: bool) -> Iterator[None]:
    """Show the problems of a layout one by one, and end with a sentence that counts them."""
    from hub.errors import InputError
    from hub.files.layout_file import WrongLayout

    try:
        yield
    except WrongLayout as error:
        rows = [{"where": one.where, "problem": one.text} for one in error.problems]
        if json:
            as_json({"ok": False, "summary": "", "problems": rows, "layout": None})
        else:
            table("What is wrong", ("where", "problem"), [tuple(row.values()) for row in rows])
        number = counted(len(rows), "problem")
        raise InputError(f"The layout has {number}: correct the file and check it again.") from None


def _write(path: Path, text: str) -> None:
    """Write a file where there is none yet; `InputError` if there is."""
    from hub.errors import InputError

    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        return
    except FileExistsError:
        problem = "There is a file of that name already, and it is left as it is: choose another name."
    except OSError:
        problem = "The layout cannot be written there: check that the folder exists and that the hub may write in it."
    raise InputError(problem)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="The form of the files that payroll imports.", no_args_is_help=True)
    group.command("check")(check)
    group.command("from-sample")(from_sample)
    group.command("use")(use)
    group.command("show")(show)
    app.add_typer(group, name="layout")
