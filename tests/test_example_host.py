"""The example of a host platform: as a process, over HTTP, beside a hub and a payroll in processes of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from hub.testing.fixtures import SECRET_KEY
from hub.testing.shell import (
    HUB,
    Done,
    compiled_once,  # noqa: F401 - pytest finds it here by name
    environment,
)

pytest.importorskip("hub_nmbrs", reason="the example sends hours to Nmbrs")
pytest.importorskip("hub_horecalonen", reason="the example hands a file to Horecalonen")

ROOT = Path(__file__).parents[1]
SCOPES = "read,settings,workforce,hours,export"

pytestmark = pytest.mark.timeout(300)


@contextmanager
def running(url: str, *words: str) -> Iterator[list[str]]:
    """Run a command of the hub beside the test; yield the first lines that it says, of a simulator four."""
    command, lines = [str(HUB), *words], 4 if words[0] == "simulate" else 1
    with subprocess.Popen(command, env=settings(url), text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield [process.stdout.readline().strip() for _ in range(lines)]
        finally:
            process.terminate()


def settings(url: str) -> dict[str, str]:
    """Return the environment of a hub."""
    return environment(HUB_DATABASE_URL=url, HUB_SECRET_KEY=SECRET_KEY, HUB_ALLOW_LOOPBACK="1")


def play(url: str, *fault: str) -> Done:
    """Play the host beside a hub on a database and a simulated payroll, perhaps with a fault; return how it ended."""
    made = [str(HUB), "api-key", "new", "example", "--scope", SCOPES]
    key = subprocess.run(made, env=settings(url), capture_output=True, text=True, timeout=60, check=True)
    with ExitStack() as stack:
        simulated = stack.enter_context(running(url, "simulate", "nmbrs", *fault))
        (served,) = stack.enter_context(running(url, "serve", "--port", "0"))
        if url.startswith("postgresql"):
            stack.enter_context(running(url, "worker"))
        login = dict(line.split(" = ") for line in simulated[1:])
        (address,) = re.findall(r"^Serving at (http://127\.0\.0\.1:\d+) ", served)
        return subprocess.run(
            [sys.executable, "-m", "examples.host", address, "--nmbrs", login["endpoint"], "--email", login["email"]],
            cwd=ROOT,
            env=environment(HOST_KEY=key.stdout.strip(), HOST_TOKEN=login["token"], PYTHONPATH=str(ROOT)),
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )


def test_the_example_brings_a_month_to_both_payrolls(database_url: str) -> None:
    """With SQLite the worker is in the process that serves, with PostgreSQL in one of its own."""
    done = play(database_url)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.count("payroll holds the 9 amounts that were approved, and no other") == 2
    assert re.findall(r"(\d+) messages of run (\d) came", done.stdout) == [("82", "1"), ("83", "2")]
    assert done.stdout.endswith("Everything held.\n")


def test_the_example_fails_where_payroll_holds_less_than_was_approved(sqlite_template: Path, tmp_path: Path) -> None:
    """Payroll refuses the last of the six rows of hours; three calls before only try the right."""
    shutil.copy(sqlite_template, tmp_path / "hub.db")
    done = play(f"sqlite:///{tmp_path / 'hub.db'}", "--fault", "fault-2037@HourComponentVar_Insert+8*1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stdout
    assert done.stderr.startswith("Failed: payroll holds [('50001', '2100', Decimal('202.50')), ")
    assert "Everything held." not in done.stdout
