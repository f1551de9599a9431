"""Notifications: plain words in two languages, read and unread, by e-mail too; connections that need somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from sqlmodel import select

from hub.access import new_key
from hub.api.serving import serving
from hub.errors import AuthError, HubError, InputError, NotExecuted, PermissionMissing, Transient
from hub.events import attention
from hub.events.delivering import Delivered
from hub.events.kinds import FOR_PEOPLE, EventKind
from hub.events.notifications import Told
from hub.events.words import LANGUAGES, Language, in_words
from hub.export.states import RunState
from hub.process import Process
from hub.store.companies import Company as CompanyRow
from hub.store.companies import Connection
from hub.store.events import Delivery, Event
from hub.testing.canary import leaks
from hub.testing.clock import FakeClock
from hub.testing.command import hub as command
from hub.testing.company import Company, card, ledger_company
from hub.testing.ledger import LedgerProvider
from hub.testing.mail_server import MailServer, mail_server
from hub.testing.paper import PaperCompany

DETAIL: dict[EventKind, dict[str, object]] = {
    EventKind.CONNECTION_NEEDS_ATTENTION: {"reason": "credentials"},
    EventKind.SYNC_CONFLICTS: {"people": 2},
    EventKind.EXPORT_PLANNED: {"plan": 1, "entries": 3, "timecards": 2, "held": 1, "left": 0},
    EventKind.RUN_PAUSED: {"plan": 1, "state": "paused", "entries": {}},
    EventKind.RUN_FINISHED: {"plan": 1, "state": "done", "entries": {}},
    EventKind.EXPORT_DRIFTED: {"entries": 1, "slots": 1},
    EventKind.FILE_READY: {"file": "x.csv", "version": 1, "rows": 4},
    EventKind.REMINDER: {"administration": "1", "year": 2026, "number": 10, "ends": "2026-10-31", "timecards": 12},
    EventKind.JOB_FAILED: {"job": 3, "what": "sync", "who": "operator"},
    EventKind.ENDPOINT_OFF: {"endpoint": 1, "reason": "gone"},
}


@pytest.fixture
def now() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def acme(process: Process, mail: MailServer, now: FakeClock) -> Iterator[Company]:
    with ledger_company(replace(process, smtp_url=mail.url), now) as made:
        made.hub.mark_read("acme", None, "set-up")
        yield made


def tell(acme: Company, kind: EventKind = EventKind.REMINDER, company: str = "acme") -> None:
    with acme.hub.store.write(company) as session:
        session.tell(kind, "ledger", **DETAIL[kind])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(FOR_PEOPLE))
def test_every_kind_for_people_has_words(kind: EventKind, language: Language) -> None:
    """What happened and what to do, all of it known, in either language; after a run that is done there is no next."""
    words = in_words(kind, language, {**DETAIL[kind], "provider": "ledger", "run": 3})
    assert "?" not in words.text + words.action
    assert "{" not in words.text + words.action
    assert bool(words.action) is (kind != EventKind.RUN_FINISHED)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [one for one in RunState if one is not RunState.DONE])
def test_a_run_that_is_not_done_says_what_to_do(state: RunState, language: Language) -> None:
    """However it ended."""
    words = in_words(EventKind.RUN_FINISHED, language, {"state": state, "provider": "ledger", "run": 3})
    assert "3" in words.text
    assert words.action


def test_an_export_is_told_to_people(acme: Company) -> None:
    """The plan and how the run ended; not each card. In Dutch, unless another language is chosen."""
    acme.cards(card("t1"))
    acme.export()
    found = acme.hub.notifications("acme")
    assert [one.kind for one in found][:2] == ["run.finished", "export.planned"]
    assert found[0].text == "Run 1 naar ledger is klaar: alles staat in het salarispakket."
    acme.hub.tell_people("acme", Told(language="en"))
    assert acme.hub.notifications("acme")[0].text == "Run 1 to ledger is done: payroll holds all of it."


def test_a_file_to_fetch_is_named_by_its_run(paper: PaperCompany) -> None:
    """And when payroll rejected it, that is told too."""
    paper.cards(card("t1"))
    run = paper.made()
    (file,) = [one for one in paper.hub.notifications("acme") if one.kind == "file.ready"]
    assert (file.file, file.run) == (run.id, run.id)
    paper.fetch(run.id)
    paper.hub.file_rejected("acme", run.id, "Robin", "a wrong code")
    newest = paper.hub.notifications("acme")[0]
    assert (newest.kind, newest.action) == (
        "run.finished",
        "Bekijk bij run 1 wat bleef liggen, los dat op en maak een nieuw plan.",
    )
    told = [(one.kind, one.detail.get("reason")) for one in paper.rows(Event) if one.run and "timecard" in one.kind]
    assert told == [("timecard.exported", None), ("timecard.left", "refused")]


def test_unread_first_and_read_by_a_person(acme: Company, now: FakeClock) -> None:
    """Some, or all; once; and only those of the company."""
    for _ in range(3):
        tell(acme)
    first, second, third = sorted(one.id for one in acme.hub.notifications("acme", unread=True))
    assert acme.hub.mark_read("acme", [third], "Robin") == 1
    assert acme.hub.mark_read("acme", [third], "Sam") == 0
    shown = acme.hub.notifications("acme")
    assert [one.id for one in shown][:3] == [second, first, third]
    assert (shown[2].read_by, shown[2].read_at) == ("Robin", now.moment().at)
    assert acme.hub.mark_read("acme", None, "Robin") == 2
    assert acme.hub.notifications("acme", unread=True) == ()


def test_what_is_no_notification_of_the_company_cannot_be_read(acme: Company) -> None:
    """Another company's, one that there is not, or without a name."""
    acme.hub.add_company("zuid", "Zuid")
    tell(acme, company="zuid")
    (theirs,) = acme.hub.notifications("zuid")
    assert theirs.id not in [one.id for one in acme.hub.notifications("acme")]
    for numbers, by in (([theirs.id], "Robin"), ([999], "Robin"), (None, " ")):
        with pytest.raises(InputError):
            acme.hub.mark_read("acme", numbers, by)
    assert acme.hub.notifications("zuid", unread=True) == (theirs,)


