"""No BSN leaves its place on the way into a file: not into an output, a log, a preview or the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.testing.canary import leaks, stored
from hub.testing.shell import (
    WAITS,
    Shell,
    compiled_once,  # noqa: F401 - pytest finds it here by name
)
from hub_horecalonen.story import STORY

BSNS = ("123456782", "111222333", "012345672")
DATES = "2026-10-01/2026-10-31"


class Recorder(Shell):
    """The command `hub` at debug level; it keeps all that was printed."""

    printed = ""

    def say(self, *arguments: str, code: int = 0) -> None:
        """Run a command, check how it ended, and keep what it printed."""
        done = self.run(*arguments)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        self.printed += done.stdout + done.stderr


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """The story of the demonstration, command by command, up to a file that was imported."""
    shell = Recorder(tmp_path_factory.mktemp("canary"), HUB_LOG="debug", HUB_DEBUG="1")
    shell.say("company", "add", "kade", "--name", "Kade")
    shell.say("connect", "kade", "horecalonen")
    for component, code in STORY.codes.items():
        shell.say("map", "kade", "horecalonen", component, code)
    shell.say("members", "import", "kade", str(STORY.members))
    shell.say("members", "list", "kade", "--json")
    shell.say("timecards", "import", "kade", str(STORY.timecards))
    shell.say("validate", "kade", "horecalonen", "horecalonen", DATES, code=WAITS)
    shell.say("export", "plan", "kade", "horecalonen", "horecalonen", DATES, "--json", code=WAITS)
    shell.say("export", "release", "1", "--by", "Robin")
    shell.say("export", "run", "1", "--json")
    shell.say("export", "file", "1", "--json")
    shell.say("export", "file", "1", "-o", "missing", code=2)
    shell.say("export", "show", "1")
    shell.say("export", "outcome", "1", "--imported", "--by", "Robin")
    shell.say("export", "copy", "kade", "horecalonen", "horecalonen", DATES)
    return shell


def test_no_bsn_is_printed_logged_or_stored(shell: Recorder) -> None:
    """As text, number, hex, base64 or plain hash; the logs are at debug level and say something."""
    assert '"plugin": "horecalonen"' in shell.printed
    names = " ".join(one.name for one in shell.folder.iterdir())
    receipts = b"".join(one.read_bytes() for one in shell.folder.glob("*.receipt.json"))
    everything = shell.printed.encode() + stored(shell.process.database_url) + names.encode() + receipts
    assert leaks(everything, BSNS) == []


@pytest.mark.parametrize("what", ["run1-v1", "copy"])
def test_the_file_holds_them(shell: Recorder, what: str) -> None:
    """Each of the three, as text with its leading zero; the search above would have found them."""
    (file,) = shell.folder.glob(f"horecalonen-*-{what}.csv")
    found: bytes = Path(file).read_bytes()
    assert {one.split(" ")[1].rstrip(",") for one in leaks(found, BSNS) if one.endswith("plain")} == {"0", "1", "2"}
