"""Every other thing that a person can get wrong, in tables: refused in one sentence, and nothing is changed by it.

What goes wrong in connecting and with rows of a file is in test_bad_input.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from hub import Hub, Scope
from hub.intake.timecards import read_timecards
from hub.testing.shell import (
    REFUSED,
    WAITS,
    WRONG_COMMAND,
    Done,
    Shell,
    compiled_once,  # noqa: F401 - pytest finds it here by name
    monthly,
    sentence,
)
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.world import EMAIL, TOKEN

HEADER = "id,member,start,end,break_minutes,status"
CARD = "T-1,nmbrs-50001,2026-10-05T08:00,2026-10-05T16:00,0,approved"
NIGHT = "T-2,nmbrs-50001,2026-10-06T18:00,2026-10-06T23:00,0,approved"
OCTOBER = Scope(provider="nmbrs", administration="3101", year=2026, number=10)
PLAN = ("export", "plan", "cafe", "nmbrs")


@pytest.fixture(scope="module")
def simulator() -> Iterator[NmbrsSimulator]:
    with NmbrsSimulator() as running:
        yield running


@pytest.fixture(scope="module")
def prepared(simulator: NmbrsSimulator, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A company that is ready, with plan 1 made and not released, and a card whose surcharge nobody mapped."""
    shell = Shell(tmp_path_factory.mktemp("prepared"), stdin=f"{EMAIL}\n{TOKEN}\n")
    cards = shell.folder / shell.file("cards.csv", f"{HEADER},surcharge:night-25", f"{CARD},", f"{NIGHT},60")
    with Hub.open(shell.process) as hub:
        monthly(hub, "cafe", OCTOBER, simulator.connect_settings(), "2100")
        hub.import_timecards("cafe", read_timecards(cards))
        assert hub.plan("cafe", OCTOBER).id == 1
    return shell


@pytest.fixture
def shell(prepared: Shell, tmp_path: Path) -> Shell:
    """The command on a copy of the prepared database."""
    return prepared.copy(tmp_path / "copy")


# -- files ------------------------------------------------------------------------------------------------------------


BROKEN_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    # What makes the file, and what is told of it.
    "empty": (lambda file: file.write_bytes(b""), "The file holds no rows: send a file with at least one."),
    "unknown component": (
        lambda file: file.write_text(f"{HEADER},bonus:EXTRA\n{CARD},1\n"),
        "Column 7 of the header is not known: line 1 must name the columns",
    ),
    "200 MB": (lambda file: _sparse(file, 200_000_000), "The file is larger than 100 MB: send it in parts."),
    "Windows-1252": (
        lambda file: file.write_bytes(f"{HEADER}\n{CARD.replace('50001', 'é')}\n".encode("cp1252")),
        "Line 2 is not UTF-8 text: save the file as UTF-8 and send it again.",
    ),
    "UTF-16": (
        lambda file: file.write_bytes(f"{HEADER}\n{CARD}\n".encode("utf-16")),
        "Line 1 is not UTF-8 text: save the file as UTF-8 and send it again.",
    ),
    "not there": (lambda file: file.unlink(missing_ok=True), "The file cannot be read: check that the path is right"),
    "a folder": (lambda file: file.mkdir(), "The path is not that of a file: give the path of a CSV"),
}


def _sparse(file: Path, size: int) -> None:
    with file.open("wb") as opened:
        opened.truncate(size)


# -- exporting --------------------------------------------------------------------------------------------------------


def test_an_unmapped_component_holds_its_card_and_says_how_to_map_it(shell: Shell) -> None:
    done = shell.run(*PLAN, "3101", "2026-10", "--json")
    assert sentence(done, WAITS) == (
        "1 timecard is held; T-2: surcharge:night-25 has no code in payroll. "
        "Map it to a code: hub map COMPANY PROVIDER COMPONENT CODE."
    )
    plan = json.loads(done.stdout)
    assert [one["finding"]["timecard"] for one in plan["held"]] == ["T-2"]
    assert plan["timecards"] == 1


