"""What is not there is a 404, what was asked for can be found again, and nothing stored breaks a later answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest

from hub.access import new_key
from hub.api.serving import serving
from hub.errors import SettingsError
from hub.events.mail import send
from hub.registry import find
from hub.store.events import Event
from hub.testing.company import card
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.mail_server import mail_server
from hub.testing.paper import PaperCompany

SEPTEMBER = {"provider": "paper", "administration": "paper", "dates": ["2026-09-01", "2026-09-30"]}


@pytest.fixture
def host(paper: PaperCompany) -> Iterator[Host]:
    with serving(paper.hub) as address:
        yield Host(address, new_key(paper.hub.store, "platform", ALL_SCOPES))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *(("GET", path, None) for path in ("plans/99", "runs/99", "runs/99/progress", "runs/99/entries", "jobs/99")),
        *(("GET", path, None) for path in ("runs/99/receipts", "runs/99/file", "decisions/99", "members/nobody")),
        *(("GET", path, None) for path in ("timecards/none", "connections/nmbrs")),
        ("POST", "plans/99/release", {"by": "Robin"}),
        ("POST", "plans/99/run", None),
        ("POST", "runs/99/outcome", {"outcome": "imported", "by": "Robin"}),
    ],
)
def test_what_is_not_there_is_not_found(host: Host, method: str, path: str, body: object) -> None:
    """The detail says what is not there; and it is the caller who must act."""
    told = host(method, f"/companies/acme/{path}", 404, json_body=body)
    assert (told["who"], told["detail"] != "There is no such thing for this key.") == ("sender", True)


def test_a_provider_that_is_not_installed_is_for_the_integrator() -> None:
    with pytest.raises(SettingsError, match="There is no provider nope installed") as refused:
        find("nope")
    assert refused.value.who == "integrator"


def test_the_location_of_a_job_leads_there_whatever_the_company_is_called(host: Host, paper: PaperCompany) -> None:
    """A header holds only some letters, and an address even fewer."""
    name = "Łódź de lijn?x#y%41"
    paper.hub.add_company(name, "Łódź")
    paper.hub.connect(name, "paper", {})
    asked = host.send("POST", f"/companies/{quote(name, safe='')}/plans", json_body=SEPTEMBER)
    assert asked.status == 202
    found = host("GET", asked.headers["location"].removeprefix("/v1"))
    assert found["id"] == asked.json()["id"]


def test_a_plan_of_dates_is_listed_with_its_dates(host: Host, paper: PaperCompany) -> None:
    """And with no number that only the hub understands."""
    paper.plan(dates=(date(2026, 9, 1), date(2026, 9, 30)))
    assert [one["period"] for one in host("GET", "/companies/acme/plans")["items"]] == ["2026-09-01 to 2026-09-30"]


def test_an_address_that_no_mail_can_hold_is_refused_and_a_cursor_too(host: Host) -> None:
    """Half a letter of two parts is text for JSON, and for nothing else."""
    body = b'{"language": "nl", "email": "\\ud800@example.nl"}'
    host("PUT", "/companies/acme/told", 422, content=body, headers={"Content-Type": "application/json"})
    assert host("GET", "/companies/acme/told")["email"] == ""
    host("GET", "/companies/acme/members?cursor=WyJcdWQ4MDAiXQ==", 422)


def test_what_no_mail_can_hold_is_told_and_stops_nothing() -> None:
    """A name of before the check may be stored still."""
    event = Event(company_id="acme", id=1, kind="sync.conflicts", provider="paper", detail={"people": 2})
    with mail_server() as server:
        told = send(server.url, {"email": "\ud800@example.nl", "language": "nl"}, event)
    assert (told.arrived, told.text) == (False, "the address or the text is none for a mail")


def test_removing_even_so_is_in_the_name_of_a_person(host: Host, paper: PaperCompany) -> None:
    """The host's user of the request is one; the name of the key is none."""
    paper.cards(card("t1"))
    paper.hub.release("acme", paper.plan().id, "Robin")
    sure, robin = {"name": "Acme", "even_so": True}, {"Hub-Actor": "Robin"}
    assert "A person" in host("DELETE", "/companies/acme", 422, json_body=sure)["detail"]
    assert "A person" in host("DELETE", "/companies/acme", 422, json_body={**sure, "by": "platform"})["detail"]
    host("DELETE", "/companies/acme", 422, json_body={**sure, "by": "Sanne"}, headers=robin)
    host("DELETE", "/companies/acme", json_body=sure, headers=robin)


def test_a_number_is_never_given_twice(host: Host, paper: PaperCompany) -> None:
    """Of a company that was removed neither: a host that knows the number would take the new one for the old."""
    asked = host("POST", "/companies/acme/plans", 202, json_body=SEPTEMBER)["id"]
    plan = paper.plan().id
    paper.hub.remove_company("acme", "Acme")
    paper.hub.add_company("later", "Later")
    paper.hub.connect("later", "paper", {})
    assert host("POST", "/companies/later/plans", 202, json_body=SEPTEMBER)["id"] > asked
    later = paper.hub.plan("later", paper.hub.scope("later", "paper", "paper", dates=SEPTEMBER["dates"]))  # type: ignore[arg-type]
    assert later.id > plan
