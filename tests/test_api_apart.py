"""Two companies with the same local ids: no operation, header, log line or metric of one shows the other's canary."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is for development only")

from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.openapi import from_asgi

from hub.access import new_key
from hub.api.app import make_app
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.models import ContractType
from hub.testing.canary import leaks
from hub.testing.company import card
from hub.testing.finding import known_providers
from hub.testing.host import ALL_SCOPES
from hub.testing.paper import OCTOBER, PaperCompany, person

CANARY = "kanarie7qx"
"""In the names, venues, addresses and actors of the other company, and its id."""


@pytest.fixture
def both(paper: PaperCompany) -> Iterator[PaperCompany]:
    """Yield the company after an export, beside another that did the same with the same ids."""
    hub = paper.hub
    paper.cards(card("t1"), card("t2", "m2"))
    paper.fetch(paper.made().id)
    hub.add_company(CANARY, f"Company {CANARY}", actor=CANARY)
    hub.connect(CANARY, "paper", {}, actor=CANARY)
    people = [
        Member(
            **{
                **dict(person(one)),
                "name": f"{one} {CANARY}",
                "venue": CANARY,
                "contract_type": ContractType.ZERO_HOURS,
            }
        )
        for one in ("m1", "m2")
    ]
    hub.import_members(CANARY, Reading(good=people), actor=CANARY)
    hub.import_timecards(CANARY, Reading(good=[card("t1", venue=CANARY), card("t2", "m2", venue=CANARY)]), actor=CANARY)
    hub.assign_venue(CANARY, "paper", CANARY, "paper", actor=CANARY)
    plan = hub.plan(CANARY, hub.scope(CANARY, "paper", "paper", dates=OCTOBER), actor=CANARY)
    hub.release(CANARY, plan.id, CANARY)
    hub.run(CANARY, plan.id, actor=CANARY)
    hub.ask_plan(CANARY, hub.scope(CANARY, "paper", "paper", dates=OCTOBER), actor=CANARY)
    hub.add_webhook(f"https://{CANARY}.example.org/hook", (), CANARY, actor=CANARY)
    hub.add_webhook(f"https://{CANARY}.example.org/all", (), "", actor=CANARY)
    with known_providers():
        yield paper


NUMBERS = ("plan", "run", "job", "webhook", "entry")


def asked(app: Any, key: str, company: str, number: int) -> Iterator[tuple[str, bytes]]:
    """Send a request to every operation, about a company and a number; yield its name, and all that came back."""
    names = {"company": company, "provider": "paper", "administration": "paper", "member": "m1", "timecard": "t1"}
    known = {**names, **dict.fromkeys(NUMBERS, number), "venue": "v", "employee": "e"}
    every = [one.ok() for one in from_asgi("/openapi.json", app).get_all_operations()]
    for operation in sorted(every, key=lambda one: one.method == "delete"):
        yield operation.label, _sent(operation, key, known)


def _sent(operation: Any, key: str, known: dict[str, Any]) -> bytes:
    found: list[bytes] = []

    @seed(20261120)
    @settings(max_examples=1, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE))
    def one(case: Any) -> None:
        case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        case.query = {}
        case.headers = {"Authorization": f"Bearer {key}", "Hub-Actor": "Robin"}
        answer = case.call()
        found.append(str(dict(answer.headers)).encode() + answer.content)

    one()
    return b"".join(found)


@pytest.mark.timeout(300)
def test_no_operation_shows_anything_of_another_company(both: PaperCompany, caplog: pytest.LogCaptureFixture) -> None:
    """Asked about its own company by its own numbers, by those of the other one, and about the other one itself."""
    app = make_app(both.hub)
    key = new_key(both.hub.store, "acme's", ALL_SCOPES, "acme")
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        for company, number in (("acme", 1), ("acme", 2), (CANARY, 2)):
            for label, answer in asked(app, key, company, number):
                assert leaks(answer, [CANARY]) == [], (label, company, number, answer)
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("hub"))
    assert "refused" in told
    assert leaks(told.encode(), [CANARY]) == []


def test_the_search_would_find_it(both: PaperCompany) -> None:
    """The other company's own key sees the canary with a good many operations: the search is not blind."""
    key = new_key(both.hub.store, "theirs", ALL_SCOPES, CANARY)
    found = {label for label, answer in asked(make_app(both.hub), key, CANARY, 2) if leaks(answer, [CANARY])}
    for name in ("members", "timecards", "audit", "connections/{provider}/venues", "plans/{plan}", "jobs", "webhooks"):
        assert f"GET /v1/companies/{{company}}/{name}" in found, found


def test_metrics_name_no_company_and_no_person(both: PaperCompany) -> None:
    """After requests of both, the metrics have routes and numbers, and no id, name or key."""
    app = make_app(both.hub)
    platform = new_key(both.hub.store, f"platform {CANARY}", ALL_SCOPES)
    for company in ("acme", CANARY):
        list(asked(app, platform, company, 1))
    every = {one.ok().label: one.ok() for one in from_asgi("/openapi.json", app).get_all_operations()}
    text = _sent(every["GET /metrics"], platform, {})
    assert b"hub_http_requests_total" in text
    assert leaks(text, [CANARY, platform]) == []
    assert b"acme" not in text
