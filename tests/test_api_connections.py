"""Connections over HTTP: tried without a trace, made by a log-in that belongs to one person, tested and removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from hub import ActivateRequest, Activation, AuthError, Redirect, hookimpl
from hub.access import new_key
from hub.api.serving import serving
from hub.store.companies import Connection, Secret
from hub.store.exports import Entry
from hub.testing.clock import FakeClock
from hub.testing.company import card
from hub.testing.finding import known_providers
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.ledger import BOOKS
from hub.testing.paper import PaperCompany, PaperProvider


class LoginProvider(PaperProvider):
    """A payroll that wants a person to log in at its own page first."""

    name = "login"
    title = "Login"

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation | Redirect:
        if not request.returned:
            return Redirect(url="https://login.example.test/?state=s3cret", state="s3cret")
        if request.returned.get("code") != "good":
            raise AuthError("The log-in was not accepted: log in again.")
        return super().activate(request)


@pytest.fixture
def address(paper: PaperCompany) -> Iterator[str]:
    with known_providers(LoginProvider), serving(paper.hub) as found:
        yield found


@pytest.fixture
def host(paper: PaperCompany, address: str) -> Host:
    return Host(address, new_key(paper.hub.store, "platform", ALL_SCOPES))


ROBIN, SAM = {"Hub-Actor": "Robin"}, {"Hub-Actor": "Sam"}
HERE = "/companies/acme/connections"


def test_settings_are_tried_without_a_trace(host: Host, paper: PaperCompany) -> None:
    """What the settings reach is shown, what is wrong with them said, and nothing is stored."""
    before = paper.rows(Connection)
    assert host("POST", f"{HERE}/test", json_body={"provider": "cardboard"})["works"] is True
    assert host("POST", f"{HERE}/test", json_body={"provider": "login"}) == {
        "works": False,
        "activation": None,
        "needs_login": True,
    }
    said = host("POST", f"{HERE}/test", 422, json_body={"provider": "cardboard", "settings": {"hunter2": "hunter3"}})
    assert "hunter" not in str(said)
    assert paper.rows(Connection) == before
    assert host("POST", f"{HERE}/paper/test")["works"] is True


def begin(host: Host) -> str:
    asked = host("POST", HERE, 202, json_body={"provider": "login"}, headers=ROBIN)
    assert asked["url"] == "https://login.example.test/?state=s3cret"
    return str(asked["login"])


def back(login: str, state: str = "s3cret", code: str = "good") -> dict[str, object]:
    return {"provider": "login", "login": login, "returned": {"state": state, "code": code}}


def test_a_log_in_ends_where_it_began(host: Host, paper: PaperCompany) -> None:
    """The person who went comes back with the state that was given out: then the connection is made."""
    login = begin(host)
    assert "s3cret" not in login
    assert paper.hub.connections("acme")[-1].provider == "paper"
    host("POST", HERE, 409, json_body=back(login, code="bad"), headers=ROBIN)
    host("POST", HERE, 201, json_body=back(login), headers=ROBIN)
    assert [one["provider"] for one in host("GET", HERE)] == ["login", "paper"]


def test_nobody_brings_back_the_log_in_of_another(
    host: Host, paper: PaperCompany, address: str, clock: FakeClock
) -> None:
    """Not another user, key, company or provider, not another state, not without one, and not after an hour."""
    login = begin(host)
    paper.hub.add_company("other", "Other")
    stranger = Host(address, new_key(paper.hub.store, "another", ALL_SCOPES))
    for caller, path, body, person in (
        (host, HERE, back(login), SAM),
        (stranger, HERE, back(login), ROBIN),
        (host, "/companies/other/connections", back(login), ROBIN),
        (host, HERE, {**back(login), "provider": "cardboard"}, ROBIN),
        (host, HERE, back(login, state="another"), ROBIN),
        (host, HERE, {**back(login), "returned": {"code": "good"}}, ROBIN),
        (host, HERE, back("AAAA"), ROBIN),
        (host, HERE, back(""), ROBIN),
        (host, HERE, {**back(login), "returned": {}}, ROBIN),
    ):
        assert "begin anew" in caller("POST", path, 422, json_body=body, headers=person)["detail"]
    clock.forward(timedelta(hours=1, seconds=1).total_seconds())
    assert "begin anew" in host("POST", HERE, 422, json_body=back(login), headers=ROBIN)["detail"]
    assert "person" in host("POST", HERE, 422, json_body={"provider": "login"})["detail"]


def test_a_connection_that_never_exported_leaves_nothing_behind(host: Host, paper: PaperCompany) -> None:
    """Its row is gone with all that hung on it."""
    host("POST", HERE, 201, json_body={"provider": "cardboard"})
    assert host("DELETE", f"{HERE}/cardboard") == {"history": False}
    host("GET", f"{HERE}/cardboard", 404)
    assert [one["provider"] for one in host("GET", HERE)] == ["paper"]


def test_a_connection_that_exported_keeps_what_names_it(host: Host, paper: PaperCompany) -> None:
    """Secrets and settings go; its runs can be shown; it can be connected again and exports no card twice."""
    paper.cards(card("t1"))
    run = paper.made().id
    paper.fetch(run)
    assert host("DELETE", f"{HERE}/paper") == {"history": True}
    assert host("GET", f"{HERE}/paper")["active"] is False
    assert host("GET", f"/companies/acme/runs/{run}")["white"] == ["t1"]
    assert paper.rows(Secret) == []
    host("POST", f"{HERE}/paper/test", 409)
    host("POST", HERE, 201, json_body={"provider": "paper"})
    assert paper.plan().lines == ()


def test_nothing_is_removed_while_it_is_in_doubt(host: Host, paper: PaperCompany) -> None:
    """What payroll may or may not hold must be settled first."""
    paper.cards(card("t1"))
    paper.made()
    with paper.hub.store.write("acme") as session:
        for one in session.all(Entry):
            one.state = "in doubt"
            session.add(one)
    assert "may or may not" in host("DELETE", f"{HERE}/paper", 422)["detail"]


def test_codes_are_suggested_with_the_reason(host: Host) -> None:
    """Unmapped components come first; a person maps one, and it is suggested no more."""
    BOOKS["api"].employees = []
    host("POST", HERE, 201, json_body={"provider": "ledger", "settings": {"book": "api"}})
    mapping = f"{HERE}/ledger/mapping"
    found = host("GET", mapping)
    assert found["unmapped"] == ["worked"]
    assert found["suggestions"] != []
    best = found["suggestions"][0]
    host("PUT", mapping, json_body={"component": "worked", "code": best["code"], "kind": best["kind"]})
    after = host("GET", mapping)
    assert (after["unmapped"], after["suggestions"], after["mapping"][0]["code"]) == ([], [], best["code"])


def test_a_provider_tells_its_form_in_two_languages(host: Host) -> None:
    """The JSON Schema of Nmbrs' settings in Dutch and in English; rights, hosts and capabilities beside it."""
    pytest.importorskip("hub_nmbrs", reason="of all providers it has the most to tell")
    dutch = host("GET", "/providers/nmbrs", headers={"Accept-Language": "nl"})
    english = host("GET", "/providers/nmbrs")
    assert dutch["settings_schema"]["properties"].keys() == english["settings_schema"]["properties"].keys()
    assert dutch["settings_schema"] != english["settings_schema"]
    assert "nl" not in str(english["settings_schema"]["properties"].values()).split("'")
    assert english["rights"] != []
    assert english["hosts"] != []
    assert english["capabilities"]["post_hours"] == "full"
    host("GET", "/providers/none", 404)
