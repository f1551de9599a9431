"""The HTTP face over a real socket: keys and scopes, problems, idempotency, and an export from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hub.access import new_key, revoke
from hub.api.serving import serving
from hub.store.companies import Audit
from hub.testing.canary import leaks
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.paper import BSN, PaperCompany
from hub.working.alone import Alone

CARDS = (
    '{"id": "t1", "member": "m1", "start": "2026-10-05T08:00", "end": "2026-10-05T16:00", "status": "approved"}\n'
    '{"id": "t2", "member": "m2", "start": "2026-10-06T08:00", "end": "2026-10-06T15:20", "status": "approved"}\n'
)
OCTOBER = {"provider": "paper", "administration": "paper", "dates": ["2026-10-01", "2026-10-31"]}


@pytest.fixture
def address(paper: PaperCompany) -> Iterator[str]:
    worker = Alone(paper.hub, 2)  # with PostgreSQL a server only asks workers elsewhere
    with serving(paper.hub) as found:
        worker.start()
        yield found
        worker.stop()


Calls = Callable[[str], Host]


@pytest.fixture
def calls(address: str) -> Calls:
    """Return what gives a host platform with a key."""
    return lambda key: Host(address, key)


@pytest.fixture
def host(paper: PaperCompany, calls: Calls) -> Host:
    return calls(new_key(paper.hub.store, "platform", ALL_SCOPES))


def test_an_export_from_beginning_to_end(host: Host, paper: PaperCompany) -> None:
    """A company by HTTP only: connect, map, people, hours, plan, release, run, fetch, acknowledge, outcome."""
    host("POST", "/companies", 201, json_body={"id": "kade", "name": "Kade"})
    host("POST", "/companies/kade/connections", 201, json_body={"provider": "paper"})
    people = (
        '{"id": "m1", "name": "An", "contract_type": "zero_hours", "bsn": "123456782"}\n'
        '{"id": "m2", "name": "Bo", "contract_type": "zero_hours", "bsn": "111222333"}\n'
    )
    assert host.upload("/companies/kade/members", people)["new"] == 2
    assert host.upload("/companies/kade/timecards", CARDS)["new"] == 2
    plan = host("GET", f"/companies/kade/plans/{host.job('/companies/kade/plans', OCTOBER)['plan']}")
    assert plan["totals"] == {"days": 200, "hours uren": 1533}
    host("POST", f"/companies/kade/plans/{plan['id']}/release", json_body={"by": "Robin"})
    number = host.job(f"/companies/kade/plans/{plan['id']}/run")["run"]
    run = host("GET", f"/companies/kade/runs/{number}")
    assert run["state"] == "ready"
    file = host.send("GET", f"/companies/kade/runs/{run['id']}/file")
    assert b"123456782;An;uren;8,00" in file.content
    assert host("GET", f"/companies/kade/runs/{run['id']}")["state"] == "ready"
    receipt = host("POST", f"/companies/kade/runs/{run['id']}/file/acknowledge")
    assert receipt["sha256"] == file.headers["hub-sha256"]
    told = {"by": "Robin", "outcome": "imported"}
    done = host("POST", f"/companies/kade/runs/{run['id']}/outcome", json_body=told)
    assert (done["state"], done["white"]) == ("done", ["t1", "t2"])
    shown = [host.send("GET", f"/companies/kade/{one}").content for one in ("members", "audit", "plans", "timecards")]
    assert leaks(b"".join(shown) + file.headers.get("content-disposition", "").encode(), BSN.values()) == []


def test_without_a_key_nothing_opens(calls: Calls, paper: PaperCompany) -> None:
    """Neither without one, nor with a wrong one, nor with one that was revoked."""
    key = new_key(paper.hub.store, "old", ALL_SCOPES)
    assert calls(key)("GET", "/companies")["items"] != []
    revoke(paper.hub.store, 1)
    for one in (key, "phk_wrong", "x"):
        calls(one)("GET", "/companies", 401)


def test_a_scope_opens_no_more_than_it_says(calls: Calls, paper: PaperCompany) -> None:
    """Reading plans is not making them; the refusal is in the audit trail with the name of the key."""
    reader = calls(new_key(paper.hub.store, "reader", ["read"]))
    reader("GET", "/companies/acme/plans")
    for method, path in (("POST", "/companies/acme/plans"), ("POST", "/companies/acme/plans/1/run")):
        assert reader(method, path, 403, json_body=OCTOBER)["who"] == "sender"
    refusals = [one for one in paper.rows(Audit) if one.action == "refused"]
    assert [(one.actor, one.detail["scope"]) for one in refusals] == [("reader", "export")] * 2


def test_the_key_of_a_company_sees_no_other(calls: Calls, paper: PaperCompany) -> None:
    """What another company has looks as if it were not there."""
    paper.hub.add_company("other", "Other")
    own = calls(new_key(paper.hub.store, "acme's", ALL_SCOPES, "acme"))
    own("GET", "/companies/acme/members")
    for path in ("/companies/other/members", "/companies/nobody/members"):
        own("GET", path, 404)
    own("GET", "/companies", 404)


def test_a_problem_says_who_must_act_in_the_callers_language(host: Host) -> None:
    """And echoes nothing of what was sent."""
    wrong = {**OCTOBER, "administration": "hunter2"}
    english = host("POST", "/companies/acme/validations", 404, json_body=wrong)
    dutch = host("POST", "/companies/acme/validations", 404, json_body=wrong, headers={"Accept-Language": "nl-NL"})
    assert (english["who"], english["detail"]) == ("sender", dutch["detail"])
    assert english["title"] == "The request cannot be taken as it is"
    assert dutch["title"] == "Het verzoek kan zo niet worden aangenomen"
    secret = host("POST", "/companies/acme/plans", 422, json_body={"provider": 5, "hunter2": "hunter3"})
    assert "hunter3" not in str(secret)
    assert {"at": "body.administration", "problem": "missing"} in secret["fields"]


def test_lists_come_by_page(host: Host) -> None:
    """Each page says where the next one begins; a cursor that no page gave is refused."""
    first = host("GET", "/companies/acme/members?limit=1")
    second = host("GET", f"/companies/acme/members?limit=1&cursor={first['next']}")
    assert ([one["id"] for one in first["items"] + second["items"]], second["next"]) == (["m1", "m2"], "")
    host("GET", "/companies/acme/members?cursor=xx", 422)


def test_wrong_rows_of_an_upload_are_told_by_line(host: Host) -> None:
    """Good ones are stored; with `strict` none is, and the problem lists them."""
    wrong = CARDS + '{"id": "t3"}\n'
    assert [one["line"] for one in host.upload("/companies/acme/timecards", wrong)["wrong"]] == [3]
    strict = host.upload("/companies/acme/timecards?strict=true", wrong, 422)
    assert [one["line"] for one in strict["rows"]] == [3]
    host("POST", "/companies/acme/timecards", 415, content=b"x", headers={"Content-Type": "text/html"})


def test_who_watches_it_needs_no_key(address: str) -> None:
    """The process is there, and its database answers."""
    for path in ("healthz", "readyz"):
        assert Host(address)("GET", f"//{path}") == {"status": "ok"}
