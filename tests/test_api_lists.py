"""Lists over HTTP: pages from the database, filters, and CSV files that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa

from hub.access import new_key
from hub.api.serving import serving
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.testing.company import card
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.paper import PaperCompany, person


@pytest.fixture
def host(paper: PaperCompany) -> Iterator[Host]:
    with serving(paper.hub) as address:
        yield Host(address, new_key(paper.hub.store, "platform", ALL_SCOPES))


def pages(host: Host, path: str, limit: int) -> list[list[Any]]:
    """Return the items of every page."""
    found, cursor = [], ""
    while True:
        page = host("GET", f"{path}{'&' if '?' in path else '?'}limit={limit}&cursor={cursor}")
        found.append(page["items"])
        cursor = page["next"]
        if not cursor:
            return found


def rows(host: Host, path: str) -> list[dict[str, str]]:
    """Return the rows of a list as CSV."""
    answer = host.send("GET", path, headers={"Accept": "text/csv"})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_pages_hold_each_row_once_whatever_comes_meanwhile(host: Host, paper: PaperCompany) -> None:
    """A row that is added before the place of the cursor shifts nothing; the last page names no next."""
    paper.cards(*(card(f"t{number}", day=1 + number % 3) for number in range(7)))
    first = host("GET", "/companies/acme/timecards?limit=3")
    paper.cards(card("a-new-one", day=1))
    rest = host("GET", f"/companies/acme/timecards?limit=10&cursor={first['next']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == ["t0", "t3", "t6", "t1", "t4", "t2", "t5"]
    assert rest["next"] == ""
    assert [len(one) for one in pages(host, "/companies/acme/timecards", 4)] == [4, 4]


def test_every_list_goes_on_from_its_cursor(host: Host, paper: PaperCompany) -> None:
    """Companies, members, plans, entries and the trail: by page they hold what they hold at once."""
    paper.cards(card("t1"), card("t2", "m2"))
    run = paper.made().id
    paper.plan()
    for name in ("companies", "companies/acme/members", "companies/acme/plans", "companies/acme/audit"):
        at_once = host("GET", f"/{name}?limit=1000")["items"]
        assert list(chain(*pages(host, f"/{name}", 1))) == at_once != []
    entries = f"/companies/acme/runs/{run}/entries"
    assert (
        list(chain(*pages(host, entries, 1))) == host("GET", entries)["items"] == host("GET", entries[:-8])["entries"]
    )


def test_a_page_asks_the_database_for_no_more_than_it_holds(host: Host, paper: PaperCompany) -> None:
    """The limit is in the question: of a thousand rows, three are read for a page of two."""
    paper.cards(*(card(f"t{number}", day=1 + number % 28) for number in range(1000)))
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        asked.append((text, values))

    sa.event.listen(paper.hub.store.engine, "before_cursor_execute", listen)
    assert len(host("GET", "/companies/acme/timecards?limit=2")["items"]) == 2
    ((text, values),) = [one for one in asked if "ORDER BY timecard.date" in one[0]]
    assert "LIMIT" in text
    assert 3 in (values.values() if isinstance(values, dict) else values)


def test_filters_narrow_a_list(host: Host, paper: PaperCompany) -> None:
    """By date, status, member, venue and whether payroll holds it; members by venue; entries by state."""
    paper.cards(card("t1"), card("t2", "m2", day=6, venue="bar"), card("t3", status="planned", day=7))
    run = paper.made().id
    paper.fetch(run)

    def ids(query: str, path: str = "timecards") -> list[str]:
        return [one["id"] for one in host("GET", f"/companies/acme/{path}?{query}")["items"]]

    assert ids("start=2026-10-06&end=2026-10-06") == ["t2"]
    assert ids("status=planned") == ["t3"]
    assert ids("member=m2") == ids("venue=bar") == ["t2"]
    assert (ids("exported=true"), ids("exported=false")) == (["t1", "t2"], ["t3"])
    assert host("GET", "/companies/acme/timecards/t1")["white"] is True
    assert ids("venue=bar", "members") == []
    states = {one["state"] for one in host("GET", f"/companies/acme/runs/{run}/entries")["items"]}
    assert states == {"handed over"}
    assert host("GET", f"/companies/acme/runs/{run}/entries?state=planned")["items"] == []
    made = host("GET", "/companies/acme/audit?action=connected")["items"]
    assert [one["subject"] for one in made] == ["paper"]


def named(member: str, name: str) -> Member:
    return person(member).model_copy(update={"name": name})


def test_a_list_as_csv_is_whole_and_harmless(host: Host, paper: PaperCompany) -> None:
    """It holds what all pages hold; a name that looks like a formula gets an apostrophe before it; no BSN."""
    paper.hub.import_members("acme", Reading(good=[named("m0", "=HYPERLINK(1)"), named("m3", 'A; "B"')]))
    found = rows(host, "/companies/acme/members?limit=1")
    assert [(one["id"], one["name"]) for one in found] == [
        ("m0", "'=HYPERLINK(1)"),
        ("m1", "M1"),
        ("m2", "M2"),
        ("m3", 'A; "B"'),
    ]
    assert "bsn" not in found[0]
    paper.cards(*(card(f"t{number:04}", day=1 + number % 28) for number in range(2100)))
    cards = rows(host, "/companies/acme/timecards")
    assert (len(cards), len({one["id"] for one in cards})) == (2100, 2100)
    assert len(rows(host, "/companies/acme/timecards?member=m2")) == 0


@pytest.mark.parametrize(
    "cursor", ["xx", "e30=", "WzFd", "WyJhIiwiYiJd", "WyJhXHUwMDAwIl0=", "WzFlOTk5XQ==", "%F0%9F%92%A5", "W1tbW1tb"]
)
def test_a_cursor_that_no_page_gave_is_refused(host: Host, cursor: str) -> None:
    """Be it no base64, no list, of another list or out of range: 422, in words, and never a failure."""
    for path in ("members", "timecards", "audit", "plans", "jobs"):
        if (path, cursor) in (("audit", "WzFd"), ("plans", "WzFd"), ("jobs", "WzFd")):
            continue  # that is one of theirs
        if (path, cursor) == ("members", "WyJhXHUwMDAwIl0="):
            assert "cursor" in host("GET", f"/companies/acme/{path}?cursor={cursor}", 422)["detail"]
        assert host("GET", f"/companies/acme/{path}?cursor={cursor}", 422)["who"] == "sender"
