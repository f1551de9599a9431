"""Calls over real sockets: what goes out, what is tried again, and what every kind of broken answer means."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import stamina
from lxml import etree
from zeep.exceptions import ExternalReferenceForbidden

from hub import (
    ContractError,
    Http,
    HubError,
    NotExecuted,
    NotSent,
    PermissionMissing,
    Refused,
    Transient,
    UnknownOutcome,
)
from hub.testing.faults import WIRE_FAULTS, FaultServer, answer
from hub_nmbrs import operations
from hub_nmbrs.envelope import envelope, load_wsdl
from hub_nmbrs.operations import COMPANIES, ENVIRONMENT, INSERT_HOURS, PEOPLE, Operation
from hub_nmbrs.settings import NmbrsSettings
from hub_nmbrs.soap import Arguments, Soap

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
CANARY = "canary-123456782"
TOKEN = "token-canary-73"
EMAIL = "login-canary@example.test"
INSERT: Arguments = {
    "EmployeeId": 5,
    "Hourcomponent": {"Id": 0, "HourCode": 2100, "Hours": "7.50", "CostCenterId": None, "CostUnitId": None},
    "Period": 3,
    "Year": 2026,
    "UnprotectedMode": False,
}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def enveloped(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def good(operation: Operation, content: str) -> bytes:
    """Return a whole HTTP answer to the operation."""
    name = operation.name
    inner = f"<{name}Result>{content}</{name}Result>"
    return answer(enveloped(f'<{name}Response xmlns="{operation.namespace}">{inner}</{name}Response>'))


def fault(text: str) -> bytes:
    body = f"<s:Fault><faultcode>s:Server</faultcode><faultstring>x ---&gt; {text}</faultstring></s:Fault>"
    return answer(enveloped(body), status=500)


Client = Callable[..., Soap]


@pytest.fixture
def soap() -> Iterator[Client]:
    """Make a client for an address; its connections are closed after the test."""
    with ExitStack() as stack:

        def client(url: str, *, domain: str | None = "d", seconds: float = 5) -> Soap:
            settings = NmbrsSettings.model_validate({"email": EMAIL, "token": TOKEN, "domain": domain, "endpoint": url})
            http = stack.enter_context(closing(Http((), allow_loopback=True, operation_seconds=seconds)))
            return Soap(http, settings)

        yield client


def told(error: BaseException) -> str:
    """Return all that an error tells, its whole chain included."""
    seen, parts = error, []
    while seen is not None:
        parts += [repr(seen), str(seen), getattr(seen, "detail", "")]
        seen = seen.__context__  # type: ignore[assignment]
    return "".join([*parts, *traceback.format_exception(error)])


THREE = good(COMPANIES, "<Company><ID>1</ID></Company><Company><ID>2</ID></Company><Company><ID>3</ID></Company>")
INSERTED = good(INSERT_HOURS, "41")


# -- what goes out ----------------------------------------------------------------------------------------------------


def test_a_call_goes_to_the_endpoint_with_its_action_and_its_login_in_the_namespace_of_the_service(
    soap: Client,
) -> None:
    with FaultServer(INSERTED) as server:
        soap(server.url).write(INSERT_HOURS, INSERT)
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /soap/v3/EmployeeService.asmx HTTP/1.1")
    assert b'soapaction: "https://api.nmbrs.nl/soap/v3/employeeservice/hourcomponentvar_insert"' in head.lower()
    assert b"content-type: text/xml; charset=utf-8" in head.lower()
    request = etree.fromstring(body)
    names = {"s": SOAP_11, "e": INSERT_HOURS.namespace}
    header = request.find("s:Header/e:AuthHeaderWithDomain", names)
    assert header is not None
    assert [child.text for child in header] == [EMAIL, TOKEN, "d"]
    assert request.findtext("s:Body/e:HourComponentVar_Insert/e:Hourcomponent/e:Hours", namespaces=names) == "7.50"


def test_the_domain_is_found_once_with_the_plain_header(soap: Client) -> None:
    def reply(request: bytes) -> bytes:
        return good(ENVIRONMENT, "<SubDomain>found</SubDomain>") if b"DebtorService.asmx" in request else THREE

    with FaultServer(reply) as server:
        client = soap(server.url, domain=None)
        for _ in range(2):
            client.read(COMPANIES, {}, list)
        first, second, third = server.requests
    assert b":AuthHeader " in first
    assert b"Domain>" not in first
    for request in (second, third):
        assert b":Domain>found<" in request


def test_a_write_that_finds_no_domain_was_not_executed(soap: Client) -> None:
    with FaultServer(fault("1001: Invalid Authentication")) as server:
        with pytest.raises(NotExecuted):
            soap(server.url, domain=None).write(INSERT_HOURS, INSERT)
        assert len(server.requests) == 1


# -- what comes back --------------------------------------------------------------------------------------------------


def test_a_good_answer_gives_its_rows(soap: Client) -> None:
    with FaultServer(THREE) as server:
        assert soap(server.url).read(COMPANIES, {}, list) == [{"ID": "1"}, {"ID": "2"}, {"ID": "3"}]


def test_a_packed_answer_is_unpacked(soap: Client) -> None:
    with FaultServer(INSERTED, fault="gzip-good") as server:
        assert soap(server.url).write(INSERT_HOURS, INSERT) == {"HourComponentVar_InsertResult": "41"}


SPOILT = sorted(set(WIRE_FAULTS) - {"gzip-good"})
SLOW = {"hang", "slow-drip", "drip-headers"}


@pytest.mark.parametrize("name", SPOILT)
def test_a_write_that_meets_a_fault_on_the_wire_is_unknown_and_was_sent_once(soap: Client, name: str) -> None:
    with FaultServer(INSERTED, fault=name) as server:
        with pytest.raises(UnknownOutcome):
            soap(server.url, seconds=0.2 if name in SLOW else 5).write(INSERT_HOURS, INSERT)
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["reset", "close", "cut-body", "html-502", "wrong-type", "throttle-429"])
def test_a_read_is_tried_three_times_and_then_unknown(soap: Client, name: str) -> None:
    with FaultServer(THREE, fault=name) as server:
        with pytest.raises(UnknownOutcome):
            soap(server.url).read(COMPANIES, {}, list)
        assert len(server.requests) == 3


def test_every_call_whose_name_says_that_it_writes_is_sent_once_only() -> None:
    calls = [value for value in vars(operations).values() if isinstance(value, Operation)]
    writes = {one.name for one in calls if re.search("Insert|Set|Update|Delete|Clear", one.name)}
    assert writes == {
        *("HourComponentVar_Insert", "WageComponentVar_Insert", "DaysVar_Set"),
        *("HourComponent_Update", "HourComponent_Delete", "WageComponent_Delete"),
    }
    assert {one.name for one in calls if one.changes} == writes


def test_a_read_that_comes_through_later_starts_afresh(soap: Client) -> None:
    with FaultServer(THREE) as server:

        def cut_once(peer: Any, whole: bytes) -> None:
            server.fault = None
            WIRE_FAULTS["cut-body"](peer, whole)

        server.fault = cut_once
        assert len(soap(server.url).read(COMPANIES, {}, list)) == 3
        assert len(server.requests) == 2


def test_a_read_is_not_tried_again_where_the_asked_pause_is_too_long(soap: Client) -> None:
    late = answer(b"<html/>", "text/html", 503, {"Retry-After": "3600"})
    with FaultServer(late) as server:
        with pytest.raises(UnknownOutcome) as caught:
            soap(server.url).read(COMPANIES, {}, list)
        assert caught.value.retry_after == 3600
        assert len(server.requests) == 1


def test_nothing_listening_is_not_sent(soap: Client) -> None:
    with FaultServer(THREE) as server:
        url = server.url
    with pytest.raises(NotSent):
        soap(url).write(INSERT_HOURS, INSERT)


@pytest.mark.parametrize(("code", "kind"), [("1002", PermissionMissing), ("2004", Refused), ("9999", Transient)])
def test_a_fault_on_a_read_is_final(soap: Client, code: str, kind: type[HubError]) -> None:
    with FaultServer(fault(f"{code}: {CANARY}")) as server:
        with pytest.raises(kind) as caught:
            soap(server.url).read(COMPANIES, {}, list)
        assert len(server.requests) == 1
    assert CANARY not in told(caught.value)


@pytest.mark.parametrize(
    ("code", "kind"), [("1001", NotExecuted), ("2001", Refused), ("9999", UnknownOutcome), ("4711", UnknownOutcome)]
)
def test_a_fault_on_a_write_is_certain_only_where_it_is_listed(soap: Client, code: str, kind: type[HubError]) -> None:
    with FaultServer(fault(f"{code}: {CANARY}")) as server, pytest.raises(kind) as caught:
        soap(server.url).write(INSERT_HOURS, INSERT)
    assert CANARY not in told(caught.value)


def test_a_good_answer_with_the_status_of_a_fault_is_unknown(soap: Client) -> None:
    odd = answer(INSERTED.partition(b"\r\n\r\n")[2], status=500)
    with FaultServer(odd) as server, pytest.raises(UnknownOutcome):
        soap(server.url).write(INSERT_HOURS, INSERT)


DOCTYPE = f'<!DOCTYPE x [<!ENTITY a "{CANARY}"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
UNUSABLE = {
    "no envelope": f"<html>{CANARY}</html>".encode(),
    "empty body": enveloped(""),
    "other operation": enveloped(f'<OtherResponse xmlns="urn:x">{CANARY}</OtherResponse>'),
    "doctype": DOCTYPE.encode() + enveloped("&b;"),
    "external DTD": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + enveloped(CANARY),
    "file entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + enveloped("&f;"),
    "attribute bomb": DOCTYPE.encode() + b'<x y="&b;"/>',
    "deep nesting": enveloped(f"<a>{CANARY}" * 5000 + "</a>" * 5000),
    "very deep nesting": enveloped("<a>" * 100_000 + CANARY + "</a>" * 100_000),
    "half": enveloped(CANARY)[:-9],
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_answer_breaks_the_contract_of_a_read_and_leaves_a_write_unknown(soap: Client, name: str) -> None:
    with FaultServer(answer(UNUSABLE[name])) as server:
        client = soap(server.url)
        with pytest.raises(ContractError) as read:
            client.read(COMPANIES, {}, list)
        with pytest.raises(UnknownOutcome) as write:
            client.write(INSERT_HOURS, INSERT)
        assert len(server.requests) == 2
    for caught in (read, write):
        assert CANARY not in told(caught.value)
        assert "root:" not in told(caught.value)


# -- secrets and files ------------------------------------------------------------------------------------------------


def test_observers_of_retries_are_told_no_secret(soap: Client) -> None:
    seen: list[str] = []
    stamina.instrumentation.set_on_retry_hooks([lambda details: seen.append(repr(details))])
    try:
        with FaultServer(THREE, fault="reset") as server, pytest.raises(UnknownOutcome):
            soap(server.url).read(COMPANIES, {}, list)
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert len(seen) == 2
    assert TOKEN not in "".join(seen)
    assert EMAIL not in "".join(seen)


def test_no_secret_and_no_answer_is_logged_at_debug(soap: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), FaultServer(fault(f"9999: {CANARY}")) as server:
        logging.getLogger("test").debug("the log is listening")
        with pytest.raises(UnknownOutcome) as caught:
            soap(server.url).write(INSERT_HOURS, INSERT)
        with pytest.raises(Transient):
            soap(server.url).read(PEOPLE, {"CompanyID": 1}, list)
    assert "the log is listening" in caplog.text
    for secret in (TOKEN, EMAIL, CANARY):
        assert secret not in caplog.text
        assert secret not in told(caught.value)


def test_zeep_is_pinned_to_warnings() -> None:
    for name in ("zeep", "zeep.transports", "zeep.wsdl.wsdl"):
        assert logging.getLogger(name).getEffectiveLevel() == logging.WARNING


WSDL = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema">
<types><x:schema targetNamespace="urn:a"><x:import namespace="urn:b" schemaLocation="{location}"/></x:schema></types>
</definitions>"""


@pytest.mark.parametrize("location", ["http", "file:///etc/passwd", "/etc/passwd", "../secret.xsd"])
def test_a_wsdl_cannot_import_from_outside_its_folder(tmp_path: Path, location: str) -> None:
    (tmp_path / "secret.xsd").write_text(CANARY)
    folder = tmp_path / "wsdl"
    folder.mkdir()
    with FaultServer(answer(CANARY.encode())) as outside:
        where = f"{outside.url}/x.xsd" if location == "http" else location
        (folder / "Evil.wsdl").write_text(WSDL.format(location=where))
        with pytest.raises((ContractError, ExternalReferenceForbidden)) as caught:
            load_wsdl(folder / "Evil.wsdl")
        assert outside.requests == []
    assert "root:" not in told(caught.value)
    assert CANARY not in told(caught.value)


def test_a_request_is_built_without_touching_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert b"Environment_Get" in envelope(ENVIRONMENT, {}, {"Username": "u", "Token": "t"})
