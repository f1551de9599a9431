"""What a person can get wrong in connecting and in files, through the real command: one sentence, an exit code.

What is refused is not half stored either. The other refusals are in test_refusals.py.
"""

from __future__ import annotations

import datetime
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from hub import Hub, Scope
from hub.intake.timecards import read_timecards
from hub.testing.faults import FaultServer, answer
from hub.testing.shell import (
    REFUSED,
    WAITS,
    WRONG_COMMAND,
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
CONNECT = ("connect", "cafe", "nmbrs", "--secret", "email=-", "--secret", "token=-", "--set")


@pytest.fixture(scope="module")
def simulator() -> Iterator[NmbrsSimulator]:
    with NmbrsSimulator() as running:
        yield running


@pytest.fixture(autouse=True)
def healed(simulator: NmbrsSimulator) -> Iterator[None]:
    """Take away the faults of a test at its end: at the next one's beginning, module fixtures would meet them."""
    yield
    simulator.heal()


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


# -- connecting -------------------------------------------------------------------------------------------------------


def connect(shell: Shell, endpoint: str, stdin: str | None = None, **settings: str) -> str:
    """Try to connect anew; what was stored of the connection before must stay."""
    return shell.refused(*CONNECT, f"endpoint={endpoint}", stdin=stdin, settings=settings)


def test_a_wrong_token_asks_to_reconnect(shell: Shell, simulator: NmbrsSimulator) -> None:
    said = connect(shell, simulator.url, stdin=f"{EMAIL}\nwrong\n")
    assert said == "Nmbrs does not accept the e-mail address, token or domain: reconnect with the right ones."


def test_a_wrong_domain_is_told_with_the_right_one(shell: Shell, simulator: NmbrsSimulator) -> None:
    said = shell.refused(*CONNECT, f"endpoint={simulator.url}", "--set", "domain=other")
    assert said == "The domain of this login is hospitality, and not other: correct it, or leave it empty."


def test_no_secret_at_all_is_asked_for(shell: Shell, simulator: NmbrsSimulator) -> None:
    assert connect(shell, simulator.url, stdin="").startswith("No email was given: type it when asked")


def test_a_secret_that_is_not_named_is_told(shell: Shell, simulator: NmbrsSimulator) -> None:
    said = shell.refused(*CONNECT[:5], "--set", f"endpoint={simulator.url}")
    assert "give token" in said


def test_a_suspended_environment_sends_to_the_accountant(shell: Shell, simulator: NmbrsSimulator) -> None:
    simulator.inject("fault-1004")
    assert "no valid subscription: ask the accountant" in connect(shell, simulator.url)


def test_a_missing_right_to_list_companies_names_the_call(shell: Shell) -> None:
    with NmbrsSimulator(denied=("List_GetAll",)) as strict:
        said = connect(shell, strict.url)
    assert "may not call CompanyService.List_GetAll: ask the accountant to tick it" in said


def test_a_missing_right_to_post_connects_and_says_what_to_tick(shell: Shell) -> None:
    with NmbrsSimulator(denied=("HourComponentVar_Insert",)) as strict:
        said = sentence(shell.run(*CONNECT, f"endpoint={strict.url}"), WAITS)
    assert said.startswith("1 right missing at the provider: Ask the accountant to tick")
    assert "EmployeeService.HourComponentVar_Insert" in said
    rights = shell.data("connections", "cafe")[0]["rights"]
    assert [one["name"] for one in rights if one["state"] == "missing"] == ["EmployeeService.HourComponentVar_Insert"]


def test_an_unknown_company_is_told_how_to_add_it(shell: Shell, simulator: NmbrsSimulator) -> None:
    said = shell.refused("connect", "nobody", *CONNECT[2:], f"endpoint={simulator.url}")
    assert said == "There is no company nobody: add it first with `hub company add nobody`."


def test_an_unknown_provider_is_told_with_those_that_are_installed(shell: Shell) -> None:
    assert "There is no provider other installed" in shell.refused("connect", "cafe", "other")


def test_an_unreachable_host_says_that_nothing_was_sent(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said = connect(shell, f"http://127.0.0.1:{port}")
    assert "took no connection, so nothing was sent: try again later" in said


def test_a_host_that_is_not_allowed_is_not_asked(shell: Shell) -> None:
    said = connect(shell, "https://example.org")
    assert said == ("example.org is not a host that this provider may reach, so nothing was sent: correct the address.")


def test_loopback_is_not_allowed_by_itself(shell: Shell, simulator: NmbrsSimulator) -> None:
    assert "not a host that this provider may reach" in connect(shell, simulator.url, HUB_ALLOW_LOOPBACK="0")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("html-200", "127.0.0.1 answered with another kind of content than was asked for, such as a web page"),
        ("html-502", "127.0.0.1 answered with HTTP 502, which is no usable answer"),
        ("cut-body", "127.0.0.1 sent an answer that is cut off"),
    ],
)
def test_an_answer_that_is_no_answer_is_never_taken_for_one(
    shell: Shell, simulator: NmbrsSimulator, fault: str, told: str
) -> None:
    simulator.inject(fault)
    assert connect(shell, simulator.url).startswith(told)


