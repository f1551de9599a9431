"""The core says what to do; the command line adds with which command, and a host's user is told of none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hub
from hub.access import new_key
from hub.api.serving import serving
from hub.cli.with_commands import ENTRIES, FINDINGS
from hub.export.states import EntryState
from hub.process import Process
from hub.testing.command import hub as command
from hub.testing.company import card
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.paper import PaperCompany
from hub.testing.shell import documented

DOCUMENTED = documented(Path(__file__).parents[1] / "docs" / "commands.md")
ROOT = Path(hub.__file__).parent
CORE = (*(ROOT / "export").rglob("*.py"), ROOT / "timecards.py", ROOT / "workforce.py")
NAMES = re.compile(rf"{'|'.join(DOCUMENTED)}|(^|\s)--[a-z]")
"""A command, or an option."""

OCTOBER = {"provider": "paper", "administration": "paper", "dates": ["2026-10-01", "2026-10-31"]}


def texts(node: ast.AST) -> Iterator[str]:
    """Yield all that is said: what is written in quotes, but for docstrings and the commands of errors."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        names_command = (isinstance(child, ast.keyword) and child.arg == "command") or (
            isinstance(child, ast.Assign)
            and "command" in {one.id for one in ast.walk(child) if isinstance(one, ast.Name)}
        )
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        elif not is_docstring and not names_command:
            yield from texts(child)


SAID = [text for file in CORE for text in texts(ast.parse(file.read_text()))]


def test_the_core_names_no_command() -> None:
    assert [text for text in SAID if NAMES.search(text)] == []


@pytest.mark.parametrize("code", sorted(FINDINGS))
def test_each_code_is_given_and_its_command_is_one(code: str) -> None:
    """A code that nothing gives any more would keep a command that nobody sees."""
    assert code in SAID
    assert re.match(r"hub( [a-z-]+)+", FINDINGS[code])[0].split(" --")[0] in DOCUMENTED  # type: ignore[index]  # they all begin so


@pytest.mark.parametrize("state", sorted(ENTRIES))
def test_each_state_is_one_and_its_command_too(state: str) -> None:
    assert EntryState(state)
    assert ENTRIES[state].split(" {id}")[0] in DOCUMENTED


def test_what_is_held_is_told_with_a_command_to_those_who_have_them(paper: PaperCompany, process: Process) -> None:
    """And to a user of a host in the same words, without one."""
    paper.cards(card("t9", "nobody"))
    with serving(paper.hub) as address:
        host = Host(address, new_key(paper.hub.store, "platform", ALL_SCOPES))
        held = host("POST", "/companies/acme/validations", json_body=OCTOBER)["held"]
    assert [one["finding"]["action"] for one in held] == ["Send the team members."]
    told = command(process, "validate", "acme", "paper", "paper", "2026-10-01/2026-10-31")
    assert "Send the team members: hub members import." in told.out + told.err
