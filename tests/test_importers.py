"""The simulators of payroll that takes a file: installed ones load, and run as a person starts them."""

from __future__ import annotations

import json
import signal
import subprocess
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from urllib.request import urlopen

import pytest

from hub.registry import IMPORTERS, SIMULATORS, companion, companions, find
from hub.testing.shell import (
    HUB,
    INTERRUPTED,
    compiled_once,  # noqa: F401 - pytest finds it here by name
    environment,
)
from hub.testing.simulated_importer import SimulatedImporter

INSTALLED = sorted(entry_points(group=IMPORTERS), key=lambda one: one.name)

pytestmark = pytest.mark.skipif(not INSTALLED, reason="no payroll that takes a file is installed here")


def by_name(entry: EntryPoint) -> str:
    """Return what a test of an entry point is called by."""
    return entry.name


def test_payroll_that_takes_a_file_has_no_other_simulator() -> None:
    """`hub simulate` has one to run for a name; the two groups share none."""
    assert companions(IMPORTERS) == tuple(one.name for one in INSTALLED)
    assert {one.name for one in INSTALLED}.isdisjoint(companions(SIMULATORS))


@pytest.mark.parametrize("entry", INSTALLED, ids=by_name)
def test_an_importer_loads_and_has_the_layout_of_its_provider(entry: EntryPoint) -> None:
    """So that what the hub writes is what the simulator reads."""
    simulator, provider = companion(IMPORTERS, entry.name), find(entry.name)
    assert issubclass(simulator, SimulatedImporter)
    assert (simulator.layout, simulator.needs_bsn) == (provider.layout, provider.needs_bsn)


@pytest.mark.parametrize("entry", INSTALLED, ids=by_name)
def test_an_importer_says_where_its_page_is_and_stops(entry: EntryPoint, tmp_path: Path) -> None:
    """In one line: there is nothing to connect with."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [str(HUB), "simulate", entry.name], cwd=tmp_path, env=environment(), text=True, stdout=pipe, stderr=pipe
    ) as running:
        assert running.stdout
        line = running.stdout.readline().strip()
        address = line.removeprefix(f"{entry.name} is simulated at ").partition(" ")[0]
        with urlopen(f"{address}/_sim/state", timeout=10) as answer:
            state = json.load(answer)
        with urlopen(address, timeout=10) as answer:
            page = answer.read().decode()
        running.send_signal(signal.SIGINT)
        rest, said = running.communicate(timeout=20)
    assert address.startswith("http://127.0.0.1:")
    assert (
        line == f"{entry.name} is simulated at {address} (state: {address}/_sim/state). Upload its file on that page."
    )
    assert (state["layout"], state["imports"], state["paid"]) == (entry.name, [], [])
    assert 'type="file"' in page
    assert (running.returncode, rest, said) == (INTERRUPTED, "", "Stopped.\n")
