"""No BSN, no token and no login leaves its place: not into a log, an output, an error or the database, whatever fails.

The story of the demonstration is played with failures on the way, once through commands and once through `Hub`. The
simulator answers with the BSN of everybody, so this also proves that payroll's are dropped on arrival.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hub import Booking, Calendar, Hub, HubError, Process, Scope
from hub.export.report import RunView
from hub.intake.members import read_members
from hub.intake.timecards import read_timecards
from hub.periods import Week53
from hub.testing import canary
from hub.testing.canary import stored, told
from hub.testing.shell import (
    Done,
    Shell,
    compiled_once,  # noqa: F401 - pytest finds it here by name
)
from hub.testing.simulator import Handler, Reply, Request
from hub.testing.story import Payroll
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.people import TEST_BSNS
from hub_nmbrs.simulator.world import EMAIL, TOKEN
from hub_nmbrs.story import STORY

SECRETS = (*TEST_BSNS, TOKEN, EMAIL)
PLANTED = "kanarie-7391"
"""What the control hides and must find: as harmless as it is rare."""

# When a run starts the right to insert is tried once more, so the first call that counts is the second.
LOST = ("lost-answer@HourComponentVar_Insert+1*1", "lost-request@HourComponentVar_Insert+2*1")
BAD_GATEWAY = "html-502*3"  # as often as a reading is tried
NOT_IN_MODEL = ("fault-2001@HourComponentVar_Insert+1*1",)


def leaks(data: bytes, secrets: Iterable[str] = SECRETS) -> list[str]:
    """Return which secrets are in some bytes; those of this story, unless others are named."""
    return canary.leaks(data, secrets)


# -- the story through commands ---------------------------------------------------------------------------------------


class Recorder(Shell):
    """The command `hub` at debug level in one folder; it keeps all that was printed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, HUB_LOG="debug", HUB_DEBUG="1")
        self.printed = ""
        self.codes: list[int] = []

    def run(self, *arguments: str, stdin: str | None = None, **settings: str) -> Done:
        """Run a command and keep what it printed."""
        done = super().run(*arguments, stdin=stdin, **settings)
        self.printed += done.stdout + done.stderr
        self.codes.append(done.returncode)
        return done


