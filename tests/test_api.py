"""The HTTP face over a real socket: keys and scopes, problems, idempotency, and an export from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from hub.access import new_key, revoke
from hub.api.serving import serving
from hub.store.companies import Audit
from hub.testing.canary import leaks
from hub.testing.paper import BSN, PaperCompany

ALL = ("read", "settings", "workforce", "hours", "export", "decisions")
CARDS = (
    '{"id": "t1", "member": "m1", "start": "2026-10-05T08:00", "end": "2026-10-05T16:00", "status": "approved"}\n'
    '{"id": "t2", "member": "m2", "start": "2026-10-06T08:00", "end": "2026-10-06T15:20", "status": "approved"}\n'
)
OCTOBER = {"provider": "paper", "administration": "paper", "dates": ["2026-10-01", "2026-10-31"]}


class Host:
    """A host platform that calls with a key."""

    def __init__(self, address: str, key: str) -> None:
        self.client = httpx.Client(base_url=f"{address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def __call__(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """Call, check the status, and return the JSON."""
        answer = self.client.request(method, path, **more)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        return answer.json()


@pytest.fixture
def address(paper: PaperCompany) -> Iterator[str]:
    with serving(paper.hub) as found:
        yield found


Calls = Callable[[str], Host]


@pytest.fixture
def calls(address: str) -> Iterator[Calls]:
    """Yield what gives a host platform with a key."""
    with ExitStack() as opened:

        def with_key(key: str) -> Host:
            made = Host(address, key)
            opened.callback(made.client.close)
            return made

        yield with_key


@pytest.fixture
def host(paper: PaperCompany, calls: Calls) -> Host:
    return calls(new_key(paper.hub.store, "platform", ALL))


def upload(host: Host, path: str, text: str, **more: Any) -> Any:
    headers = {"Content-Type": "application/x-ndjson", **more.pop("headers", {})}
    return host("POST", path, content=text.encode(), headers=headers, **more)


def test_an_export_from_beginning_to_end(host: Host, paper: PaperCompany) -> None:
    """A company by HTTP only: connect, map, people, hours, plan, release, run, fetch, acknowledge, outcome."""
    host("POST", "/companies", 201, json={"id": "kade", "name": "Kade"})
    host("POST", "/companies/kade/connections", 201, json={"provider": "paper"})
    people = (
        '{"id": "m1", "name": "An", "contract_type": "zero_hours", "bsn": "123456782"}\n'
        '{"id": "m2", "name": "Bo", "contract_type": "zero_hours", "bsn": "111222333"}\n'
    )
    assert upload(host, "/companies/kade/members", people)["new"] == 2
    assert upload(host, "/companies/kade/timecards", CARDS)["new"] == 2
    plan = host("POST", "/companies/kade/plans", 201, json=OCTOBER)
    assert plan["totals"] == {"days": 200, "hours uren": 1533}
    host("POST", f"/companies/kade/plans/{plan['id']}/release", json={"by": "Robin"})
    run = host("POST", f"/companies/kade/plans/{plan['id']}/run")
    assert run["state"] == "ready"
    file = host.client.get(f"/companies/kade/runs/{run['id']}/file")
    assert b"123456782;An;uren;8,00" in file.content
    assert host("GET", f"/companies/kade/runs/{run['id']}")["state"] == "ready"
    receipt = host("POST", f"/companies/kade/runs/{run['id']}/file/acknowledge")
    assert receipt["sha256"] == file.headers["hub-sha256"]
    told = {"by": "Robin", "outcome": "imported"}
    done = host("POST", f"/companies/kade/runs/{run['id']}/outcome", json=told)
    assert (done["state"], done["white"]) == ("done", ["t1", "t2"])
    shown = [host.client.get(f"/companies/kade/{one}").content for one in ("members", "audit", "plans", "timecards")]
    assert leaks(b"".join(shown) + file.headers.get("content-disposition", "").encode(), BSN.values()) == []


def test_without_a_key_nothing_opens(calls: Calls, paper: PaperCompany) -> None:
    """Neither without one, nor with a wrong one, nor with one that was revoked."""
    key = new_key(paper.hub.store, "old", ALL)
    assert calls(key)("GET", "/companies")["items"] != []
    revoke(paper.hub.store, 1)
    for one in (key, "phk_wrong", "x"):
        calls(one)("GET", "/companies", 401)


def test_a_scope_opens_no_more_than_it_says(calls: Calls, paper: PaperCompany) -> None:
    """Reading plans is not making them; the refusal is in the audit trail with the name of the key."""
    reader = calls(new_key(paper.hub.store, "reader", ["read"]))
    reader("GET", "/companies/acme/plans")
    for method, path in (("POST", "/companies/acme/plans"), ("POST", "/companies/acme/plans/1/run")):
        assert reader(method, path, 403, json=OCTOBER)["who"] == "sender"
    refusals = [one for one in paper.rows(Audit) if one.action == "refused"]
    assert [(one.actor, one.detail["scope"]) for one in refusals] == [("reader", "export")] * 2


def test_the_key_of_a_company_sees_no_other(calls: Calls, paper: PaperCompany) -> None:
    """What another company has looks as if it were not there."""
    paper.hub.add_company("other", "Other")
    own = calls(new_key(paper.hub.store, "acme's", ALL, "acme"))
    own("GET", "/companies/acme/members")
    for path in ("/companies/other/members", "/companies/nobody/members"):
        own("GET", path, 404)
    own("GET", "/companies", 404)


def test_a_problem_says_who_must_act_in_the_callers_language(host: Host) -> None:
    """And echoes nothing of what was sent."""
    wrong = {**OCTOBER, "administration": "hunter2"}
    english = host("POST", "/companies/acme/plans", 422, json=wrong)
    dutch = host("POST", "/companies/acme/plans", 422, json=wrong, headers={"Accept-Language": "nl-NL"})
    assert (english["who"], english["detail"]) == ("sender", dutch["detail"])
    assert english["title"] == "The request cannot be taken as it is"
    assert dutch["title"] == "Het verzoek kan zo niet worden aangenomen"
    secret = host("POST", "/companies/acme/plans", 422, json={"provider": 5, "hunter2": "hunter3"})
    assert "hunter3" not in str(secret)
    assert {"at": "body.administration", "problem": "missing"} in secret["fields"]


def test_the_same_idempotency_key_is_done_once(host: Host, paper: PaperCompany) -> None:
    """The answer is the same again; another request under the same key is refused; another key does it anew."""
    paper.cards()
    upload(host, "/companies/acme/timecards", CARDS)
    headers = {"Idempotency-Key": "a-1"}
    first = host("POST", "/companies/acme/plans", 201, json=OCTOBER, headers=headers)
    assert host("POST", "/companies/acme/plans", 201, json=OCTOBER, headers=headers) == first
    other = {**OCTOBER, "groups": ["worked"]}
    host("POST", "/companies/acme/plans", 422, json=other, headers=headers)
    second = host("POST", "/companies/acme/plans", 201, json=OCTOBER, headers={"Idempotency-Key": "a-2"})
    assert second["id"] == first["id"] + 1
    refused = {**OCTOBER, "administration": "none"}
    for _ in range(2):
        host("POST", "/companies/acme/plans", 422, json=refused, headers={"Idempotency-Key": "a-3"})


def test_lists_come_by_page(host: Host) -> None:
    """Each page says where the next one begins; a cursor that no page gave is refused."""
    first = host("GET", "/companies/acme/members?limit=1")
    second = host("GET", f"/companies/acme/members?limit=1&cursor={first['next']}")
    assert ([one["id"] for one in first["items"] + second["items"]], second["next"]) == (["m1", "m2"], "")
    host("GET", "/companies/acme/members?cursor=xx", 422)


def test_wrong_rows_of_an_upload_are_told_by_line(host: Host) -> None:
    """Good ones are stored; with `strict` none is, and the problem lists them."""
    wrong = CARDS + '{"id": "t3"}\n'
    assert [one["line"] for one in upload(host, "/companies/acme/timecards", wrong)["wrong"]] == [3]
    strict = upload(host, "/companies/acme/timecards?strict=true", wrong, status=422)
    assert [one["line"] for one in strict["rows"]] == [3]
    host("POST", "/companies/acme/timecards", 415, content=b"x", headers={"Content-Type": "text/html"})


def test_who_watches_it_needs_no_key(address: str) -> None:
    """The process is there, and its database answers."""
    for path in ("healthz", "readyz"):
        assert httpx.get(f"{address}/{path}").json() == {"status": "ok"}