# -- e-mail -----------------------------------------------------------------------------------------------------------


def test_by_e_mail_to_the_fixed_address(acme: Company, mail: MailServer) -> None:
    """What is for people, from when it was chosen on, in the company's language; each once."""
    tell(acme)
    acme.hub.tell_people("acme", Told(language="en", email="salaris@example.org"))
    tell(acme, EventKind.FILE_READY)
    with acme.hub.store.write("acme") as session:
        session.tell(EventKind.TIMECARD_EXPORTED, "ledger", 1, timecard="t1")
    assert (acme.hub.deliver_due().arrived, acme.hub.deliver_due().arrived) == (1, 0)
    ((to, message),) = mail.messages
    assert (to, message["From"], message["To"]) == (
        ["salaris@example.org"],
        "hub@example.org",
        "salaris@example.org",
    )
    assert message["Subject"] == "The file of run 0 for ledger is ready (4 rows)."
    assert "Fetch the file of run 0, import it in payroll" in message.get_content()
    assert acme.hub.webhooks() == ()


def test_mail_of_one_company_never_goes_to_another(acme: Company, mail: MailServer) -> None:
    """Each has its own address, or none."""
    acme.hub.add_company("zuid", "Zuid")
    acme.hub.tell_people("zuid", Told(email="zuid@example.org"))
    tell(acme)
    tell(acme, company="zuid")
    acme.hub.deliver_due()
    assert [to for to, _ in mail.messages] == [["zuid@example.org"]]
    assert "acme" not in mail.messages[0][1].as_string()


