"""The documentation lists every command with the keys of its JSON, and what they print fits in readable tables.

What each command does is in test_commands_at_work.py.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import typer.main

from hub import Hub, Scope
from hub.cli.app import app
from hub.cli.output import table
from hub.demo import Outcome
from hub.intake.timecards import read_timecards
from hub.testing.shell import (
    Shell,
    compiled_once,  # noqa: F401 - pytest finds it here by name
    documented,
    keys_of,
    monthly,
)
from hub_nmbrs.simulator import NmbrsSimulator

DOCUMENTED = documented(Path(__file__).parents[3] / "docs" / "commands.md")
CARDS = (
    "id,member,venue,start,end,break_minutes,status",
    "T-1,nmbrs-50001,terras,2026-10-05T08:00,2026-10-05T16:30,30,approved",
    "T-2,nmbrs-50003,terras,2026-10-06T08:00,2026-10-06T16:30,30,written",
)
OCTOBER = Scope(provider="nmbrs", administration="3101", year=2026, number=10)
IN_OCTOBER = ("cafe", "nmbrs", "3101", "2026-10")


@pytest.fixture(scope="module")
def simulator() -> Iterator[NmbrsSimulator]:
    with NmbrsSimulator() as running:
        yield running


@pytest.fixture(scope="module")
def prepared(simulator: NmbrsSimulator, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The company cafe with plan 1 exported and plan 2 made; and the company bar, connected and nothing more."""
    shell = Shell(tmp_path_factory.mktemp("prepared"))
    cards = shell.folder / shell.file("cards.csv", *CARDS)
    with Hub.open(shell.process) as hub:
        monthly(hub, "cafe", OCTOBER, simulator.connect_settings(), "2100")
        hub.add_company("bar", "Grand bar")
        hub.connect("bar", "nmbrs", simulator.connect_settings())
        hub.assign_venue("cafe", "nmbrs", "terras", "3101", "KP20")
        hub.import_timecards("cafe", read_timecards(cards))
        hub.release("cafe", hub.plan("cafe", OCTOBER).id, "Robin")
        assert hub.run("cafe", 1).state == "done"
        cards.write_text("\n".join((CARDS[0], CARDS[1].replace("T-1", "T-3").replace("-05T", "-07T"))))
        hub.import_timecards("cafe", read_timecards(cards))
        assert hub.plan("cafe", OCTOBER).id == 2
    return shell


@pytest.fixture(scope="module")
def reader(prepared: Shell, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The command on a copy that no test changes."""
    return prepared.copy(tmp_path_factory.mktemp("reader") / "copy")


# -- the documentation ------------------------------------------------------------------------------------------------


def commands(group: Any, name: str) -> Iterator[str]:
    """Yield the names of all commands of the app; a group may be a command itself."""
    for word, command in getattr(group, "commands", {}).items():
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield f"{name} {word}"
        yield from commands(command, f"{name} {word}")


def test_the_documentation_lists_every_command_and_no_other() -> None:
    assert sorted(DOCUMENTED) == sorted(commands(typer.main.get_command(app), "hub"))


def test_every_command_with_json_has_documented_keys() -> None:
    """Whoever adds `--json` to a command must say what it prints."""
    found = {}
    for name in DOCUMENTED:
        command: Any = typer.main.get_command(app)
        for word in name.split()[1:]:
            command = command.commands[word]
        found[name] = any("--json" in one.opts for one in command.params)
    assert found == {name: bool(keys) for name, keys in DOCUMENTED.items()}


READ: Mapping[str, tuple[str, ...]] = {
    "hub company list": (),
    "hub connections": ("cafe",),
    "hub administrations list": ("cafe", "nmbrs"),
    "hub map": ("cafe", "nmbrs"),
    "hub wage-period list": ("cafe", "nmbrs", "3101", "--year", "2026"),
    "hub members list": ("cafe",),
    "hub sync": ("cafe", "nmbrs"),
    "hub timecards list": ("cafe",),
    "hub validate": (*IN_OCTOBER, "--only", "worked,days", "--contract-type", "zero-hours"),
    "hub export review": ("2",),
    "hub export show": ("1",),
    "hub providers": (),
    "hub doctor": (),
}


@pytest.fixture(scope="module")
def printed(reader: Shell) -> dict[str, Any]:
    """What each command that only reads prints as JSON."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda item: reader.data(*item[0].split()[1:], *item[1]), READ.items())
        return dict(zip(READ, found, strict=True))


@pytest.mark.parametrize("command", READ)
def test_json_has_the_documented_keys(printed: dict[str, Any], command: str) -> None:
    assert keys_of(printed[command]) == DOCUMENTED[command]


def test_the_demonstration_has_the_documented_keys() -> None:
    """What it prints is tested with the demonstration."""
    assert {field.name for field in dataclasses.fields(Outcome)} == DOCUMENTED["hub demo"]


def test_json_tells_what_is_there(printed: dict[str, Any]) -> None:
    assert [one["id"] for one in printed["hub company list"]] == ["bar", "cafe"]
    assert [one["colour"] for one in printed["hub timecards list"]] == ["white", "orange", "green"]
    assert printed["hub administrations list"]["administrations"][0]["venues"] == {"terras": "902"}
    assert len(printed["hub wage-period list"]) == 12
    assert printed["hub validate"]["timecards"] == 1
    assert printed["hub export review"]["totals"] == {"days": 100, "hours 2100": 800}
    assert printed["hub export show"]["white"] == ["T-1"]
    assert all(one["ok"] for one in printed["hub doctor"])


# -- tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [80, 120])
def test_tables_fit_and_break_no_word(reader: Shell, columns: int) -> None:
    """Amounts, ids and the words of names stay whole, and no line is longer than the terminal."""
    told = [
        reader(*command, COLUMNS=str(columns)).stdout
        for command in (("export", "review", "2"), ("administrations", "list", "cafe", "nmbrs"))
    ]
    lines = [line.rstrip() for text in told for line in text.splitlines()]
    assert max(map(len, lines)) <= columns
    words = {word for line in lines for word in line.split()}
    assert {"8.00", "2100", "hours", "KP20", "Duinhof", "cards", "changed"} <= words
    assert {"3101", "Strandpaviljoen", "terras", "month", "Keuken"} <= words


def test_a_table_that_cannot_fit_still_shows_every_letter(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    table("Narrow", ("first", "second"), [("abcdefghijklmnopqrst", "0123456789" * 2)])
    shown = capsys.readouterr().out.splitlines()
    assert max(map(len, shown)) <= 30
    assert sorted("".join(shown[4:]).replace(" ", "")) == sorted("abcdefghijklmnopqrst" + "0123456789" * 2)


def test_names_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """No markup, no emoji, and nothing that steers a terminal."""
    table("[b]Title[/b]", ("name",), [("[red]:smile:[/oops]",), ("\x1b[31mred\x07",)])
    shown = capsys.readouterr().out
    assert "[b]Title[/b]" in shown
    assert "[red]:smile:[/oops]" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
