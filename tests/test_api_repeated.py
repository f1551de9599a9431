"""The same request under the same `Idempotency-Key`: what is answered again, what is tried again, and what is not."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from threading import Event
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from hub.access import new_key
from hub.api.serving import serving
from hub.store.access import Answered
from hub.testing.host import ALL_SCOPES, NDJSON, Host
from hub.testing.paper import PaperCompany
from hub.working.alone import Alone

OCTOBER = {"provider": "paper", "administration": "paper", "dates": ["2026-10-01", "2026-10-31"]}
KEY = {"Idempotency-Key": "one"}
PLANS = "/companies/acme/plans"
DUTCH = {"Accept-Language": "nl"}
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


@pytest.fixture
def host(paper: PaperCompany) -> Iterator[Host]:
    with serving(paper.hub) as address:
        yield Host(address, new_key(paper.hub.store, "platform", ALL_SCOPES))


@pytest.fixture
def worker(paper: PaperCompany, host: Host) -> Iterator[Alone]:
    """Yield who does the jobs: with PostgreSQL a server only asks workers elsewhere."""
    working = Alone(paper.hub, 2)
    working.start()
    yield working
    working.stop()


def kept(paper: PaperCompany) -> list[int | None]:
    """Return the statuses of the answers that are kept."""
    with paper.hub.store.everywhere() as session:
        return [one.status for one in session.exec(select(Answered))]


def in_chunks(host: Host, path: str, **headers: str) -> tuple[int, str, Any]:
    """Send a body of more than 1 MB whose length is not told; return the status, media type and JSON."""
    sent = {"Host": "x", "Authorization": f"Bearer {host.key}", "Content-Type": "application/json", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**sent, "Transfer-Encoding": "chunked"}.items())
    with socket.create_connection(("127.0.0.1", urlsplit(host.address).port or 0), timeout=30) as sender:
        sender.sendall(f"POST /v1{path} HTTP/1.1\r\n{head}\r\n".encode() + CHUNK * 16)
        answer = HTTPResponse(sender)
        answer.begin()
        return answer.status, answer.headers["content-type"], json.loads(answer.read())


def test_a_body_without_end_is_refused_the_same_with_a_key_and_without(host: Host, paper: PaperCompany) -> None:
    """A problem document in the caller's language; the key stays free."""
    without = in_chunks(host, "/companies", **DUTCH)
    assert without[:2] == (413, "application/problem+json")
    assert without[2]["detail"] == "De inhoud is te groot: stuur die in delen."
    assert in_chunks(host, "/companies", **DUTCH, **KEY) == without
    assert kept(paper) == []


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("prefer", "status"), [("", 202), ("wait=30", 200)])
def test_a_job_that_was_asked_for_is_found_again(host: Host, prefer: str, status: int) -> None:
    """The answer has the same status, body, type and Location; the Location leads to the job."""
    sent = {**KEY, "Prefer": prefer}
    first, again = (host.send("POST", PLANS, json_body=OCTOBER, headers=sent) for _ in range(2))
    assert (first.status, again.status, again.content) == (status, status, first.content)
    same = ("location", "content-type", "content-length")
    assert [again.headers[one] for one in same] == [first.headers[one] for one in same]
    assert ("idempotent-replay" in first.headers, again.headers["idempotent-replay"]) == (False, "true")
    path = again.headers["location"]
    assert path == f"/v1/companies/acme/jobs/{first.json()['id']}"
    assert host("GET", f"/{path}")["id"] == first.json()["id"]


def test_what_was_refused_is_tried_again_under_the_same_key(host: Host, paper: PaperCompany) -> None:
    """A connection that was off is switched on: the host's repeated request is carried out, and then kept."""
    switch = "/companies/acme/connections/paper"
    host("PUT", switch, json_body={"active": False})
    host("POST", PLANS, 409, json_body=OCTOBER, headers=KEY)
    assert kept(paper) == []
    host("PUT", switch, json_body={"active": True})
    made = host("POST", PLANS, 202, json_body=OCTOBER, headers=KEY)
    assert host("POST", PLANS, 202, json_body=OCTOBER, headers=KEY) == made
    assert (kept(paper), len(paper.hub.jobs("acme"))) == ([202], 1)
    host("POST", PLANS, 422, json_body={**OCTOBER, "groups": ["worked"]}, headers=KEY)


def test_the_type_of_a_body_belongs_to_the_request(host: Host) -> None:
    """A wrong one is corrected under the same key; the same bytes as another type are another request."""
    card = {"id": "t1", "member": "m1", "start": "2026-10-05T08:00", "end": "2026-10-05T16:00", "status": "approved"}
    path, sent = "/companies/acme/timecards", json.dumps([card]).encode()
    host("POST", path, 415, content=sent, headers={**KEY, "Content-Type": "text/html"})
    as_list = {**KEY, "Content-Type": "application/json"}
    assert host("POST", path, content=sent, headers=as_list)["new"] == 1
    with_charset = {**KEY, "Content-Type": "Application/JSON; charset=utf-8"}
    assert host("POST", path, content=sent, headers=with_charset)["new"] == 1
    said = host("POST", path, 422, content=sent, headers={**KEY, **NDJSON})
    assert said["detail"] == "This Idempotency-Key came with another request: use a new one."


def test_who_repeats_a_request_that_is_under_way_is_told_to_wait(host: Host, paper: PaperCompany) -> None:
    """It is carried out once, and answered the same when it is done."""
    begun, go_on, ask = Event(), Event(), paper.hub.ask_plan

    def slowly(*given: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        return ask(*given, **named)

    with patch.object(paper.hub, "ask_plan", slowly), ThreadPoolExecutor(1) as beside:
        first = beside.submit(host, "POST", PLANS, 202, json_body=OCTOBER, headers=KEY)
        try:
            assert begun.wait(30)
            waits = host.send("POST", PLANS, json_body=OCTOBER, headers=KEY)
        finally:
            go_on.set()
        assert (waits.status, waits.headers["retry-after"]) == (409, "1")
        done = first.result(30)
    assert host("POST", PLANS, 202, json_body=OCTOBER, headers=KEY) == done
    assert len(paper.hub.jobs("acme")) == 1


def test_an_answer_from_before_a_company_was_removed_is_said_to_be_gone(host: Host, paper: PaperCompany) -> None:
    """Nothing is done a second time, for no company; nothing is said of a secret that there was not."""
    company = {"json_body": {"id": "kade", "name": "Kade"}, "headers": KEY}
    other = {"Idempotency-Key": "two"}
    host("POST", "/companies", 201, **company)
    host("POST", PLANS, 202, json_body=OCTOBER, headers=other)
    paper.hub.remove_company("kade", "Kade")
    said = host("POST", "/companies", 409, **company)
    assert (said["detail"], said["who"]) == ("This was done before, and its answer is not kept.", "sender")
    dutch = host("POST", PLANS, 409, json_body=OCTOBER, headers={**other, **DUTCH})
    assert dutch["detail"] == "Dit is eerder gedaan, en het antwoord is niet bewaard."
    assert len(paper.hub.jobs("acme")) == 1
    host("POST", "/companies", 201, json_body=company["json_body"], headers={"Idempotency-Key": "three"})
