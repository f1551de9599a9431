"""Command: new-provider."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from hub.cli.output import Json, as_json, counted, say

Name = Annotated[str, typer.Argument(metavar="NAME", help="The provider's name: lower-case letters, digits and _.")]
FlavourName = Annotated[Literal["api", "file"], typer.Option("--flavour", help="Called over the wire, or by file.")]
Title = Annotated[str, typer.Option("--title", metavar="TITLE", help="What people call it; else made of the name.")]
Folder = Annotated[
    Path | None, typer.Option("--dir", metavar="DIR", help="The folder to make; else plugins/NAME in a checkout.")
]


def new_provider(
    name: Name, flavour: FlavourName = "api", title: Title = "", folder: Folder = None, json: Json = False
) -> None:
    """Make the plugin of a new provider: a folder that can be installed, with tests that pass."""
    from hub.scaffold import Flavour, NewPlugin, own_folder, write_plugin

    plugin = NewPlugin(name, Flavour(flavour), title)
    made = folder or own_folder(plugin, Path.cwd())
    files = write_plugin(plugin, made)
    if json:
        as_json({"name": name, "flavour": flavour, "distribution": plugin.distribution, "folder": made, "files": files})
        return
    say(f"Made {plugin.distribution} in {made}: {counted(len(files), 'file')}, in the flavour {flavour}.")
    say(f"Its tests pass as it is: run tox in {made}. What to change is in its README.md.")


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("new-provider")(new_provider)
