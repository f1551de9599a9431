"""The command `hub` within this process, on any database: for tests with a provider that only lives here."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any
from unittest.mock import patch

from hub.process import Process


@dataclass(frozen=True)
class Told:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - JSON
        """What it printed as JSON."""
        return json.loads(self.out)


def hub(process: Process, *words: object, columns: int = 160) -> Told:
    """Run a command on the database of a process. Logging is left as the test has it."""
    settings = {
        "HUB_DATABASE_URL": process.database_url,
        "HUB_SECRET_KEY": process.secret_key,
        "HUB_ALLOW_LOOPBACK": "1",
        "COLUMNS": str(columns),
    }
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict("os.environ", settings),
        patch("sys.argv", ["hub", *map(str, words)]),
        patch("hub.cli.logs.start_logging"),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = _exit_code()
    return Told(code, out.getvalue(), err.getvalue())


def _exit_code() -> int:
    (command,) = entry_points(group="console_scripts", name="hub")
    try:
        command.load()()
    except SystemExit as end:
        return int(end.code or 0)
    raise AssertionError("the command did not end")
