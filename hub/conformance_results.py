"""What came of the rules for providers, read from the `conformance.json` that each run of tests wrote.

Written by `hub.testing.conformance`; read here with care, because a file may come from another version of the hub.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.errors import InputError

FILE = "conformance.json"
OUTCOMES = ("passed", "failed", "exempt", "skipped", "not run")
"""What can come of a rule."""

_RANK = ("not run", "skipped", "passed", "exempt", "failed")
"""Where the same cell was tried twice, the later of these counts."""

_DATABASES = ("sqlite", "postgresql")
_UNKNOWN = "?"


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: a version of a provider on a Python, a hub and a database. `?` is what is not known."""

    provider: str
    version: str
    python: str
    hub: str
    database: str


Outcomes = Mapping[str, str]
"""What came of each rule, by its id."""


def read_results(files: Iterable[Path]) -> dict[Cell, Outcomes]:
    """Return what came of the rules in each cell, the cells sorted.

    Raises `InputError` for a file that is not there or that holds something else.
    """
    found: dict[Cell, Outcomes] = {}
    for file in files:
        for cell, outcomes in _cells(file):
            found[cell] = _worst(found.get(cell, {}), outcomes)
    return {cell: found[cell] for cell in sorted(found, key=_order)}


def required_failures(files: Iterable[Path]) -> dict[Cell, list[str]]:
    """Return the required rules that failed in each cell where some did, the cells sorted. Raises as `read_results`.

    A rule of which the file does not tell how much it asks counts as required.
    """
    found: dict[Cell, dict[str, None]] = {}
    for file in files:
        for cell, rules in _told(file):
            failed = [id for id, one in rules.items() if _outcome(one) == "failed" and _is_required(one)]
            found.setdefault(cell, {}).update(dict.fromkeys(failed))
    return {cell: list(found[cell]) for cell in sorted(found, key=_order) if found[cell]}


def counts(outcomes: Outcomes) -> dict[str, int]:
    """Return how many rules `passed`, `failed`, are `exempt`, were `skipped` and were `not_run`."""
    counted = Counter(outcomes.values())
    return {one.replace(" ", "_"): counted[one] for one in OUTCOMES}


def untried(found: Mapping[Cell, Outcomes], pythons: Sequence[str]) -> list[str]:
    """Return `NAME on Python VERSION` for each provider that was not tried on each of these versions, such as 3.13."""
    tried: dict[str, set[str]] = {cell.provider: set() for cell in found}
    for cell, outcomes in found.items():
        if not {"not run", "skipped"}.issuperset(outcomes.values()):
            tried[cell.provider].add(_minor(cell.python))
    return [f"{name} on Python {one}" for name in sorted(tried) for one in pythons if _minor(one) not in tried[name]]


def _cells(file: Path) -> Iterable[tuple[Cell, Outcomes]]:
    for cell, rules in _told(file):
        yield cell, {rule: _outcome(found) for rule, found in rules.items()}


def _told(file: Path) -> Iterable[tuple[Cell, Mapping[str, object]]]:
    """Yield what a file tells of the rules, as it stands there, by the cell."""
    content = _content(file)
    for name, told in content["providers"].items():
        cell = Cell(name, _text(told, "version"), _text(content, "python"), _text(content, "hub"), _of(content, file))
        yield cell, told["rules"]


def _content(file: Path) -> dict[str, Any]:
    """Return what a file holds, after a look at the parts that are used."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        shaped = all(isinstance(one["rules"], dict) for one in content["providers"].values())
    except OSError as error:
        raise InputError(
            f"{file.name} cannot be read ({error.strerror}): name a file that a run of tests wrote."
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        shaped = False
    if not shaped:
        raise InputError(f"{file.name} holds no results of conformance: name a file that a run of tests wrote.")
    return content  # type: ignore[no-any-return]  # JSON


def _outcome(found: object) -> str:
    told = found.get("outcome") if isinstance(found, dict) else found
    return told if told in OUTCOMES else "not run"


def _is_required(found: object) -> bool:
    return not isinstance(found, dict) or found.get("level") != "recommended"


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) and value else _UNKNOWN


def _of(content: Mapping[str, Any], file: Path) -> str:
    """Return the database: as the file tells, else as its name does, after the environment of tox that wrote it."""
    if (told := _text(content, "database")) != _UNKNOWN:
        return told
    return next((one for one in _DATABASES if one in file.stem.split("-")), _UNKNOWN)


def _worst(before: Outcomes, after: Outcomes) -> Outcomes:
    names = [*before, *(one for one in after if one not in before)]
    return {name: max(before.get(name, "not run"), after.get(name, "not run"), key=_RANK.index) for name in names}


def _minor(python: str) -> str:
    return ".".join(python.split(".")[:2])


def _order(cell: Cell) -> tuple[object, ...]:
    """Sort 3.9 before 3.11."""
    python = tuple(int(part) if part.isdecimal() else -1 for part in cell.python.split("."))
    return (cell.provider, python, cell.python, cell.version, cell.hub, cell.database)
