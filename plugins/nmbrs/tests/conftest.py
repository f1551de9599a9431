"""The fixtures that the hub ships for tests, and a company at work on the simulator of Nmbrs."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub import Process, Scope
from hub.testing.at_work import AtWork, at_work
from hub.testing.faults import WIRE_FAULTS, Fault
from hub.testing.fixtures import (  # noqa: F401 - pytest finds them here by name
    SECRET_KEY,
    database_url,
    empty_database_url,
    postgres_url,
    process,
    sqlite_template,
    store,
)
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator

OCTOBER = Scope(provider="nmbrs", administration="3101", year=2026, number=10, groups=("worked",))


@pytest.fixture
def nmbrs() -> Iterator[NmbrsSimulator]:
    """Yield a running Nmbrs with three employees in administration 3101: 50001, 50003 and 50005."""
    with NmbrsSimulator(employees=6) as simulator:
        yield simulator


def _at_work(process: Process, simulator: NmbrsSimulator) -> Iterator[AtWork[NmbrsSimulator]]:  # noqa: F811
    names = {"code": "2100", "posting": "HourComponentVar_Insert", "probing": "WageComponentVar_Insert"}
    with pytest.MonkeyPatch.context() as patch, at_work(process, simulator, OCTOBER, **names) as opened:
        patch.setattr(NmbrsProvider, "concurrency", 1)  # one slot after the other, in the order of the entries
        yield opened


@pytest.fixture
def work(nmbrs: NmbrsSimulator, sqlite_template: Path, tmp_path: Path) -> Iterator[AtWork[NmbrsSimulator]]:  # noqa: F811
    """Yield a company on SQLite whose worked hours of October 2026 go to administration 3101, on hour code 2100."""
    shutil.copy(sqlite_template, tmp_path / "hub.db")
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    yield from _at_work(Process(database_url=url, secret_key=SECRET_KEY, allow_loopback=True), nmbrs)


@pytest.fixture
def work_on_both(nmbrs: NmbrsSimulator, process: Process) -> Iterator[AtWork[NmbrsSimulator]]:  # noqa: F811
    """Yield the same company, once on SQLite and once on PostgreSQL."""
    yield from _at_work(process, nmbrs)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Fault], str]:
    """Give a fault of the test's own a name that the simulator takes; returns the name."""

    def name(wanted: str, fault: Fault) -> str:
        monkeypatch.setitem(WIRE_FAULTS, wanted, fault)
        return wanted

    return name
