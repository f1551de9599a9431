"""What a careless or hostile caller sends: every answer is a problem document in the caller's language, never a 500."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from hub.access import new_key
from hub.api.serving import listening, serving
from hub.api.uploads import items_of
from hub.errors import InputError
from hub.store.access import Answered
from hub.store.companies import Audit
from hub.testing.company import card
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.paper import BSN, PaperCompany

OCTOBER = {"provider": "paper", "administration": "paper", "dates": ["2026-10-01", "2026-10-31"]}
CARD = {"id": "t1", "member": "m1", "start": "2026-10-05T08:00", "end": "2026-10-05T16:00", "status": "approved"}


@pytest.fixture
def address(paper: PaperCompany) -> Iterator[str]:
    with serving(paper.hub) as found:
        yield found


@pytest.fixture
def host(paper: PaperCompany, address: str) -> Host:
    return Host(address, new_key(paper.hub.store, "platform", ALL_SCOPES))


def test_numbers_and_texts_that_no_database_holds_are_refused(host: Host) -> None:
    """Beyond 64 bits, below one, with a NUL, or a date of another age."""
    huge = 2**63
    for path in (f"plans/{huge}", f"runs/{huge}", f"decisions/{huge}", "plans/0", "members/a%00b", f"jobs/{huge}"):
        host("GET", f"/companies/acme/{path}", 422)
    host("POST", f"/companies/acme/plans/{10**30}/run", 422)
    for query in ("start=0001-01-01", "end=9999-12-31", "member=%00", "limit=0", f"limit={huge}"):
        host("GET", f"/companies/acme/timecards?{query}", 422)
    host("GET", "/companies/a%00b/members", 422)
    host("POST", "/companies", 422, json_body={"id": "a\0b", "name": "A"})
    host("POST", "/companies/acme/validations", 422, json_body={**OCTOBER, "dates": ["0001-01-01", "9999-12-31"]})
    host("POST", "/companies/acme/validations", 422, json_body={**OCTOBER, "dates": ["2026-10-31", "2026-10-01"]})
    wages = "/companies/acme/connections/paper/administrations/paper/wage-periods"
    host("GET", f"{wages}?year=99999999", 422)
    host("PUT", wages, 422, json_body={"type": "four_weeks", "first_start": "2026-01-01"})


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 422),
        (b'{"id": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b'{"id": ' + b"9" * 5000 + b"}", 400),
        (b"null", 422),
    ],
)
def test_a_body_that_is_no_json_is_a_problem(host: Host, content: bytes, status: int) -> None:
    """Broken, no UTF-8, without end, with a number of thousands of digits, or nothing."""
    host("POST", "/companies", status, content=content, headers={"Content-Type": "application/json"})


def test_no_address_method_or_size_beyond_what_there_is(host: Host, address: str) -> None:
    """404, 405 and 413 are problem documents too; a body without end is cut off while it comes."""
    host("GET", "/nothing", 404)
    assert host("PATCH", "/companies", 405)["title"] == "The request cannot be taken as it is"
    host("POST", "/companies", 413, content=b" " * 1_000_001, headers={"Content-Type": "application/json"})
    with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=30) as sender:
        head = f"POST /v1/companies HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {host.key}\r\n"
        sender.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(20):
            sender.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        assert sender.recv(100).startswith(b"HTTP/1.1 413")


def test_what_the_api_says_itself_is_in_the_callers_language(host: Host, address: str) -> None:
    """Dutch where that is what the caller reads rather; the name of an unknown field is not echoed."""
    dutch = {"Accept-Language": "de, nl;q=0.9, en;q=0.8"}
    said = host("POST", "/companies", 422, json_body={"id": "x", "hunter2": "hunter3"}, headers=dutch)
    assert (said["detail"], "hunter" in json.dumps(said)) == ("Het verzoek past niet: zie de velden.", False)
    assert Host(address)("GET", "/companies", 401, headers=dutch)["detail"].startswith("Geen sleutel")
    assert host("GET", "/nothing", 404, headers=dutch)["detail"] == "Dat is er niet voor deze sleutel."
    assert host("GET", "/nothing", 404, headers={"Accept-Language": "nl;q=0.1, en"})["detail"].startswith("There is no")


def test_releases_decisions_and_outcomes_name_a_person(host: Host, paper: PaperCompany) -> None:
    """A key is no person: none named, the name of the key, or two names that differ are refused."""
    paper.cards(card("t1"))
    plan = paper.plan().id
    release = f"/companies/acme/plans/{plan}/release"
    for body in ({}, {"by": "  "}, {"by": "platform"}):
        assert "person" in host("POST", release, 422, json_body=body)["detail"]
    host("POST", release, 422, json_body={"by": "Robin"}, headers={"Hub-Actor": "Sam"})
    for path in ("decisions/1", "runs/1/outcome"):
        told = {"choice": "send again", "outcome": "imported"}
        kept = {key: value for key, value in told.items() if (key == "choice") == path.startswith("decisions")}
        assert "person" in host("POST", f"/companies/acme/{path}", 422, json_body=kept)["detail"]
    zoe = "Zo\u00eb".encode().decode("latin-1")
    assert host("POST", release, json_body={}, headers={"Hub-Actor": zoe})["released_by"] == "Zo\u00eb"


def test_every_refusal_of_a_key_is_in_the_trail(paper: PaperCompany, address: str) -> None:
    """In that of the company that was asked for, without a foreign key's name, and in that of the key's own."""
    paper.hub.add_company("other", "Other")
    stranger = Host(address, new_key(paper.hub.store, "their key", ["read"], "other"))
    stranger("GET", "/companies/acme/members", 404)
    stranger("GET", "/companies/acme/members/m1", 404)
    stranger("POST", "/companies/other/plans", 403, json_body=OCTOBER)
    with paper.hub.store.read("acme") as session:
        here = [(one.actor, one.detail["scope"]) for one in session.all(Audit) if one.action == "refused"]
    with paper.hub.store.read("other") as session:
        there = [(one.actor, one.detail["scope"]) for one in session.all(Audit) if one.action == "refused"]
    assert here == [("a key of another company", "read")] * 2
    assert there == [("their key", "read")] * 2 + [("their key", "export")]


# -- idempotency ------------------------------------------------------------------------------------------------------


def test_the_same_idempotency_key_is_done_once(host: Host) -> None:
    """The answer is the same again; another request under the same key is refused, as is a key that is too long."""
    key = {"Idempotency-Key": "a-1"}
    first = host("POST", "/companies/acme/plans", 202, json_body=OCTOBER, headers=key)
    again = host.send("POST", "/companies/acme/plans", json_body=OCTOBER, headers=key)
    assert (again.status, again.json(), again.headers["idempotent-replay"]) == (202, first, "true")
    host("POST", "/companies/acme/plans", 422, json_body={**OCTOBER, "groups": ["worked"]}, headers=key)
    second = host("POST", "/companies/acme/plans", 202, json_body=OCTOBER, headers={"Idempotency-Key": "a-2"})
    assert second["id"] == first["id"] + 1
    host("POST", "/companies", 422, json_body={"id": "x"}, headers={"Idempotency-Key": "a" * 256})


def test_an_idempotency_key_of_one_caller_says_nothing_to_another(
    host: Host, paper: PaperCompany, address: str
) -> None:
    """The same key and request of another host platform is carried out anew."""
    other = Host(address, new_key(paper.hub.store, "another platform", ALL_SCOPES))
    headers = {"Idempotency-Key": "a-1"}
    mine, theirs = (
        one("POST", "/companies/acme/plans", 202, json_body=OCTOBER, headers=headers) for one in (host, other)
    )
    assert (mine["actor"], theirs["actor"]) == ("platform", "another platform")


def test_a_file_is_not_kept_but_made_again(host: Host, paper: PaperCompany) -> None:
    """It may hold BSNs: nothing of it is in the table of answers, and the same request gives the same bytes."""
    paper.cards(card("t1"))
    paper.fetch(paper.made().id)
    headers = {"Idempotency-Key": "copy"}
    first, second = (
        host.send("POST", "/companies/acme/file-copies", json_body=OCTOBER, headers=headers) for _ in range(2)
    )
    assert (first.status, first.content) == (200, second.content)
    assert BSN["m1"].encode() in first.content
    with paper.hub.store.everywhere() as session:
        assert session.get(Answered, (1, "copy")) is None


def test_half_an_upload_is_not_taken_for_the_whole(host: Host, paper: PaperCompany, address: str) -> None:
    """A sender that hangs up in the middle stores nothing, with an Idempotency-Key and without."""
    line = json.dumps(CARD).encode() + b"\n"
    for more in ("", "Idempotency-Key: half\r\n"):
        with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=30) as sender:
            head = (
                f"POST /v1/companies/acme/timecards HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {host.key}\r\n{more}"
            )
            sender.sendall(
                f"{head}Content-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n".encode() + line
            )
    assert host.upload("/companies/acme/timecards", line.decode(), 200, **{"Idempotency-Key": "half"})["new"] == 1


# -- lists of JSON ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_a_json_list_is_read_in_parts_of_any_size(size: int) -> None:
    """Whatever the parts, with spaces, nested lists, brackets in texts and empty parts between them."""
    items = [{"a": [1, {"b": "]},{"}]}, {"n": 12345}, {"x,\u00eb\n": '\\"}'}, {"l": []}, {}]
    for text in (json.dumps(items), json.dumps(items, indent=2), "[ ]", " [] \n"):
        parts = [text[start : start + size] for start in range(0, len(text), size)]
        assert [json.loads(one) for one in items_of(parts)] == json.loads(text)
        assert list(items_of(each for one in parts for each in ("", one, ""))) == list(items_of(parts))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "{}",
            "[",
            "[{}",
            "[{},",
            "[{},]",
            "[{} {}]",
            "[{}]]",
            "[{}] x",
            "[,{}]",
            '[{"a',
            '[{"a": tru}]',
            "nothing",
        ),
        *("[1]", "[{}, 1]", '["a"]', "[null]", "[[]]", "[{}, [{}]]"),
    ],
)
def test_what_is_no_json_list_of_objects_is_refused(text: str) -> None:
    """Also where only its end is wrong or missing, whole and letter by letter."""
    for parts in ([text], list(text)):
        with pytest.raises(InputError, match="no JSON list"):
            list(items_of(parts))


def test_what_is_no_object_is_refused_before_more_is_read() -> None:
    """A list of numbers costs the reading of one part, not of all of them."""
    parts = iter(["[{},1,", *["1," * 1000] * 3])
    with pytest.raises(InputError, match="no JSON list of objects"):
        list(items_of(parts))
    assert len(list(parts)) == 3


def test_timecards_come_as_a_json_list_too(host: Host) -> None:
    """Wrong ones are told by their place in it; one that cannot be read stores nothing."""
    two = [CARD, {**CARD, "id": "t2", "end": "x"}]
    kept = host("POST", "/companies/acme/timecards", json_body=two)
    assert (kept["new"], [one["line"] for one in kept["wrong"]]) == (1, [2])
    text = json.dumps([{**CARD, "id": "t9"}])[:-1].encode()
    host("POST", "/companies/acme/timecards", 422, content=text, headers={"Content-Type": "application/json"})
    mixed = host("POST", "/companies/acme/timecards", 422, json_body=[{**CARD, "id": "t9"}, 1])
    assert mixed["detail"].startswith("The body is no JSON list of objects")
    assert [one["id"] for one in host("GET", "/companies/acme/timecards")["items"]] == ["t1"]


def test_no_answer_waits_for_an_acknowledgement() -> None:
    """What is accepted sends at once; a later part of an answer would come 40 ms after the first otherwise."""
    listener, _ = listening("127.0.0.1", 0)
    with listener, socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