REFUSED_EXPORTS = {
    "an unknown administration": ((*PLAN, "9999", "2026-10"), "Administration 9999 is not known"),
    "a period that does not exist": (
        (*PLAN, "3101", "2026-14"),
        "The year 2026 has 12 wage periods (months): give a number from 1 to 12.",
    ),
    "an administration without wage periods": ((*PLAN, "3102", "2026-10"), "has no wage period yet: set the start"),
    "a plan that nobody released": (
        ("export", "run", "1"),
        "Plan 1 is not released: somebody must release it with `hub export release 1 --by NAME`.",
    ),
    "a release by nobody": (("export", "release", "1", "--by", "  "), "A plan is released by a person: give a name"),
    "an unknown plan": (("export", "run", "77"), "There is no plan 77: give the number that the hub gave it."),
    "an unknown run": (("export", "show", "77"), "There is no run 77: give the number that the hub gave it."),
    "an error where JSON was asked for": (("export", "run", "77", "--json"), "There is no plan 77"),
}


# -- settings ---------------------------------------------------------------------------------------------------------

MAP = ("map", "cafe", "nmbrs")
REFUSED_SETTINGS = {
    "an unknown code": ((*MAP, "meals", "9999"), "9999 is not a code in payroll. Known: 1000 Salaris (wage)"),
    "meals as money without a rate": (
        (*MAP, "meals", "5310"),
        "pieces under a wage code need an amount a piece (--rate).",
    ),
    "money under an hour code": ((*MAP, "allowance:travel", "2100"), "money needs a wage code; an hour code would be"),
    "time under a wage code": ((*MAP, "worked", "5310"), "time needs an hour code."),
    "a rate that would be ignored": (
        (*MAP, "meals", "2105", "--rate", "4.05"),
        "an amount a piece (--rate) is for pieces under a wage code only.",
    ),
    "an unknown component": ((*MAP, "bonus", "5600"), "bonus is no component: use worked, meals, surcharge:NAME or"),
    "an administration to map for": (
        (*MAP, "worked", "2100", "--administration", "9999"),
        "nmbrs has no administration 9999 for cafe; it has: 3101, 3102.",
    ),
    "an administration to assign to": (
        ("administrations", "assign", "cafe", "nmbrs", "bar", "9999"),
        "nmbrs has no administration 9999 for cafe; it has: 3101, 3102.",
    ),
    "an unknown cost centre": (
        ("administrations", "assign", "cafe", "nmbrs", "bar", "3101", "--cost-centre", "KP99"),
        "Administration 3101 has no cost centre KP99; it has: KP10, KP20, KP30.",
    ),
    "another period type than payroll's": (
        ("wage-period", "set", "cafe", "nmbrs", "3101", "2026-01-05", "--type", "week"),
        "is paid per month in payroll, not per week.",
    ),
    "a year long gone": (
        ("wage-period", "set", "cafe", "nmbrs", "3101", "1926-01-01"),
        "first_start must lie in the years 1970 to 2199.",
    ),
    "a company twice": (("company", "add", "cafe"), "There is a company cafe already: choose another id."),
    "a company without an id": (("company", "add", ""), "The id of a company is a text without spaces around it"),
    "an employee that is unknown": (("link", "cafe", "nmbrs", "1", "nmbrs-50001"), "Employee 1 is not known"),
    "a field that the host cannot keep": (("keep", "cafe", "nmbrs", "bsn"), "bsn cannot be kept by the host; choose"),
    "a simulator that is not there": (("simulate", "other"), "Provider other has no simulator"),
}


