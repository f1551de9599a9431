"""What is to be made: a name that nobody has, a title that can stand anywhere, and the words of the templates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec

from hub.errors import InputError
from hub.registry import installed

LONGEST_NAME = 30
LONGEST_TITLE = 40

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_NOT_IN_TITLE = frozenset('"\\`|<>[]')
"""What would end a text of Python or TOML, or be more than text in Markdown."""


class Flavour(StrEnum):
    """How the provider takes hours: over the wire, or in a file that payroll imports."""

    API = "api"
    FILE = "file"


_ABOUT = {
    Flavour.API: "people in, approved hours out, over its API.",
    Flavour.FILE: "approved hours go out in a file that payroll imports.",
}
_SIMULATORS = (
    '\n[project.entry-points."payroll_hub.simulators"]\n{name} = "hub_{name}.simulator:{class_name}Simulator"\n'
)


@dataclass(frozen=True)
class NewPlugin:
    """The plugin of a provider of this name; without a title, one is made of the name.

    Raises `InputError` where the name or the title cannot be used, or somebody has the name already.
    """

    name: str
    flavour: Flavour = Flavour.API
    title: str = ""

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_title(self.shown_title)

    @property
    def shown_title(self) -> str:
        """The title, or the name as one: `acme_payroll` becomes Acme Payroll."""
        return self.title.strip() or self.name.replace("_", " ").title()

    @property
    def distribution(self) -> str:
        """The name under which it is installed: `payroll-hub-acme-payroll`."""
        return f"payroll-hub-{self.name.replace('_', '-')}"

    @property
    def words(self) -> dict[str, str]:
        """The words that the templates leave open."""
        class_name = "".join(part.capitalize() for part in self.name.split("_"))
        simulators = _SIMULATORS.format(name=self.name, class_name=class_name) if self.flavour is Flavour.API else ""
        return {
            "name": self.name,
            "Name": class_name,
            "title": self.shown_title,
            "host": self.name.replace("_", "-"),
            "distribution": self.distribution,
            "about": _ABOUT[self.flavour],
            "simulators": simulators,
        }


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InputError(
            f"The name of a provider is 1 to {LONGEST_NAME} lower-case letters, digits and single underscores between "
            "them, and begins with a letter: choose another one, such as acme_payroll."
        )
    if name in {one.name for one in installed()}:
        raise InputError(f"A provider called {name} is installed already: choose another name.")
    if find_spec(f"hub_{name}") is not None:
        raise InputError(f"A package called hub_{name} is there already: choose another name.")


def _check_title(title: str) -> None:
    if len(title) > LONGEST_TITLE or not title.isprintable() or _NOT_IN_TITLE & set(title):
        raise InputError(
            f'A title has at most {LONGEST_TITLE} characters on one line, without " \\ ` | < > [ and ]: shorten it, or '
            "leave those out."
        )
