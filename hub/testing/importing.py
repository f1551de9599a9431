"""A payroll that imports a file, from the outside: the file of a story, and a simulator in a process of its own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from hub.process import Process
from hub.testing.command import hub
from hub.testing.distributions import Fake, Site
from hub.testing.fixtures import SECRET_KEY
from hub.testing.shell import DONE, HUB, INTERRUPTED, WAITS, environment
from hub.testing.simulated_importer import IMPORTED_BEFORE, TAKEN, SimulatedImporter, upload
from hub.testing.story import Story

NAME = "importer"
"""The name under which a simulator is installed here, beside whatever else is."""


def file_of(story: Story, folder: Path) -> Path:
    """Do the story of a payroll that takes a file, command by command; return its file, which was handed over."""
    process = Process(database_url=f"sqlite:///{folder / 'hub.db'}", secret_key=SECRET_KEY)
    for arguments in _commands(story, folder):
        told = hub(process, *arguments)
        if told.code not in (DONE, WAITS):
            raise AssertionError((arguments, told))
    (file,) = (one for one in folder.glob(f"{story.payrolls[0].administration}-*") if one.suffix != ".json")
    return file


def _commands(story: Story, folder: Path) -> Iterator[tuple[str, ...]]:
    company, payroll = story.company, story.payrolls[0]
    provider, dates = payroll.administration, "/".join(map(str, payroll.dates or ()))
    yield "company", "add", company, "--name", story.title
    yield "connect", company, provider
    for component, code in story.codes.items():
        yield "map", company, provider, component, code
    yield "members", "import", company, str(story.members)
    yield "timecards", "import", company, str(story.timecards)
    yield "export", "plan", company, provider, provider, dates
    yield "export", "release", "1", "--by", "Robin"
    yield "export", "run", "1"
    yield "export", "file", "1", "-o", str(folder)


@contextmanager
def simulated(simulator: type[SimulatedImporter], folder: Path) -> Iterator[str]:
    """Run `hub simulate` of an importer in a process of its own; yield its address. It ends as a keyboard ends it."""
    source = f"from {simulator.__module__} import {simulator.__name__} as P\n"
    Site(folder).add(NAME, Fake(source, group="payroll_hub.simulators"))
    command, settings = [str(HUB), "simulate", NAME], environment(PYTHONPATH=str(folder))
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own
        said = running.stdout.readline() if running.stdout else ""
        try:
            yield re.findall(r" is simulated at (http://127\.0\.0\.1:\d+) ", said)[0]
        finally:
            running.send_signal(signal.SIGINT)
        if running.wait(30) != INTERRUPTED:
            raise AssertionError(running.returncode)


def state(address: str) -> dict[str, Any]:
    """Return what a simulator holds."""
    with urlopen(f"{address}/_sim/state", timeout=10) as answer:  # noqa: S310 - on this machine
        return dict(json.load(answer))


def paid_once(address: str, file: Path, layout: str) -> dict[tuple[str, str], int]:
    """Hand a file over twice; return what was paid, in hundredths per name and code.

    Raises `AssertionError` where the second time was not noticed, or where the file is not read by `layout`.
    """
    if [upload(address, file.name, file.read_bytes())[0] for _ in range(2)] != [TAKEN, IMPORTED_BEFORE]:
        raise AssertionError(state(address)["imports"])
    found = state(address)
    if (found["layout"], found["layout_status"], found["errors"]) != (layout, "unverified", []):
        raise AssertionError(found)
    return {(one["name"], one["code"]): one["amount"] for one in found["paid"]}
