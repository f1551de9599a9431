"""The command `hub` for tests: run as a person runs it, in a folder of its own, on a database file of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from hub.process import Process

if TYPE_CHECKING:
    from hub import Hub, Scope

HUB = Path(sys.executable).with_name("hub")
"""The console script of this environment."""

DONE, REFUSED, WRONG_COMMAND, WAITS, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes of the command, as docs/commands.md has them."""

Done = subprocess.CompletedProcess[str]
"""A command that has ended, with what it printed."""

_UNSET = ("HUB_", "COLUMNS")
_SECONDS = 60

AnyShell = TypeVar("AnyShell", bound="Shell")
"""A `Shell`, or what a test made of it."""


@pytest.fixture(scope="module", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the bytecode of all commands in one place, for every test of the module that imports this fixture.

    Where nothing may be written beside the code, compiling it anew would double the time of every command.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.getbasetemp() / "bytecode"))
        yield


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of this process, with no settings of the hub but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_UNSET)}
    return {**clean, **settings}


class Shell:
    """A folder with a database and its key, and the command `hub` in it.

    `stdin` is what a command reads that is given nothing else; `settings` are set for every command.
    """

    def __init__(self, folder: Path, stdin: str = "", **settings: str) -> None:
        self.folder = folder
        self.stdin = stdin
        self.settings = settings
        self.process = Process(database_url=f"sqlite:///{folder / 'hub.db'}", allow_loopback=True)

    def copy(self: AnyShell, folder: Path) -> AnyShell:
        """Copy the folder to where there is none yet, and return the shell in it."""
        shutil.copytree(self.folder, folder)
        return type(self)(folder, self.stdin, **self.settings)

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the environment of a command."""
        own = {"HUB_DATABASE_URL": self.process.database_url, "HUB_ALLOW_LOOPBACK": "1"}
        return environment(**{**own, **self.settings, **settings})

    def run(self, *arguments: str, stdin: str | None = None, **settings: str) -> Done:
        """Run a command to its end, whatever that is."""
        return subprocess.run(  # noqa: S603 - our own command
            [HUB, *arguments],
            input=self.stdin if stdin is None else stdin,
            env=self.environment(**settings),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def __call__(self, *arguments: str, stdin: str | None = None, code: int = DONE, **settings: str) -> Done:
        """Run a command and check its exit code, and that it says something of it only if it is not done."""
        done = self.run(*arguments, stdin=stdin, **settings)
        if done.returncode != code or bool(done.stderr) is (code == DONE):
            raise AssertionError((arguments, done.returncode, done.stdout, done.stderr))
        return done

    def data(self, *arguments: str, stdin: str | None = None, code: int = DONE, **settings: str) -> Any:  # noqa: ANN401 - JSON
        """Run a command with `--json` and return what it printed."""
        return json.loads(self(*arguments, "--json", stdin=stdin, code=code, **settings).stdout)

    def file(self, name: str, *lines: str) -> str:
        """Write a file and return its name."""
        (self.folder / name).write_text("\n".join(lines) + "\n")
        return name

    def held(self) -> dict[str, list[str]]:
        """Return every row of every table."""
        with closing(sqlite3.connect(self.folder / "hub.db")) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: sorted(map(repr, database.execute(f"SELECT * FROM {name}"))) for name in names}  # noqa: S608 - the names are our own tables

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Check that the database holds afterwards what it held before."""
        before = self.held()
        yield
        after = self.held()
        if after != before:
            raise AssertionError([name for name in before | after if before.get(name) != after.get(name)])

    def refused(
        self,
        *arguments: str,
        code: int = REFUSED,
        stdin: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> str:
        """Run a command that must be refused as a whole; return what it says."""
        with self.unchanged():
            done = self.run(*arguments, stdin=stdin, **(settings or {}))
        if done.stdout:
            raise AssertionError(done.stdout)
        return sentence(done, code)


def sentence(done: Done, code: int) -> str:
    """Return the one sentence on standard error, after checking that there is no more than that."""
    said = done.stderr.splitlines()
    one = len(said) == 1 and not said[0].startswith(" ") and said[0].endswith((".", ")"))
    if done.returncode != code or not one or "Traceback" in done.stdout + done.stderr:
        raise AssertionError((done.returncode, done.stdout, done.stderr))
    return said[0]


def monthly(hub: Hub, company: str, scope: Scope, settings: Mapping[str, str], code: str) -> None:
    """Add a company that is ready to export months of 2026: connected, worked hours under a code, everybody read."""
    from hub.administrations import Booking
    from hub.models import PeriodType
    from hub.periods import Calendar

    hub.add_company(company, f"Grand {company}")
    hub.connect(company, scope.provider, dict(settings))
    months = Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1))
    hub.set_wage_period(company, scope.provider, scope.administration, months)
    hub.map(company, scope.provider, Booking("worked", code))
    hub.apply_sync(company, hub.plan_sync(company, scope.provider))


def documented(file: Path) -> dict[str, set[str]]:
    """Return the commands of a documentation with the keys of their JSON; none for those that print no data.

    Its tables have a row for each command: its name, what it does, and its keys or ``as `hub other` ``.
    """
    rows = re.findall(r"^\| `(hub [a-z -]+)` \| [^|]+ \|([^|]*)\|$", file.read_text(), re.MULTILINE)
    keys = {command: set(re.findall(r"`([a-z0-9_]+)`", cell)) for command, cell in rows}
    same = {command: re.search(r"as `(hub [a-z ]+)`", cell) for command, cell in rows}
    return {command: keys[as_of[1]] if (as_of := same[command]) else found for command, found in keys.items()}


def keys_of(printed: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Return the keys of what a command printed: of the object, or of the first in a list."""
    return set(printed[0] if isinstance(printed, list) else printed)