def broken_files(folder: Path) -> list[str]:
    """Write files that hold secrets where they do not belong; return their names."""
    bsn = TEST_BSNS[0]
    contents = {
        "header.csv": f"id,name,{bsn},{EMAIL}\nM-1,A,,\n".encode(),
        "cells.csv": (
            f"id,name,email,contract_type,venue,bsn\n{bsn},A,,,,{bsn}\nM-2,B,{bsn},,,\nM-3,C,,{bsn},,\n"
            f"M-4,D,,,,{bsn[:-1]}9\nM-5,E\nM-6,F,{EMAIL} {TOKEN},,,\n"
        ).encode(),
        "encoding.csv": f"id,name,bsn\nM-1,Zoë,{bsn}\n".encode("cp1252"),
        "quotes.csv": f'id,name,bsn\nM-1,"A,{bsn}\n'.encode(),
        "lines.jsonl": f'{{"id": "M-1", "name": "A", "{bsn}": 1}}\n{{"id": "M-2", "bsn": {bsn}\n'.encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return list(contents)


def set_up(hub: Hub) -> None:
    """Assign the venues, map the components and set the wage periods of the story."""
    for venue in STORY.venues:
        hub.assign_venue(STORY.company, "nmbrs", venue.id, venue.administration, venue.cost_centre)
    for component, code in STORY.codes.items():
        hub.map(STORY.company, "nmbrs", Booking(component, code))
    for one in STORY.payrolls:
        week53 = Week53(one.week53) if one.week53 else None
        calendar = Calendar(type=one.type, first_start=one.first_start, week53=week53)
        hub.set_wage_period(STORY.company, "nmbrs", one.administration, calendar)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """The story, played through commands with failures on the way."""
    shell = Recorder(tmp_path_factory.mktemp("story"))
    company = STORY.company
    with NmbrsSimulator() as simulator:
        connect = ("connect", company, "nmbrs", "--set", f"endpoint={simulator.url}")
        asked = ("--secret", "email=-", "--secret", "token=-", "--json")
        shell.run("company", "add", company, "--name", f"{STORY.title} {PLANTED}")
        shell.run(*connect, *asked, stdin=f"{EMAIL}\nx{TOKEN}\n")
        simulator.inject(BAD_GATEWAY)
        shell.run(*connect, *asked, stdin=f"{EMAIL}\n{TOKEN}\n")
        shell.run(*connect, "--set", f"token={TOKEN}", "--set", f"email={EMAIL}")
        shell.run(*connect, *asked, stdin=f"{EMAIL}\n{TOKEN}\n")
        assert shell.codes == [0, 1, 1, 2, 0]
        with Hub.open(shell.process) as hub:
            set_up(hub)
        broken_files(shell.folder)
        shell.run("members", "import", company, "cells.csv", "--json")
        shell.run("members", "import", company, "encoding.csv")
        shell.run("members", "import", company, str(STORY.members), "--json")
        simulator.inject(f"{BAD_GATEWAY[:-2]}@PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany*3")
        shell.run("sync", company, "nmbrs", "--apply")
        shell.run("sync", company, "nmbrs", "--apply", "--json")
        shell.run("timecards", "import", company, str(STORY.timecards), "--json")
        shell.run("export", "plan", company, "nmbrs", "3101", "2026-10", "--only", "worked", "--json")
        shell.run("export", "release", "1", "--by", "Robin", "--json")
        simulator.inject(*LOST)
        shell.run("export", "run", "1", "--json")
        shell.run("export", "show", "1")
        shell.run("keys", "rotate")
        shell.run("sync", company, "nmbrs", HUB_SECRET_KEY="A" * 43 + "=")
        shell.run("members", "list", company, "--json")
        shell.run("connections", company, "--json")
        assert simulator.state()["rows"]
    return shell


def test_commands_print_no_secret(played: Recorder) -> None:
    """Standard output and standard error of every command, with the log at debug level."""
    assert leaks(played.printed.encode()) == []


def test_commands_store_no_secret(played: Recorder) -> None:
    """The file, its journal and the key beside it, after the keys were rotated too."""
    assert leaks(stored(played.process.database_url)) == []


def test_commands_went_through_every_failure(played: Recorder) -> None:
    """Else the two tests above would prove little."""
    for words in (
        "does not accept the e-mail address, token or domain",
        "answered with HTTP 502",
        "is a secret and would stay in your shell's history",
        "is not UTF-8 text",
        "pass the eleven test",
        '"state": "in doubt"',
        "is not the one this database was made with",
        '"event": "plugin call"',
    ):
        assert words in played.printed, words
    assert 70 not in played.codes


def test_the_search_finds_what_is_planted_in_output_and_file(played: Recorder) -> None:
    """The control: a name that is no secret is found where it must be."""
    assert "secret 0, plain" in leaks(stored(played.process.database_url), [PLANTED])
    printed = played.run("company", "list").stdout
    assert leaks(printed.encode(), [PLANTED]) == ["secret 0, plain"]


# -- the story through Hub --------------------------------------------------------------------------------------------


class Talker(NmbrsSimulator):
    """The simulator, which keeps what it answered."""

    said = b""

    def route(self, request: Request) -> tuple[str, Handler]:
        """Return what carries a call out, and keeps its answer."""
        name, handler = super().route(request)

        def keep(fault: str) -> Reply:
            reply = handler(fault)
            self.said += reply.body
            return reply

        return name, keep


class Ears(logging.Handler):
    """Hears every log line of every library, with all that its record holds."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        fault = told(record.exc_info[1]) if record.exc_info and record.exc_info[1] else ""
        self.heard.append(f"{record.name} {record.getMessage()} {record.args!r} {fault} {record.stack_info or ''}")


@pytest.fixture
def ears() -> Iterator[Ears]:
    """A host that wants to hear of everything: the root logger, and the hub's, at debug level."""
    handler, root, own = Ears(), logging.getLogger(), logging.getLogger("hub")
    before = root.level, own.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    own.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before[0])
    own.setLevel(before[1])


class Player:
    """Plays the story on a hub and keeps what was raised and returned."""

    def __init__(self, hub: Hub, simulator: NmbrsSimulator, folder: Path) -> None:
        self.hub = hub
        self.simulator = simulator
        self.folder = folder
        self.raised: list[BaseException] = []
        self.returned: list[object] = []

    def fails(self, call: Callable[[], object]) -> None:
        """Make a call that must fail."""
        with pytest.raises(HubError) as caught:
            call()
        self.raised.append(caught.value)

    def play(self) -> None:
        """Play it from beginning to end."""
        self._connect()
        set_up(self.hub)
        self._people()
        for payroll, faults in zip(STORY.payrolls, (LOST, NOT_IN_MODEL), strict=True):
            self._export(payroll, faults)

    def _connect(self) -> None:
        company, right = STORY.company, self.simulator.connect_settings()
        self.hub.add_company(company, STORY.title)
        self.fails(lambda: self.hub.connect(company, "nmbrs", {**right, "token": f"x{TOKEN}"}))
        self.fails(lambda: self.hub.connect(company, "nmbrs", {**right, TOKEN: EMAIL}))
        self.fails(lambda: self.hub.connect(company, "nmbrs", {**right, "domain": "other"}))
        self.simulator.inject(BAD_GATEWAY)
        self.fails(lambda: self.hub.connect(company, "nmbrs", right))
        self.returned.append(self.hub.connect(company, "nmbrs", right))
        self.returned += self.hub.connections(company)

    def _people(self) -> None:
        company = STORY.company
        for name in broken_files(self.folder):
            self.fails(partial(read_members, self.folder / name, strict=True))
        self.returned.append(read_members(self.folder / "cells.csv"))
        self.returned.append(self.hub.import_members(company, read_members(STORY.members)))
        self.simulator.inject("cut-body@Contract_GetAll_AllEmployeesByCompany*3")
        self.fails(lambda: self.hub.plan_sync(company, "nmbrs"))
        plan = self.hub.plan_sync(company, "nmbrs")
        self.hub.apply_sync(company, plan)
        self.returned += [plan, *self.hub.members(company)]
        self.returned.append(self.hub.import_timecards(company, read_timecards(STORY.timecards)))

    def _export(self, one: Payroll, faults: tuple[str, ...]) -> None:
        scope = Scope(provider="nmbrs", administration=one.administration, year=one.year, number=one.number)
        plan = self.hub.plan(STORY.company, scope)
        self.fails(lambda: self.hub.run(STORY.company, plan.id))
        self.hub.release(STORY.company, plan.id, "Robin")
        self.simulator.inject(*faults)
        run = self.hub.run(STORY.company, plan.id)
        self.returned += [plan, run]


