"""The tutorial of the guide, followed to the letter in an empty folder: it ends green.

Only what fetches from the network is done in another way: the environment stands on that of these tests, and the plugin
is installed without its dependencies. `HUB_TUTORIAL_TOX=1` runs its last step too, which installs anew.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.testing.shell import (
    compiled_once,  # noqa: F401 - pytest finds it here by name
    environment,
)

ROOT = Path(__file__).parents[1]
WITH_TOX = os.environ.get("HUB_TUTORIAL_TOX") == "1"

_BLOCK = re.compile(
    r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>sh|diff|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_END = "END_OF_THE_BLOCK"
_COMMANDS = {"hub": "from hub.cli import main", "pytest": "from pytest import main"}
"""The commands that the environment brings, and where each begins."""


def script() -> str:
    """Return the tutorial as one script: commands as they stand, changes applied, files written."""
    page = (ROOT / "docs" / "guide" / "tutorial.md").read_text(encoding="utf-8")
    return "\n".join(_as_commands(one) for one in _BLOCK.finditer(page))


def _as_commands(block: re.Match[str]) -> str:
    if block["language"] == "sh":
        return block["text"]
    command = "git apply" if block["language"] == "diff" else f"cat > {block['file']}"
    return f"{command} <<'{_END}'\n{block['text']}{_END}\n"


def replaced(text: str, port: int) -> str:
    """Return the script with what is different here, each of which must stand in it."""
    ready = f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.05; done"
    here = {
        "export HUB_CHECKOUT=~/payroll-hub\n": f"export HUB_CHECKOUT='{ROOT}'\n",
        "python3 -m venv .venv\n": "",
        'pip install "$HUB_CHECKOUT[testing]" tox tox-uv\n': "",
        "pip install -e .\n": "uv pip install --quiet --offline --no-deps --no-build-isolation -e .\n",
        "8800": str(port),
        "sleep 3\n": f"{ready}\n",
        **({} if WITH_TOX else {"tox\n": "echo tox is not run\n"}),
    }
    text = f"\n{text}"
    for written, other in here.items():
        begin = "\n" if written.endswith("\n") else ""  # a whole line, else anywhere
        assert f"{begin}{written}" in text, written
        text = text.replace(f"{begin}{written}", f"{begin}{other}")
    return text


def make_environment(folder: Path) -> None:
    """Make an environment that has all that this one has, and in which something more can be installed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "these.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for name, begin in _COMMANDS.items():
        command = folder / "bin" / name
        command.write_text(f"#!{folder / 'bin' / 'python'}\nimport sys\n{begin}\nsys.exit(main())\n")
        command.chmod(0o755)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


@pytest.fixture(scope="module", name="followed")
def _followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder in which the tutorial was followed, and what it printed."""
    pytest.importorskip("hatchling", reason="what builds the plugin is not here")
    folder = tmp_path_factory.mktemp("tutorial")
    make_environment(folder / ".venv")
    path = os.pathsep.join((os.environ["PATH"], str(Path(sys.executable).parent)))
    if shutil.which("uv", path=path) is None:
        pytest.skip("what installs the plugin is not here")
    with (folder / "printed.txt").open("w+") as printed:
        done = subprocess.run(
            ["bash", "-e", "-c", f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{replaced(script(), free_port())}"],
            cwd=folder,
            env=environment(PATH=path, COLUMNS="200", GIT_CEILING_DIRECTORIES=str(folder.parent)),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            timeout=1000 if WITH_TOX else 580,
            check=False,
        )
        printed.seek(0)
        text = printed.read()
    assert done.returncode == 0, text
    yield folder, text


pytestmark = pytest.mark.timeout(1100 if WITH_TOX else 600)


def test_the_tests_pass_at_the_beginning_and_at_the_end(followed: tuple[Path, str]) -> None:
    """The same rules both times; what was built makes more of them pass, and fewer are skipped."""
    _, printed = followed
    whole = r"^conformance: acme: (\d+) rules, (\d+) passed, (\d+) skipped$"
    first, last = (tuple(map(int, one)) for one in re.findall(whole, printed, re.MULTILINE)[:2])
    assert first[0] == last[0] == sum(first[1:]) == sum(last[1:])
    assert first[1] < last[1]


def test_the_rule_fails_before_the_code_is_there(followed: tuple[Path, str]) -> None:
    """And for the reason that the page shows."""
    _, printed = followed
    assert printed.count("red, as it should be") == 1
    assert "Unsupported: acme cannot do that: its destination is not Withdrawing." in printed


def test_by_hand_the_row_goes_in_and_is_taken_out_again(followed: tuple[Path, str]) -> None:
    """The timecard turns white, and after its deletion payroll holds nothing of it."""
    _, printed = followed
    assert re.search(r"T-1 .* 480 .* white", printed)
    for number in (1, 2):
        assert f"Run {number} of plan {number}: done. Entries: 1 verified." in printed
    assert "To send: hours 100 -8.00." in printed


@pytest.mark.skipif(not WITH_TOX, reason="HUB_TUTORIAL_TOX=1 runs tox too, which installs from the package index")
def test_tox_ends_green(followed: tuple[Path, str]) -> None:
    """Each Python that is there has run the tests of the plugin as it is built and installed."""
    _, printed = followed
    assert f"py3{sys.version_info.minor}: OK" in printed
    assert "congratulations" in printed