def test_half_an_answer_about_the_people_changes_nobody(shell: Shell, simulator: NmbrsSimulator) -> None:
    """Without half of the people the other half would look as if they had left."""
    simulator.inject("cut-body@PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany")
    said = shell.refused("sync", "cafe", "nmbrs", "--apply")
    assert said.startswith("127.0.0.1 sent an answer that is cut off")


def test_an_expired_certificate_says_who_must_renew_it(shell: Shell) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(shell.folder / "ca.pem"))
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_after=yesterday).configure_cert(context)
    with FaultServer(answer(b"<ok/>"), tls=context) as server:
        said = connect(shell, f"https://127.0.0.1:{server.port}", HUB_CA_FILE=str(shell.folder / "ca.pem"))
    assert said == "The certificate of 127.0.0.1 has expired, so nothing was sent: its owner must renew it."


def test_a_secret_on_the_command_line_is_refused(shell: Shell, simulator: NmbrsSimulator) -> None:
    said = shell.refused(*CONNECT, f"endpoint={simulator.url}", "--set", f"token={TOKEN}", code=WRONG_COMMAND)
    assert said == "token is a secret and would stay in your shell's history: use --secret token=-."


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("T-9,nmbrs-50001,2026-10-01T00:00,2026-10-02T06:00,0,approved", "is longer than 24 hours: correct"),
        ("T-9,nmbrs-50001,2026-10-01T09:00,2026-10-01T17:00,-5,approved", "a whole number from 0 to 1440"),
        ("T-9,nmbrs-50001,2026-10-01T17:00,2026-10-01T09:00,0,approved", "The end is not after the start: correct"),
    ],
    ids=["30 hours", "negative break", "end before start"],
)
def test_a_wrong_row_is_told_by_its_line_and_not_stored(shell: Shell, row: str, reason: str) -> None:
    before = shell.held()["timecard"]
    done = shell.run("timecards", "import", "cafe", shell.file("hours.csv", HEADER, row), "--json")
    wrong = json.loads(done.stdout)["wrong"]
    assert sentence(done, WAITS).startswith("1 row was not stored: the sender must correct")
    assert (len(wrong), wrong[0]["line"]) == (1, 2)
    assert reason in wrong[0]["reason"]
    assert shell.held()["timecard"] == before


def test_a_strict_import_says_which_row_keeps_all_out(shell: Shell) -> None:
    name = shell.file("hours.csv", HEADER, CARD.replace("T-1", "T-8"), "T-9,nmbrs-50001,,2026-10-01T09:00,0,approved")
    with shell.unchanged():
        done = shell.run("timecards", "import", "cafe", name, "--strict")
    assert sentence(done, REFUSED) == (
        "1 of 2 rows is wrong; nothing was stored: correct them and send the file again."
    )
    assert "Column start expects a value: fill it in." in done.stdout