def test_mail_that_is_refused_is_sent_again_and_an_empty_address_ends_it(
    acme: Company, mail: MailServer, now: FakeClock
) -> None:
    """Like any message: by the back-off."""
    acme.hub.tell_people("acme", Told(email="salaris@example.org"))
    mail.refuses = 451
    tell(acme)
    assert acme.hub.deliver_due() == Delivered(failed=1)
    mail.refuses = 0
    now.forward(5)
    assert acme.hub.deliver_due() == Delivered(arrived=1)
    acme.hub.tell_people("acme", Told())
    tell(acme)
    assert (acme.hub.deliver_due(), len(mail.messages)) == (Delivered(), 1)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:25", "smtp://127.0.0.1:geheim", "smtp://"])
def test_a_wrong_mail_server_is_told_without_its_password(url: str, acme: Company) -> None:
    """Nothing is lost, and nothing is quoted."""
    acme.hub.tell_people("acme", Told(email="salaris@example.org"))
    tell(acme)
    acme.hub.process = replace(acme.hub.process, smtp_url=url)
    assert acme.hub.deliver_due() == Delivered(failed=1)
    with acme.hub.store.everywhere() as session:
        (last,) = session.exec(select(Delivery.last)).all()
    assert last.startswith("HUB_SMTP_URL must be such as")
    assert leaks(last.encode(), ["geheim"]) == []


def test_a_password_goes_over_tls_only_but_for_this_machine(acme: Company, mail: MailServer) -> None:
    """The server on this machine gets it; one elsewhere without TLS does not."""
    acme.hub.tell_people("acme", Told(email="salaris@example.org"))
    server = "smtp://hub:geheim%21@{}:" + str(mail.port)
    acme.hub.process = replace(acme.hub.process, smtp_url=server.format("127.0.0.1"))
    tell(acme)
    assert acme.hub.deliver_due() == Delivered(arrived=1)
    assert len(mail.logins) == 1
    acme.hub.process = replace(acme.hub.process, smtp_url=server.format("127.0.0.2"))
    tell(acme)
    with patch("smtplib.SMTP.connect", lambda self, host, port: _to_this_machine(self, mail.port)):
        assert acme.hub.deliver_due() == Delivered(failed=1)
    assert len(mail.logins) == 1


def _to_this_machine(self: Any, port: int) -> tuple[int, bytes]:
    import socket

    self.sock = socket.create_connection(("127.0.0.1", port))
    self.file = None
    found: tuple[int, bytes] = self.getreply()
    return found


@pytest.mark.parametrize("email", ["nobody", "a b@example.org", "a@b", "x@example.org\r\nBcc: y@example.org"])
def test_what_is_no_address_is_refused(email: str, acme: Company) -> None:
    """Before anything is stored."""
    with pytest.raises(InputError):
        acme.hub.tell_people("acme", Told(email=email))
    with acme.hub.store.read("acme") as session:
        assert session.get_one(CompanyRow, "acme").told == {}


# -- a connection that needs somebody ---------------------------------------------------------------------------------


def attention_of(acme: Company) -> tuple[str, int]:
    """Return what is noted of the connection, and how often it was told."""
    (row,) = acme.rows(Connection)
    told = [one for one in acme.rows(Event) if one.kind == EventKind.CONNECTION_NEEDS_ATTENTION]
    return row.attention, len(told)


def raises(error: HubError) -> Any:
    """Let payroll's list of people raise an error."""

    def fails(self: LedgerProvider) -> None:
        raise error

    return patch.object(LedgerProvider, "ledger", property(fails))


@pytest.mark.parametrize("error", [AuthError("Log in anew."), PermissionMissing("Log in anew.", right="x")])
def test_a_refused_login_or_right_is_told_once_until_it_works(error: HubError, acme: Company) -> None:
    """Not at every call; and the connection works again once payroll lets itself be read."""
    with raises(error):
        for _ in range(3):
            with pytest.raises(type(error)):
                acme.hub.plan_sync("acme", "ledger")
    assert attention_of(acme) == ("Log in anew.", 1)
    acme.hub.plan_sync("acme", "ledger")
    assert attention_of(acme) == ("", 1)
    with raises(error), patch.object(attention, "QUIET", timedelta(0)), pytest.raises(type(error)):
        acme.hub.plan_sync("acme", "ledger")
    assert attention_of(acme) == ("Log in anew.", 2)