def test_a_hub_keeps_every_secret(database_url: str, tmp_path: Path, ears: Ears, capfd: Any) -> None:
    """In logs, in what it prints, raises and returns, and in the tables: on SQLite and on PostgreSQL."""
    key = base64.b64encode(bytes(range(32))).decode()
    process = Process(database_url=database_url, secret_key=key, allow_loopback=True)
    with Talker() as simulator, Hub.open(process) as hub:
        player = Player(hub, simulator, tmp_path)
        player.play()
        states = [run.state for run in player.returned if isinstance(run, RunView)]
        assert len(player.raised) == 12
        while_open = stored(database_url)
    printed = "".join(capfd.readouterr())
    assert all(bsn.encode() in simulator.said for bsn in TEST_BSNS)
    assert states == ["in doubt", "done in part"]
    assert leaks("\n".join(map(told, player.raised)).encode()) == []
    assert leaks(repr(player.returned).encode()) == []
    assert leaks("\n".join(ears.heard).encode()) == []
    assert leaks(printed.encode()) == []
    assert leaks(while_open) == []
    assert leaks(stored(database_url)) == []
    assert any("plugin call" in line for line in ears.heard)


def test_another_key_does_not_tell_what_it_cannot_open(database_url: str) -> None:
    """An exception of the vault has been near the secrets."""
    process = Process(database_url=database_url, secret_key=base64.b64encode(bytes(32)).decode(), allow_loopback=True)
    with NmbrsSimulator(employees=1) as simulator, Hub.open(process) as hub:
        hub.add_company("cafe", "Café")
        hub.connect("cafe", "nmbrs", simulator.connect_settings())
    with pytest.raises(HubError) as caught, Hub.open(replace(process, secret_key="A" * 42 + "B=")) as hub:
        hub.plan_sync("cafe", "nmbrs")
    assert leaks(told(caught.value).encode()) == []


# -- controls ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [*TEST_BSNS, EMAIL])
def test_the_search_knows_every_spelling(secret: str) -> None:
    """Base64 at each of the three places that it can begin at, hex, and a number that lost its zero."""
    text = secret.encode()
    written = [text, text.hex().encode(), *(base64.b64encode(b"_" * shift + text + b"__") for shift in range(3))]
    assert all(leaks(b"before " + one + b" after") for one in written)
    assert leaks(b"nothing of the kind: 987654321") == []


def test_the_search_finds_what_is_planted_in_an_exception() -> None:
    """Also where it is only behind the exception that is shown."""
    try:
        try:
            raise ValueError(PLANTED)
        except ValueError as error:
            raise HubError("harmless") from error
    except HubError as error:
        assert leaks(told(error).encode(), [PLANTED])


def test_the_search_finds_what_is_planted_in_a_log(ears: Ears) -> None:
    logging.getLogger("somebody").debug("said %s", PLANTED)
    assert leaks("\n".join(ears.heard).encode(), [PLANTED])


def test_the_search_finds_what_is_planted_in_a_table(database_url: str) -> None:
    """As text, in hex and in base64, while the database is open: on SQLite it is then in the journal only."""
    process = Process(database_url=database_url, secret_key=base64.b64encode(bytes(32)).decode())
    with Hub.open(process) as hub:
        for number, name in enumerate((PLANTED, PLANTED.encode().hex(), base64.b64encode(PLANTED.encode()).decode())):
            hub.add_company(f"company-{number}", name)
        found = {leak.split(", ")[1] for leak in leaks(stored(database_url), [PLANTED])}
    assert found == {"plain", "hex", "base64 0"}