WRONG_COMMANDS = {
    "no such command": (("frobnicate",), "No such command 'frobnicate': see `hub --help`."),
    "an argument left out": (("company", "add"), "Missing argument 'COMPANY': see `hub company add --help`."),
    "a release without a name": (("export", "release", "1"), "Missing option '--by': see `hub export release --help`."),
    "a number that is none": (("export", "run", "one"), "Invalid value for 'PLAN'"),
    "a period that is none": ((*PLAN, "3101", "october"), "A wage period is a year and a number: write it such as"),
    "a choice that is none": ((*PLAN, "3101", "2026-10", "--days", "x"), "--days takes ask, keep, overwrite"),
    "a rate that is no amount": ((*MAP, "meals", "5310", "--rate", "NaN"), "--rate takes an amount of euros"),
    "a component without a code": ((*MAP, "worked"), "A component needs a code"),
    "a state that is none": (("switch", "cafe", "nmbrs", "maybe"), "The state takes on, off"),
    "a day that begins never": (("company", "add", "bar", "--new-day", "25:00"), "--new-day takes a time"),
}


SYNC = ("sync", "cafe", "nmbrs")
ENVIRONMENTS = {
    "a database that cannot be opened": (
        {"HUB_DATABASE_URL": "sqlite:////nowhere/at/all/hub.db"},
        "The database cannot be opened: the operator must check HUB_DATABASE_URL",
    ),
    "another key": (
        {"HUB_SECRET_KEY": "A" * 43 + "="},
        "is not the one this database was made with: the operator must set HUB_SECRET_KEY",
    ),
    "a short key": ({"HUB_SECRET_KEY": "AAAA"}, "HUB_SECRET_KEY must be 32 bytes in base64: make one with"),
    "a key that is none": ({"HUB_SECRET_KEY": "no base64"}, "HUB_SECRET_KEY is not base64: make one with"),
    "an unknown log level": ({"HUB_LOG": "loud"}, "HUB_LOG takes debug, info, warning, error"),
}


class Case(NamedTuple):
    """A command that must be refused: its exit code, what it says, and the settings that it is given."""

    arguments: tuple[str, ...]
    told: str
    code: int = REFUSED
    settings: Mapping[str, str] = MappingProxyType({})


ALL = {
    **{what: Case(("timecards", "import", "cafe", what), told) for what, (_, told) in BROKEN_FILES.items()},
    **{what: Case(*case) for what, case in (REFUSED_EXPORTS | REFUSED_SETTINGS).items()},
    **{what: Case(*case, code=WRONG_COMMAND) for what, case in WRONG_COMMANDS.items()},
    **{what: Case(SYNC, told, settings=settings) for what, (settings, told) in ENVIRONMENTS.items()},
}


@pytest.fixture(scope="module")
def refusals(prepared: Shell, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """What each of these commands says: at the same time, on one database, because none may change it."""
    shell = prepared.copy(tmp_path_factory.mktemp("shared") / "copy")
    for what, (make, _) in BROKEN_FILES.items():
        make(shell.folder / what)
    with shell.unchanged(), ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(lambda case: shell.run(*case.arguments, **case.settings), ALL.values())
        return dict(zip(ALL, done, strict=True))


@pytest.mark.parametrize("what", ALL)
def test_what_cannot_be_is_refused_in_a_sentence(refusals: dict[str, Done], what: str) -> None:
    assert refusals[what].stdout == ""
    assert ALL[what].told in sentence(refusals[what], ALL[what].code)


def test_a_file_that_is_no_database_is_not_touched(shell: Shell) -> None:
    other = shell.folder / "letter.txt"
    other.write_text("Dear all,\n" * 100)
    said = shell.refused("company", "list", settings={"HUB_DATABASE_URL": f"sqlite:///{other}"})
    assert "the operator must" in said
    assert other.read_text() == "Dear all,\n" * 100


def test_help_imports_neither_database_nor_network_nor_provider() -> None:
    """A provider that hangs, or a package that is broken, must not keep a person from the help."""
    code = (
        "import sys; sys.argv = ['hub', '--help']\n"
        "from hub.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    heavy = {'sqlalchemy', 'sqlmodel', 'zeep', 'httpx', 'lxml', 'hub_nmbrs'} & set(sys.modules)\n"
        "    print('loaded:', sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert "loaded: []" in done.stdout
    assert "export" in done.stdout
