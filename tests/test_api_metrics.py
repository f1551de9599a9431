"""What a monitor reads over HTTP: requests by the template of their route, and the state of things at the scrape."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from hub.access import new_key
from hub.api.app import make_app
from hub.api.metrics import registry_of
from hub.api.serving import serving
from hub.export.states import EntryState, RunState
from hub.store.exports import Attempt, Entry
from hub.testing.clock import FakeClock
from hub.testing.company import card
from hub.testing.host import Host
from hub.testing.paper import PaperCompany


@pytest.fixture
def host(paper: PaperCompany) -> Iterator[Host]:
    with serving(paper.hub) as address:
        yield Host(address, new_key(paper.hub.store, "monitor", ["read"]))


def values(host: Host) -> dict[str, float]:
    """Scrape, and return each value by its name with labels."""
    answer = host.send("GET", "//metrics")
    assert answer.status == 200, answer.text
    return {name: float(value) for name, value in re.findall(r"^([^#].*) (\S+)$", answer.text, re.MULTILINE)}


def test_requests_are_counted_by_route_method_and_status(host: Host) -> None:
    """The route is its template; an address that there is not counts under none; a method of one's own as other."""
    for member in ("m1", "m2"):
        host("GET", f"/companies/acme/members/{member}")
    host("GET", "/companies/acme/members/nobody", 404)
    host("GET", "/hunter2", 404)
    host.send("HUNTER2", "/companies")
    found = values(host)
    route = 'route="/companies/{company}/members/{member}"'
    counted = {name: value for name, value in found.items() if name.startswith("hub_http_requests_total")}
    assert counted[f'hub_http_requests_total{{method="GET",{route},status="200"}}'] == 2
    assert counted[f'hub_http_requests_total{{method="GET",{route},status="404"}}'] == 1
    assert counted['hub_http_requests_total{method="GET",route="none",status="404"}'] == 1
    assert found[f'hub_http_request_seconds_count{{method="GET",{route}}}'] == 3
    assert "hunter2" not in str(found).lower()


def test_the_state_of_things_is_counted_over_all_companies(host: Host, paper: PaperCompany, clock: FakeClock) -> None:
    """Runs by state, the age of the oldest doubt, jobs by state, messages to hosts."""
    paper.cards(card("t1"))
    paper.made()
    found = values(host)
    assert found['hub_runs{state="ready"}'] == 1
    assert sum(value for name, value in found.items() if name.startswith("hub_runs")) == 1
    assert found["hub_oldest_doubt_seconds"] == 0
    assert found["hub_deliveries_due"] == found["hub_deliveries_failing"] == found["hub_endpoints_off"] == 0
    at = clock.moment().at.astimezone(UTC) - timedelta(minutes=5)
    with paper.hub.store.write("acme") as session:
        (entry, *_) = session.all(Entry)
        entry.state = EntryState.IN_DOUBT
        slot = {
            name: getattr(entry, name) for name in ("run", "provider", "administration", "year", "number", "employee")
        }
        session.add(entry)
        session.add(Attempt(company_id="acme", kind="hours", key="k", outcome="unknown", started_at=at, **slot))
    found = values(host)
    assert found['hub_runs{state="in doubt"}'] == 1
    assert found["hub_oldest_doubt_seconds"] == 300
    assert {f'hub_runs{{state="{state}"}}' for state in RunState} == {
        one for one in found if one.startswith("hub_runs")
    }


def test_only_a_key_that_reads_the_whole_platform_reads_metrics(host: Host, paper: PaperCompany) -> None:
    """No key, a key of one company and a key that may not read are refused."""
    Host(host.address)("GET", "//metrics", 401)
    Host(host.address, new_key(paper.hub.store, "acme's", ["read"], "acme"))("GET", "//metrics", 404)
    Host(host.address, new_key(paper.hub.store, "sender", ["hours"]))("GET", "//metrics", 403)


def test_each_application_counts_for_itself(paper: PaperCompany) -> None:
    """Two in one process do not add up, and making one asks no database."""
    paper.hub.store.engine.dispose()
    assert make_app(paper.hub).state.metrics is not make_app(paper.hub).state.metrics
    assert {one.name for one in registry_of(paper.hub).collect()} >= {"hub_runs", "hub_jobs"}


def test_a_refusal_without_a_company_is_logged(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    """What was asked for and by which key, and nothing of what was sent as one."""
    with caplog.at_level(logging.WARNING, "hub.api"):
        Host(host.address, "phk_hunter2")("GET", "/companies", 401)
    (line,) = [one.getMessage() for one in caplog.records if one.name == "hub.api"]
    assert ('"status": 401' in line, '"route": "/companies"' in line, "hunter2" in line) == (True, True, False)
