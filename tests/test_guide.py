"""The guide says what the code says: signatures, fields, errors, faults; its blocks work, and every page is found."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import hub
from hub import HubError, provider
from hub.hookspecs import HubSpecs
from hub.testing.faults import WIRE_FAULTS
from hub.testing.shell import (
    compiled_once,  # noqa: F401 - pytest finds it here by name
    environment,
)

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GUIDE = DOCS / "guide"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
TUTORIAL = "tutorial.md"
"""Followed from beginning to end by tests/test_tutorial.py."""

_BLOCK = re.compile(
    r"(?:^<!-- not executed: (?P<reason>[^\n]+) -->\n)?^```(?P<language>sh|python)\n(?P<text>.*?)^```$"
    r"(?:\n\n```text\n(?P<printed>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """A block of code of the guide, why it is not executed, and what the text right below it says that it prints."""

    page: str
    language: str
    text: str
    reason: str
    printed: str | None


def page(name: str) -> str:
    """Return a page of the guide."""
    return (GUIDE / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[Block]:
    """Return the blocks of shell and Python of a page."""
    found = _BLOCK.finditer(page(name))
    return [Block(name, one["language"], one["text"], one["reason"] or "", one["printed"]) for one in found]


ALL = [block for file in sorted(GUIDE.glob("*.md")) for block in blocks(file.name)]
EXECUTED = [block for block in ALL if not block.reason and block.page != TUTORIAL]


# -- signatures and tables --------------------------------------------------------------------------------------------


def in_the_code(found: type) -> list[str]:
    """Return the public methods of a class as they are written, without their bodies."""
    (written,) = ast.parse(inspect.getsource(found)).body
    assert isinstance(written, ast.ClassDef)
    return [signature(one) for one in written.body if isinstance(one, ast.FunctionDef)]


def signature(function: ast.FunctionDef) -> str:
    """Return a function as one line that does not depend on how it is laid out."""
    return f"{function.name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns or ast.Constant(None))}"


def on_the_page(heading: str) -> list[str]:
    """Return the signatures in the section of hooks.md with this heading."""
    (section,) = re.findall(rf"^##+ {heading}\n(.*?)(?=^##|\Z)", page("hooks.md"), re.MULTILINE | re.DOTALL)
    block = re.search(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert block is not None
    return [signature(one) for one in ast.parse(block[1]).body if isinstance(one, ast.FunctionDef)]


HOOKS = {text.partition("(")[0]: text for text in in_the_code(HubSpecs)}
PROTOCOLS = {name: found for name, found in vars(provider).items() if getattr(found, "_is_protocol", False)}


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_has_the_signature_on_its_page(name: str) -> None:
    """To the letter, annotations included."""
    assert on_the_page(name) == [HOOKS[name]]


@pytest.mark.parametrize("name", sorted(set(PROTOCOLS) - {"Protocol"}))
def test_a_destination_has_the_signatures_on_its_page(name: str) -> None:
    """Every protocol of hub.provider, with every method."""
    assert on_the_page(name) == in_the_code(PROTOCOLS[name])


def test_every_hook_and_destination_is_told() -> None:
    """The four hooks and the six destinations, and no other section has a signature."""
    sections = set(re.findall(r"^##+ (\w+)\n\n<!-- not executed: a? ?signature", page("hooks.md"), re.MULTILINE))
    assert sections == {*HOOKS, *PROTOCOLS} - {"Protocol"}


def rows(name: str, pattern: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the tables of a page whose line matches a pattern."""
    yield from re.findall(rf"^\| {pattern} \|$", page(name), re.MULTILINE)


def test_every_model_has_the_fields_on_the_page() -> None:
    """In the order of the code; what crosses a hook is told."""
    told = {model: cell.replace("`", "").split() for model, cell in rows("hooks.md", r"`([A-Z]\w+)` \| ([`\w ]+)")}
    assert told == {model: list(getattr(hub, model).model_fields) for model in told}
    assert {"ActivateRequest", "SyncRequest", "ValidateRequest", "ExportRequest", "Entry", "Row"} <= set(told)


def test_every_error_is_told_with_who_must_act() -> None:
    """All errors of the contract, and nobody else's."""
    told = {row[0]: row[1] for row in rows("hosts.md", r"`(\w+)` \| ([^|]+) \| [^|]+")}
    known = [each for one in HubError.__subclasses__() for each in (one, *one.__subclasses__())]
    errors = (one for one in known if one.__module__ == HubError.__module__)
    assert told == {one.__name__: one.who for one in errors}


def test_every_fault_of_the_wire_is_told() -> None:
    """Each once, by its name."""
    _, _, after = page("simulators.md").partition("| Fault | What the caller gets |\n")
    table, _, _ = after.partition("\n\n")
    told = [name for row in table.splitlines()[1:] for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(told) == sorted(WIRE_FAULTS)


def test_the_methods_for_hosts_are_there() -> None:
    """What the table of an export calls is a method of Hub."""
    cells = re.findall(r"^\| [^|]+ \| (`[^|]+) \| [^|]+ \|$", page("hosts.md"), re.MULTILINE)
    names = {name for cell in cells for name in re.findall(r"`(\w+)", cell)} - {"who"}
    assert {"connect", "plan", "release", "run"} <= names
    assert [name for name in sorted(names) if not callable(getattr(hub.Hub, name, None))] == []


# -- blocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", EXECUTED, ids=lambda block: block.page)
def test_a_block_of_the_guide_works(block: Block, tmp_path: Path) -> None:
    """It prints nothing on standard error, and what the page says that it prints."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    program = ["bash", "-e", "-c"] if block.language == "sh" else [sys.executable, "-c"]
    settings = environment(PATH=path)
    done: Any = subprocess.run(
        [*program, block.text], cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert block.printed in (None, done.stdout)


def test_every_block_of_the_guide_is_found() -> None:
    """A fence that is indented or written in another way would else be left out unnoticed."""
    fence = re.compile(r"^\s*(?:```|~~~)\s*(?:sh|bash|shell|console|python|py)\b", re.MULTILINE)
    assert sum(len(fence.findall(page(file.name))) for file in GUIDE.glob("*.md")) == len(ALL)


def test_nothing_of_the_tutorial_is_left_out() -> None:
    """Each of its blocks is a command, a change or a file that the script makes."""
    assert [block.reason for block in ALL if block.page == TUTORIAL and block.reason] == []
    python = re.findall(r"^(.*)\n```python$", page(TUTORIAL), re.MULTILINE)
    assert python
    assert [line for line in python if not line.startswith("<!-- file: ")] == []


# -- pages and links --------------------------------------------------------------------------------------------------


def in_navigation(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Yield every page of a navigation."""
    for entry in entries:
        for found in entry.values():
            yield from [found] if isinstance(found, str) else in_navigation(found)


def test_every_page_is_in_the_navigation_once() -> None:
    """And nothing else is."""
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    assert sorted(in_navigation(site["project"]["nav"])) == PAGES


def anchors(markdown: str) -> set[str]:
    """Return the places of a page that a link can name, by its headings."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_to_a_page_and_a_place_on_it(name: str) -> None:
    """What lies outside docs/ is not on the site, and cannot be linked."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", (DOCS / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, place = link.partition("#")
        target = (DOCS / name).parent / path if path else DOCS / name
        known = "://" in link or os.path.relpath(target, DOCS) in PAGES
        if not known or (place and "://" not in link and place not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []
