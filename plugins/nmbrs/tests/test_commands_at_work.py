"""Every command does what docs/commands.md says of it: its effect, its JSON and its exit code."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import Hub, Scope, SettingsError
from hub.intake.timecards import read_timecards
from hub.testing.shell import (
    HUB,
    INTERRUPTED,
    REFUSED,
    WAITS,
    Shell,
    compiled_once,  # noqa: F401 - pytest finds it here by name
    documented,
    keys_of,
    monthly,
)
from hub.vault import new_key
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.world import EMAIL, TOKEN

DOCUMENTED = documented(Path(__file__).parents[3] / "docs" / "commands.md")
CARDS = (
    "id,member,venue,start,end,break_minutes,status",
    "T-1,nmbrs-50001,terras,2026-10-05T08:00,2026-10-05T16:30,30,approved",
    "T-2,nmbrs-50003,terras,2026-10-06T08:00,2026-10-06T16:30,30,written",
)
OCTOBER = Scope(provider="nmbrs", administration="3101", year=2026, number=10)
IN_OCTOBER = ("cafe", "nmbrs", "3101", "2026-10")


class Workplace(Shell):
    """A shell that can look at what a command did."""

    def hub(self, secret_key: str = "") -> Hub:
        """Open the database in this process, to look at what a command did."""
        return Hub.open(dataclasses.replace(self.process, secret_key=secret_key))

    def cards(self) -> list[str]:
        """Return the ids of the timecards of cafe."""
        with self.hub() as hub:
            return [one.id for one in hub.timecards("cafe")]

    def steps(self, company: str, secret_key: str = "") -> dict[str, int]:
        """Return what a sync would do now, in numbers."""
        with self.hub(secret_key) as hub:
            return {str(step): number for step, number in hub.plan_sync(company, "nmbrs").counts.items()}


@pytest.fixture(scope="module")
def simulator() -> Iterator[NmbrsSimulator]:
    with NmbrsSimulator() as running:
        yield running


@pytest.fixture(scope="module")
def prepared(simulator: NmbrsSimulator, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The company cafe with plan 1 exported and plan 2 made; and the company bar, connected and nothing more."""
    shell = Workplace(tmp_path_factory.mktemp("prepared"))
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


@pytest.fixture
def shell(prepared: Workplace, tmp_path: Path) -> Workplace:
    """The command on a copy of the prepared database."""
    return prepared.copy(tmp_path / "copy")


# -- files ------------------------------------------------------------------------------------------------------------


def test_an_import_stores_the_good_rows_and_tells_the_wrong_ones(shell: Workplace) -> None:
    name = shell.file("more.csv", *CARDS[:1], CARDS[1].replace("T-1", "T-8"), "T-9,,,,,,approved")
    told = shell.data("timecards", "import", "cafe", name, code=WAITS)
    assert keys_of(told) == DOCUMENTED["hub timecards import"]
    assert (told["new"], [one["line"] for one in told["wrong"]]) == (1, [3])
    assert shell.cards() == ["T-1", "T-2", "T-3", "T-8"]


def test_a_strict_import_stores_none(shell: Workplace) -> None:
    name = shell.file("more.csv", *CARDS[:1], CARDS[1].replace("T-1", "T-8"), "T-9,,,,,,approved")
    told = shell.data("timecards", "import", "cafe", name, "--strict", code=REFUSED)
    assert (told["new"], [one["line"] for one in told["wrong"]]) == (0, [3])
    assert shell.cards() == ["T-1", "T-2", "T-3"]


def test_members_come_in_and_a_freelancers_bsn_does_not(shell: Workplace) -> None:
    name = shell.file("members.csv", "id,name,contract_type,bsn", "M-1,Tess Voorbeeldstra,freelance,123456782")
    told = shell.data("members", "import", "cafe", name)
    assert keys_of(told) == DOCUMENTED["hub members import"]
    assert (told["new"], told["notes"][0]["line"]) == (1, 2)
    with shell.hub() as hub:
        assert [one.bsn for one in hub.members("cafe") if one.id == "M-1"] == [None]


# -- people -----------------------------------------------------------------------------------------------------------


def test_a_sync_changes_nothing_until_it_is_applied(shell: Workplace) -> None:
    told = shell.data("sync", "bar", "nmbrs")
    assert (told["applied"], told["employees"], told["counts"]["new"]) == (False, 40, 36)
    assert shell.steps("bar") == told["counts"]
    assert shell.data("sync", "bar", "nmbrs", "--apply", code=WAITS)["applied"] is True
    assert shell.steps("bar") == {"same": 36, "conflict": 3, "former": 1}


def test_a_conflict_is_told_and_settled_by_hand(shell: Workplace) -> None:
    assert "3 employees are linked to nobody" in shell("sync", "cafe", "nmbrs", "--apply", code=WAITS).stderr
    shell("link", "cafe", "nmbrs", "50031", "nmbrs-50001")
    assert shell.steps("cafe")["conflict"] == 2


def test_a_field_that_is_kept_with_the_host_is_noted(shell: Workplace) -> None:
    shell("keep", "cafe", "nmbrs", "email", "name")
    with shell.hub() as hub:
        assert hub.connections("cafe")[0].kept_by_host == ["email", "name"]


# -- connections ------------------------------------------------------------------------------------------------------


def test_a_connection_that_is_switched_off_exports_nothing(shell: Workplace, simulator: NmbrsSimulator) -> None:
    rows = simulator.state()["rows"]
    shell("export", "release", "2", "--by", "Robin")
    shell("switch", "cafe", "nmbrs", "off")
    said = shell("export", "run", "2", code=REFUSED).stderr
    assert said == "cafe has switched nmbrs off: switch it on with `hub switch cafe nmbrs on`.\n"
    with shell.hub() as hub:
        assert hub.connections("cafe")[0].active is False
    assert simulator.state()["rows"] == rows


def test_reconnecting_keeps_links_and_venues(shell: Workplace, simulator: NmbrsSimulator) -> None:
    with shell.hub() as hub:
        before = hub.administrations("cafe", "nmbrs")
    names = ("--secret", "token=-", "--secret", "email=-")
    settings = ("--set", f"endpoint={simulator.url}")
    told = shell.data("connect", "cafe", "nmbrs", *settings, *names, stdin=f"{TOKEN}\n{EMAIL}\n")
    assert keys_of(told) == DOCUMENTED["hub connect"]
    with shell.hub() as hub:
        assert hub.administrations("cafe", "nmbrs") == before
    assert shell.steps("cafe")["same"] == 36


def test_an_administration_that_is_left_alone_is_not_read(shell: Workplace) -> None:
    shell("administrations", "deactivate", "bar", "nmbrs", "3102")
    assert sum(shell.steps("bar").values()) == 20
    shell("administrations", "activate", "bar", "nmbrs", "3102")
    assert sum(shell.steps("bar").values()) == 40


def test_a_company_is_set_up_by_commands(shell: Workplace) -> None:
    shell("company", "add", "zuid", "--name", "Strand [Zuid]", "--new-day", "06:00")
    shell("administrations", "assign", "bar", "nmbrs", "strand", "3102", "--cost-centre", "KP40")
    shell("wage-period", "set", "bar", "nmbrs", "3102", "2025-12-29", "--week53", "own-period")
    mapped = shell.data("map", "bar", "nmbrs", "meals", "5310", "--rate", "4,05", "--administration", "3102")
    assert [(one["component"], one["rate"]) for one in mapped["mapping"]] == [("meals", 405)]
    with shell.hub() as hub:
        assert ("zuid", "Strand [Zuid]", "06:00") in [(one.id, one.name, one.new_day) for one in hub.companies()]
        assert [one.venues for one in hub.administrations("bar", "nmbrs")] == [{}, {"strand": "904"}]
        assert len(hub.wage_periods("bar", "nmbrs", "3102", 2026)) == 14


# -- exporting --------------------------------------------------------------------------------------------------------


