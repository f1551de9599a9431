"""What the documentation shows works as it is written: the README from beginning to end, and every block of docs/."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hub import Hub
from hub.testing.shell import (
    compiled_once,  # noqa: F401 - pytest finds it here by name
    environment,
)
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.world import TOKEN

ROOT = Path(__file__).parents[3]

_FENCE = re.compile(
    r"(?:^<!-- not executed: (?P<reason>[^\n]+) -->\n)?^```(?P<language>sh|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """A block of code in a document; `reason` says why it is not to be executed, and is else empty."""

    language: str
    text: str
    reason: str


def blocks(markdown: str) -> list[Block]:
    """Return the blocks of shell and of Python."""
    return [Block(one["language"], one["text"], one["reason"] or "") for one in _FENCE.finditer(markdown)]


def block_after(heading: str, language: str) -> str:
    """Return the first block of a language after a heading of the README."""
    _, _, rest = (ROOT / "README.md").read_text().partition(f"\n## {heading}\n")
    return next(one.text for one in blocks(rest) if one.language == language)


def run(language: str, text: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Execute a block in a folder, with the project's commands on the path and no settings of the hub but these."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    program = ["bash", "-c"] if language == "sh" else [sys.executable, "-c"]
    return subprocess.run(
        [*program, text],
        cwd=folder,
        env=environment(**{"PATH": path, **settings}),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


# -- the README -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder in which the block "By hand" was executed, and what it printed."""
    folder = tmp_path_factory.mktemp("by-hand")
    port = free_port()
    wait = f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.05; done"
    text = block_after("By hand", "sh")
    for written, here in (
        (". .venv/bin/activate\n", ""),
        ("8800", str(port)),
        ("TOKEN", TOKEN),
        ("sleep 3\n", f"{wait}\n"),
    ):
        assert written in text
        text = text.replace(written, here)
    return folder, run("sh", f"trap 'kill %1' EXIT\n{text}", folder)


def test_by_hand_ends_with_a_white_timecard(by_hand: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Eight and a half hours in the night in which the clock goes back, less half an hour of break."""
    _, done = by_hand
    assert done.returncode == 0, done.stderr
    assert "8.50" in done.stdout
    assert re.search(r"T-1 .* 510 .* white", done.stdout.splitlines()[-2])


def test_by_hand_tells_of_nothing_but_the_people_to_link(
    by_hand: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """The simulator has three irregular people on purpose; nothing else is to be told on standard error."""
    _, done = by_hand
    said = done.stderr.splitlines()
    assert len(said) == 1
    assert said[0].startswith("3 employees are linked to nobody")


def test_by_hand_leaves_a_database_that_python_opens(
    by_hand: tuple[Path, subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite in the working directory, as the table of settings says."""
    folder, _ = by_hand
    monkeypatch.chdir(folder)
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    monkeypatch.delenv("HUB_SECRET_KEY", raising=False)
    with Hub.open() as hub:
        assert [card.exported_revision for card in hub.timecards("de-linde")] == [1]


def test_from_python_turns_the_timecard_white(tmp_path: Path) -> None:
    """With the simulator's login in place of one's own, and the file of hours that "By hand" writes."""
    lines = re.findall(r"^  '([^']+)'", block_after("By hand", "sh"), re.MULTILINE)
    (tmp_path / "hours.csv").write_text("\n".join(lines) + "\n")
    written = '{"email": "…", "token": "…"}'
    text = block_after("From Python", "python")
    assert written in text
    with NmbrsSimulator() as simulator:
        text = text.replace(written, repr(simulator.connect_settings()))
        done = run("python", text, tmp_path, HUB_ALLOW_LOOPBACK="1")
        posted = [(row["kind"], row["amount"]) for row in simulator.state()["rows"]]
    assert (done.stdout, done.stderr) == ("done ('T-1',)\n", "")
    assert sorted(posted) == [("days", "1.00"), ("hours", "8.50")]


# -- the docs ---------------------------------------------------------------------------------------------------------


def documents() -> Iterator[tuple[str, Block]]:
    """Yield every block of shell and Python of the docs with a name for it."""
    for file in sorted((ROOT / "docs").glob("*.md")):
        for number, block in enumerate(blocks(file.read_text()), start=1):
            yield f"{file.name} {number}", block


DOCUMENTS = dict(documents())


@pytest.mark.parametrize("name", [name for name, block in DOCUMENTS.items() if not block.reason])
def test_a_block_of_the_docs_works(name: str, tmp_path: Path) -> None:
    block = DOCUMENTS[name]
    done = run(block.language, f"set -e\n{block.text}" if block.language == "sh" else block.text, tmp_path)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert done.stderr == ""


def test_a_block_is_found_and_may_say_why_it_is_not_executed() -> None:
    """Only a comment with a reason, right above it, keeps a block from being executed."""
    text = textwrap.dedent(
        """\
        ```sh
        echo one
        ```
        <!-- not executed: it needs an account -->
        ```python
        two()
        ```
        <!-- a remark -->
        ```python
        three()
        ```
        ```csv
        four
        ```
        """
    )
    assert blocks(text) == [
        Block("sh", "echo one\n", ""),
        Block("python", "two()\n", "it needs an account"),
        Block("python", "three()\n", ""),
    ]


def test_every_block_of_the_docs_is_found() -> None:
    """A fence that is indented or written in another way would else be left out unnoticed."""
    fences = [
        line
        for file in (ROOT / "docs").glob("*.md")
        for line in file.read_text().splitlines()
        if re.match(r"\s*(```|~~~)\s*(sh|bash|shell|console|python|py)\b", line)
    ]
    assert len(fences) == len(DOCUMENTS)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