def test_a_posting_that_payroll_refuses_for_its_login_is_told(acme: Company) -> None:
    """In the threads of a run, where no error leaves; connecting anew ends it."""
    acme.cards(card("t1"))
    acme.ledger.script = ["not executed"]
    run = acme.export()
    assert run.state == "paused"
    assert attention_of(acme) == ("The ledger does not know you: reconnect.", 1)
    kinds = [one.kind for one in acme.hub.notifications("acme", unread=True)]
    assert kinds[:2] == ["run.paused", "connection.needs_attention"]
    book = acme.rows(Connection)[0].settings["book"]
    acme.hub.connect("acme", "ledger", {"book": book})
    assert attention_of(acme) == ("", 1)


def test_any_other_error_says_nothing_of_the_connection(acme: Company) -> None:
    """Payroll that is down is no login that is refused."""
    for error in (Transient("Busy."), NotExecuted(Transient("Busy."))):
        attention.notice(acme.hub.store, "acme", "ledger", error)
    attention.notice(acme.hub.store, "acme", "nmbrs", AuthError("Never connected."))
    attention.notice(acme.hub.store, "nobody", "ledger", AuthError("No such company."))
    assert attention_of(acme) == ("", 0)


# -- by command and over HTTP -----------------------------------------------------------------------------------------


def test_by_command(acme: Company, process: Process) -> None:
    """List, read one and all, choose the language and an address."""
    tell(acme)
    tell(acme)
    found = command(process, "notifications", "acme", "--language", "en", "--json").data
    assert found[0]["text"].startswith("Wage period 2026-10 of administration 1")
    number = found[0]["id"]
    assert "12 goedgekeurde urenkaarten" in command(process, "notifications", "acme").out
    assert command(process, "notifications", "acme", "--read", number, "--by", "Robin", "--json").data == {"read": 1}
    assert command(process, "notifications", "acme", "--all", "--by", "Robin", "--json").data == {"read": 1}
    assert command(process, "notifications", "acme", "--all", "--read", number).code == 2
    told = command(process, "tell", "acme", "--language", "en", "--email", "salaris@example.org", "--json").data
    assert told == {"language": "en", "email": "salaris@example.org"}
    assert command(process, "tell", "acme").out == "acme is told in en and by e-mail at salaris@example.org.\n"
    assert command(process, "tell", "acme", "--language", "fr").code == 2


@pytest.fixture
def call(acme: Company) -> Iterator[Callable[..., httpx.Response]]:
    """Yield what calls over HTTP with a key of the company."""
    key = new_key(acme.hub.store, "host", ("read", "settings"), "acme")
    with serving(acme.hub) as address:
        headers = {"Authorization": f"Bearer {key}"}
        yield lambda method, path, **more: httpx.request(method, f"{address}/v1{path}", headers=headers, **more)


def test_over_http(acme: Company, call: Callable[..., httpx.Response]) -> None:
    """The list, reading, and how people are told; a person reads, not a key."""
    acme.hub.add_company("zuid", "Zuid")
    tell(acme, EventKind.FILE_READY)
    listed = call("GET", "/companies/acme/notifications?unread=true&language=en").json()["items"]
    assert [(one["kind"], one["file"]) for one in listed] == [("file.ready", 0)]
    path = "/companies/acme/notifications/read"
    assert call("POST", path, json={"numbers": [listed[0]["id"]]}).status_code == 422
    assert call("POST", path, json={"numbers": [listed[0]["id"]], "by": "Robin"}).json() == {"read": 1}
    chosen = {"language": "en", "email": "salaris@example.org"}
    assert call("PUT", "/companies/acme/told", json=chosen).json() == chosen
    assert call("GET", "/companies/acme/told").json() == chosen
    assert call("PUT", "/companies/acme/told", json={"email": "nobody"}).status_code == 422
    assert call("GET", "/companies/zuid/notifications").status_code == 404