def test_an_export_goes_from_plan_to_white(simulator: NmbrsSimulator, shell: Workplace) -> None:
    """Planned, released, carried out, shown; each prints the documented keys."""
    plan = shell.data("export", "plan", *IN_OCTOBER, "--only", "worked")
    number = str(plan["id"])
    released = shell.data("export", "release", number, "--by", "Robin")
    run = shell.data("export", "run", number)
    for command, told in (("plan", plan), ("release", released), ("run", run)):
        assert keys_of(told) == DOCUMENTED[f"hub export {command}"]
    assert (released["released_by"], run["state"], run["white"]) == ("Robin", "done", ["T-3"])
    assert [one["amount"] for one in run["entries"]] == [800]
    assert "Timecards turned white: 1." in shell("export", "show", str(run["id"])).stdout


def test_a_run_that_is_in_doubt_says_so(shell: Workplace, simulator: NmbrsSimulator) -> None:
    """The request was lost: nobody knows that for sure before the settle time is over."""
    shell("export", "release", "2", "--by", "Robin")
    simulator.inject("lost-request@HourComponentVar_Insert+1*1")  # the first tries the right to insert
    told = shell("export", "run", "2", code=WAITS)
    assert told.stderr.startswith("Run 2 is in doubt: ")
    assert len(told.stderr.splitlines()) == 1
    assert "in doubt" in told.stdout


# -- the installation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_simulator_says_how_to_connect_and_stops(shell: Workplace, how: signal.Signals) -> None:
    command = [str(HUB), "simulate", "nmbrs", "--employees", "3"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=shell.environment(), text=True, stdout=pipe, stderr=pipe) as running:
        assert running.stdout
        lines = [running.stdout.readline().strip() for _ in range(4)]
        told = dict(line.split(" = ") for line in lines[1:])
        with urllib.request.urlopen(f"{told['endpoint']}/_sim/state", timeout=5) as state:
            assert json.load(state)["rows"] == []
        running.send_signal(how)
        _, said = running.communicate(timeout=5)
    assert lines[0].startswith("nmbrs is simulated at http://127.0.0.1:")
    assert {**told, "endpoint": ""} == {"endpoint": "", "email": EMAIL, "token": TOKEN}
    assert (running.returncode, said) in [(INTERRUPTED, "Stopped.\n"), (-signal.SIGTERM, "")]


def test_a_port_that_is_taken_is_no_fault_of_the_hub(shell: Workplace, simulator: NmbrsSimulator) -> None:
    said = shell("simulate", "nmbrs", "--port", str(simulator.port), code=REFUSED).stderr
    assert said == "This machine refused (Address already in use): the operator must look why.\n"


def test_everything_works_after_the_keys_were_rotated(shell: Workplace) -> None:
    """With a data key anew for each company, and then with another key of the hub itself."""
    shell("keys", "rotate")
    assert shell.steps("cafe")["same"] == 36
    old, new = (shell.folder / "hub.key").read_text().strip(), new_key()
    shell("keys", "rotate", HUB_SECRET_KEY=new, HUB_OLD_SECRET_KEY=old)
    assert shell.steps("cafe", secret_key=new)["same"] == 36
    with pytest.raises(SettingsError, match="is not the one this database was made with"):
        shell.steps("cafe")


def test_a_new_key_is_one_that_the_hub_takes(tmp_path: Path) -> None:
    shell = Workplace(tmp_path)
    key = shell("keys", "new").stdout.strip()
    shell("company", "add", "cafe", HUB_SECRET_KEY=key)
    assert not (tmp_path / "hub.key").exists()


def test_output_that_nobody_reads_is_no_fault(shell: Workplace) -> None:
    """`hub … | head -1` ends quietly."""
    piped = f"'{HUB}' wage-period list cafe nmbrs 3101 --year 2026 --json | head -1"
    done = subprocess.run(
        ["bash", "-c", piped], env=shell.environment(), capture_output=True, text=True, timeout=30, check=True
    )
    assert (done.stdout, done.stderr) == ("[\n", "")
