"""Keeping and removing by command and over HTTP: who may, what is printed, and what is never in an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.access import new_key
from hub.api.serving import serving
from hub.testing.command import Told, hub
from hub.testing.company import card
from hub.testing.paper import BSN, PaperCompany, clock, paper  # noqa: F401 - fixtures
from hub.testing.shell import DONE, REFUSED, WAITS, documented, keys_of

DOCUMENTED = documented(Path(__file__).parents[1] / "docs" / "commands.md")


def tell(paper: PaperCompany, *words: object) -> Told:  # noqa: F811
    return hub(paper.hub.process, "company", *words)


# -- by command -------------------------------------------------------------------------------------------------------


def test_terms_are_shown_and_changed(paper: PaperCompany) -> None:  # noqa: F811
    """With the documented keys; what the law does not allow changes nothing."""
    shown = tell(paper, "keeping", "acme", "--json").data
    assert keys_of(shown) == DOCUMENTED["hub company keeping"]
    assert tell(paper, "keeping", "acme", "--wage-years", 10, "--json").data == {**shown, "wage_years": 10}
    refused = tell(paper, "keeping", "acme", "--wage-years", 6)
    assert (refused.code, "AWR art. 52" in refused.err) == (REFUSED, True)
    assert "card_weeks" in tell(paper, "keeping", "acme").out


def test_a_sweep_tells_what_it_deleted(paper: PaperCompany) -> None:  # noqa: F811
    """Of one company or of all; a company that is not swept is told, and its exit code says that it waits."""
    paper.cards(card("old", status="written").model_copy(update={"date": card("x").date.replace(year=2020)}))
    told = tell(paper, "sweep", "acme", "--json")
    assert (told.code, keys_of(told.data)) == (DONE, DOCUMENTED["hub company sweep"])
    assert told.data[0]["deleted"]["timecards"] == 1
    assert "Nothing was kept long enough" in tell(paper, "sweep").out
    paper.cards(card("new"))
    paper.exported()
    paper.hub.store.mark.set("acme", 99, 99)
    refused = tell(paper, "sweep", "--json")
    expected = WAITS if paper.hub.store.engine.dialect.name == "sqlite" else DONE  # PostgreSQL has no mark here
    assert refused.code == expected


def test_what_is_held_goes_into_a_file(paper: PaperCompany, tmp_path: Path) -> None:  # noqa: F811
    """A BSN only where it is asked for."""
    told = tell(paper, "export", "acme", tmp_path / "all.json", "--json")
    assert keys_of(told.data) == DOCUMENTED["hub company export"]
    assert BSN["m1"] not in (tmp_path / "all.json").read_text()
    tell(paper, "export", "acme", tmp_path / "m1.json", "--member", "m1", "--with-bsn")
    assert [one["bsn"] for one in json.loads((tmp_path / "m1.json").read_text())["held"]["team_member"]] == [BSN["m1"]]
    assert tell(paper, "export", "acme", tmp_path / "m1.json").code == REFUSED


def test_a_company_is_removed_and_its_receipts_are_listed(paper: PaperCompany) -> None:  # noqa: F811
    """With the documented keys."""
    paper.cards(card("a"))
    paper.exported()
    assert tell(paper, "remove", "acme", "--confirm", "acme").code == REFUSED
    told = tell(paper, "remove", "acme", "--confirm", "Acme", "--json")
    assert (told.code, keys_of(told.data)) == (DONE, DOCUMENTED["hub company remove"])
    assert hub(paper.hub.process, "company", "list", "--json").data == []
    listed = tell(paper, "receipts", "acme", "--json")
    assert keys_of(listed.data) == DOCUMENTED["hub company receipts"]
    assert "2034-01-01" in tell(paper, "receipts").out


def test_wiping_says_whether_anything_is_left(paper: PaperCompany) -> None:  # noqa: F811
    """PostgreSQL has a vacuum of its own."""
    told = tell(paper, "wipe", "--json")
    assert keys_of(told.data) == DOCUMENTED["hub company wipe"]
    assert bool(told.data["traces"]) is (told.code == WAITS)


# -- over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture
def address(paper: PaperCompany) -> Iterator[str]:  # noqa: F811
    with serving(paper.hub) as found:
        yield f"{found}/v1/companies/acme"


def with_key(paper: PaperCompany, *scopes: str, company: str = "") -> httpx.Client:  # noqa: F811
    key = new_key(paper.hub.store, "host", scopes, company)
    return httpx.Client(headers={"Authorization": f"Bearer {key}", "Hub-Actor": "Robin"}, timeout=30)


def test_terms_over_http(paper: PaperCompany, address: str) -> None:  # noqa: F811
    """Read with one scope, changed with another; too short is refused."""
    with with_key(paper, "read", company="acme") as reads, with_key(paper, "settings") as sets:
        assert reads.get(f"{address}/keeping").json()["terms"]["wage_years"] == 7
        assert reads.put(f"{address}/keeping", json={"wage_years": 8}).status_code == 403
        assert sets.put(f"{address}/keeping", json={"wage_years": 8}).json()["terms"]["wage_years"] == 8
        short = sets.put(f"{address}/keeping", json={"card_weeks": 51})
    assert (short.status_code, "52 weeks" in short.json()["detail"]) == (422, True)


def test_what_is_held_over_http_never_has_a_bsn(paper: PaperCompany, address: str) -> None:  # noqa: F811
    """Of the company and of a person; who is not known is a problem document."""
    with with_key(paper, "read", company="acme") as reads:
        all_, one = reads.get(f"{address}/held"), reads.get(f"{address}/members/m1/held")
        unknown = reads.get(f"{address}/members/m7/held")
    assert [len(found.json()["held"]["team_member"]) for found in (all_, one)] == [2, 1]
    assert not [bsn for bsn in BSN.values() if bsn in all_.text + one.text]
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


def test_only_a_key_of_the_platform_removes_a_company(paper: PaperCompany, address: str) -> None:  # noqa: F811
    """With the scope for settings, and the name; afterwards the company's own key opens nothing."""
    with with_key(paper, "read", "settings", company="acme") as own, with_key(paper, "read") as reads:
        for client in (own, reads):
            assert client.request("DELETE", address, json={"name": "Acme"}).status_code in (403, 404)
        with with_key(paper, "settings") as sets:
            assert sets.request("DELETE", address, json={"name": "acme"}).status_code == 422
            assert own.get(f"{address}/keeping").status_code == 200
            assert sets.request("DELETE", address, json={"name": "Acme"}).json()["receipts"] == 0
        assert own.get(f"{address}/keeping").status_code == 401
