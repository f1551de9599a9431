"""Writes a plugin from the templates: whole, into a folder that was not there, or not at all.

A template is a file in `templates/both` or in the folder of its flavour; its path is that of the file it becomes, with
NAME for the name of the provider, and its words stand as `${word}`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from os.path import lexists
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from hub.errors import InputError
from hub.scaffold.plugin import NewPlugin

TEMPLATES = Path(__file__).with_name("templates")
ENDING = ".tmpl"
"""What the name of a template ends with, so that no tool takes it for the file that it becomes."""


def own_folder(plugin: NewPlugin, here: Path) -> Path:
    """Return the folder of a plugin in a checkout of the hub. Raises `InputError` where `here` is none."""
    if not _is_checkout(here):
        raise InputError("This folder is no checkout of the hub: say with --dir where the plugin is to be.")
    return here / "plugins" / plugin.name


def _is_checkout(folder: Path) -> bool:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return False
    return isinstance(project, dict) and project.get("name") == "payroll-hub" and (folder / "plugins").is_dir()


def files_of(plugin: NewPlugin) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of every file of a plugin, in the order of the paths."""
    found = {}
    for templates in (TEMPLATES / "both", TEMPLATES / plugin.flavour):
        for one in templates.rglob(f"*{ENDING}"):
            path = one.relative_to(templates).as_posix().removesuffix(ENDING).replace("NAME", plugin.name)
            found[path] = Template(one.read_text(encoding="utf-8")).substitute(plugin.words)
    yield from sorted(found.items())


def write_plugin(plugin: NewPlugin, folder: Path) -> tuple[str, ...]:
    """Write a plugin into a new folder and return the paths of its files in it.

    Raises `InputError` where there is something of that name already, or nothing can be written there.
    """
    if lexists(folder):
        raise InputError(f"There is a {folder} already, and it is left as it is: choose another folder.")
    files = dict(files_of(plugin))
    try:
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
            made = Path(beside, folder.name)
            _write(files, made)
            made.rename(folder)
        return tuple(files)
    except OSError as error:
        why = error.strerror or type(error).__name__
    raise InputError(f"The folder {folder} cannot be made ({why}): check that the one above it can be written in.")


def _write(files: dict[str, str], folder: Path) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="\n")
