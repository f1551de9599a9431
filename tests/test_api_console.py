"""What a console needs that knows the hub by its API only: every id can be reached, and what was set is read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest

from hub.access import new_key
from hub.api.serving import serving
from hub.events.kinds import EventKind
from hub.process import Process
from hub.store.companies import WagePeriodSetting
from hub.testing.company import Company, card, employee, ledger_company
from hub.testing.host import ALL_SCOPES, Host

HERE = "/companies/acme"
LEDGER = f"{HERE}/connections/ledger"


@pytest.fixture
def ledger(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


@pytest.fixture
def host(ledger: Company) -> Iterator[Host]:
    with serving(ledger.hub) as address:
        yield Host(address, new_key(ledger.hub.store, "platform", ALL_SCOPES))


def at(name: str) -> str:
    """Return an id as it stands in an address."""
    return quote(name, safe="")


# -- ids with a slash -------------------------------------------------------------------------------------------------


def test_a_venue_with_a_slash_is_assigned(host: Host, ledger: Company) -> None:
    """Hours there are held until it is, and go out afterwards."""
    ledger.cards(card("t1", venue="zaal/terras"))
    assert host("GET", f"{LEDGER}/venues")["unassigned"] == ["zaal/terras"]
    host("PUT", f"{LEDGER}/venues/{at('zaal/terras')}", json_body={"administration": "1"})
    found = host("GET", f"{LEDGER}/venues")
    assert (found["unassigned"], found["assigned"]["zaal/terras"]["administration"]) == ([], "1")
    assert [one.finding.code for one in ledger.plan().held] == []


def test_members_and_timecards_with_a_slash_are_shown(host: Host, ledger: Company) -> None:
    """By the id that the host gave, however many slashes it holds."""
    host.upload(f"{HERE}/members", '{"id": "zaal/een", "name": "Robin"}\n{"id": "zaal/een/a", "name": "Sam"}')
    ledger.cards(card("H/2", "zaal/een"), card("H/2/b", "zaal/een"))
    for name, shown in (("zaal/een", "Robin"), ("zaal/een/a", "Sam")):
        assert host("GET", f"{HERE}/members/{at(name)}")["member"]["name"] == shown
        assert "held" in host("GET", f"{HERE}/members/{at(name)}/held")
    for name in ("H/2", "H/2/b"):
        assert host("GET", f"{HERE}/timecards/{at(name)}")["id"] == name


def test_what_is_held_on_a_member_is_no_member(host: Host) -> None:
    """The longer address comes first; the shorter one is still there."""
    assert "held" in host("GET", f"{HERE}/members/m1/held")
    assert host("GET", f"{HERE}/members/m1")["member"]["id"] == "m1"


def test_an_employee_with_a_slash_is_linked(host: Host, ledger: Company) -> None:
    """Linked by hand and unlinked again."""
    ledger.ledger.employees.append(employee("a/3"))
    ledger.hub.apply_sync("acme", ledger.hub.plan_sync("acme", "ledger"))
    host.upload(f"{HERE}/members", '{"id": "m/3", "name": "Kim"}')
    link = f"{LEDGER}/employees/{at('a/3')}/link"
    host("PUT", link, json_body={"member": "m/3"})
    assert [one["id"] for one in host("GET", f"{HERE}/members/{at('m/3')}")["employees"]] == ["a/3"]
    host("DELETE", link, 204)
    assert host("GET", f"{HERE}/members/{at('m/3')}")["employees"] == []


def test_a_route_is_counted_by_its_template(host: Host) -> None:
    """Without the convertor, and without the id."""
    host("GET", f"{HERE}/members/m1")
    told = host.send("GET", "//metrics").text
    assert 'route="/companies/{company}/members/{member}",status="200"' in told
    assert ":path" not in told


@pytest.mark.parametrize("name", ["a/b", "/", ".", ".."])
def test_a_company_whose_id_no_address_can_hold_is_refused(host: Host, name: str) -> None:
    """Told why; one with a dot within is taken."""
    assert "slash" in host("POST", "/companies", 422, json_body={"id": name, "name": "Kade"})["detail"]
    host("POST", "/companies", 201, json_body={"id": f"k.{len(name)}", "name": "Kade"})
    assert host("GET", f"/companies/k.{len(name)}")["name"] == "Kade"


# -- what was set or told, as fields ----------------------------------------------------------------------------------


def test_how_wage_periods_are_counted_is_read_back(host: Host, ledger: Company) -> None:
    """As it was sent: once for all, and for each contract type that differs; of one administration only."""
    one = f"{LEDGER}/administrations/1"
    month = {"type": "month", "first_start": "2026-01-01", "week53": None, "contract_type": None}
    assert host("GET", f"{one}/calendars") == [month]
    fixed = {**month, "first_start": "2026-01-15", "contract_type": "fixed_hours"}
    host("PUT", f"{one}/wage-periods", json_body=fixed)
    four = {"type": "four_weeks", "first_start": date(2025, 12, 29), "week53": "in_13", "contract_type": "zero_hours"}
    with ledger.hub.store.write("acme") as session:  # which this payroll does not pay per, another would
        session.insert(WagePeriodSetting, [{"provider": "ledger", "administration": "1", **four}])
        session.insert(WagePeriodSetting, [{"provider": "ledger", "administration": "2", **four}])
    assert host("GET", f"{one}/calendars") == [month, fixed, {**four, "first_start": "2025-12-29"}]
    assert host.send("GET", f"{LEDGER}/administrations/none/calendars").status in (404, 422)


def test_a_notification_names_its_plan_and_its_job(host: Host, ledger: Company) -> None:
    """As numbers, beside the words; 0 where it is about none."""
    ledger.cards(card("t1"))
    plan = ledger.plan().id
    with ledger.hub.store.write("acme") as session:
        session.tell(EventKind.JOB_FAILED, "ledger", job=7, what="sync", who="operator")
        session.tell(EventKind.SYNC_CONFLICTS, "ledger", people=2)
    found = {one["kind"]: one for one in host("GET", f"{HERE}/notifications")["items"]}
    about = {kind: (one["run"], one["plan"], one["job"]) for kind, one in found.items()}
    assert about == {"export.planned": (0, plan, 0), "job.failed": (0, 0, 7), "sync.conflicts": (0, 0, 0)}


def test_a_timecard_has_the_colour_of_the_planning_product(host: Host, ledger: Company) -> None:
    """The one of the command line: by status and category, and white once payroll holds it."""
    ledger.cards(
        card("green"),
        card("blue", status="planned", day=6),
        card("orange", status="written", day=7),
        card("purple", category="leave", day=8),
        card("red", category="unproductive", day=9),
    )
    colours = {one["id"]: one["colour"] for one in host("GET", f"{HERE}/timecards")["items"]}
    assert colours == {one: one for one in ("green", "blue", "orange", "purple", "red")}
    ledger.export()
    assert host("GET", f"{HERE}/timecards/green")["colour"] == "white"


def test_plans_are_listed_of_one_administration(host: Host, ledger: Company) -> None:
    """Beside those of a provider; of another administration there are none."""
    ledger.cards(card("t1"))
    plan = ledger.plan().id
    for query, found in (
        ("administration=1", [plan]),
        ("administration=2", []),
        ("provider=other&administration=1", []),
    ):
        assert [one["plan"] for one in host("GET", f"{HERE}/plans?{query}")["items"]] == found
