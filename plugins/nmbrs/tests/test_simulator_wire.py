"""The simulator on the wire: HTTP, SOAP 1.1 and 1.2, the login, and what it says of departures."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lxml import etree

from hub import InputError
from hub_nmbrs.simulator import NmbrsSimulator, Throttle

NAMESPACE = "https://api.nmbrs.nl/soap/v3"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
LOGIN = {"Username": "koppeling@example.test", "Token": "", "Domain": "hospitality"}

INSERT = (
    "<EmployeeId>50001</EmployeeId><Hourcomponent><Id>0</Id><HourCode>2100</HourCode><Hours>22</Hours>"
    '<CostCenterId>901</CostCenterId><CostUnitId xsi:nil="true"/></Hourcomponent>'
    "<Period>10</Period><Year>2026</Year><UnprotectedMode>false</UnprotectedMode>"
)
GET = "<EmployeeId>50001</EmployeeId><Period>10</Period><Year>2026</Year>"


@pytest.fixture
def simulator() -> Iterator[NmbrsSimulator]:
    with NmbrsSimulator() as running:
        yield running


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=2, trust_env=False) as client:
        yield client


class Caller:
    """Posts hand-written envelopes, right unless told otherwise."""

    def __init__(self, simulator: NmbrsSimulator, web: httpx.Client) -> None:
        self.simulator = simulator
        self.web = web

    def post(
        self,
        operation: str,
        content: str = "",
        *,
        service: str = "EmployeeService",
        soap: str = SOAP_11,
        header: str = "AuthHeaderWithDomain",
        header_service: str = "",
        headers: dict[str, str] | None = None,
        **login: str,
    ) -> httpx.Response:
        """Call `operation`; `login` overrides children of the header, "-" leaves one out."""
        known = {**LOGIN, "Token": self.simulator.connect_settings()["token"], **login}
        children = "".join(f"<{name}>{value}</{name}>" for name, value in known.items() if value != "-")
        envelope = (
            f'<e:Envelope xmlns:e="{soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header>'
            f'<{header} xmlns="{NAMESPACE}/{header_service or service}">{children}</{header}></e:Header><e:Body>'
            f'<{operation} xmlns="{NAMESPACE}/{service}">{content}</{operation}></e:Body></e:Envelope>'
        )
        usual = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}/{service}/{operation}"'}
        if soap == SOAP_12:
            usual = {"Content-Type": "application/soap+xml; charset=utf-8"}
        url = f"{self.simulator.url}/soap/v3/{service}.asmx"
        return self.web.post(url, content=envelope.encode(), headers=usual if headers is None else headers)


@pytest.fixture
def caller(simulator: NmbrsSimulator, web: httpx.Client) -> Caller:
    return Caller(simulator, web)


def fault(response: httpx.Response) -> str:
    assert response.status_code == 500
    return str(etree.fromstring(response.content).findtext(".//faultstring"))


def result(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return etree.fromstring(response.content).find("{*}Body")[0][0]


# -- versions ---------------------------------------------------------------------------------------------------------


def test_soap_1_1_is_answered_in_soap_1_1(caller: Caller) -> None:
    response = caller.post("HourComponentVar_Get", GET)
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert etree.fromstring(response.content).tag == f"{{{SOAP_11}}}Envelope"


def test_soap_1_2_is_answered_in_soap_1_2(caller: Caller) -> None:
    response = caller.post("HourComponentVar_Get", GET, soap=SOAP_12)
    assert response.headers["content-type"] == "application/soap+xml; charset=utf-8"
    assert etree.fromstring(response.content).tag == f"{{{SOAP_12}}}Envelope"
    assert caller.simulator.state()["departures"] == []


def test_soap_1_2_sent_as_text_xml_is_let_pass_and_told(caller: Caller) -> None:
    response = caller.post("HourComponentVar_Get", GET, soap=SOAP_12, headers={"Content-Type": "text/xml"})
    assert response.status_code == 200
    assert caller.simulator.state()["departures"] == [
        "HourComponentVar_Get: a SOAP 1.2 envelope that is sent as text/xml"
    ]


def test_soap_1_1_without_an_action_is_the_callers_fault(caller: Caller) -> None:
    response = caller.post("HourComponentVar_Get", GET, headers={"Content-Type": "text/xml"})
    assert "Unable to handle request without a valid action parameter. Please supply a valid soap action." in fault(
        response
    )
    assert etree.fromstring(response.content).findtext(".//faultcode") == "soap:Client"


def test_a_fault_of_soap_1_2_has_code_and_reason(caller: Caller) -> None:
    response = caller.post("HourComponentVar_Get", GET, soap=SOAP_12, Token="wrong")
    found = etree.fromstring(response.content).find("{*}Body/{*}Fault")
    assert found is not None
    assert response.status_code == 500
    assert found.findtext("{*}Code/{*}Value") == "soap:Receiver"
    assert "---> 1001: Invalid Authentication" in str(found.findtext("{*}Reason/{*}Text"))


@pytest.mark.parametrize("body", [b"", b"<open", b"<other/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_what_is_no_envelope_is_the_callers_fault(simulator: NmbrsSimulator, web: httpx.Client, body: bytes) -> None:
    url = f"{simulator.url}/soap/v3/EmployeeService.asmx"
    response = web.post(url, content=body, headers={"Content-Type": "text/xml"})
    assert "Server was unable to read request." in fault(response)


def test_letters_where_a_number_is_due_are_the_callers_fault(caller: Caller) -> None:
    response = caller.post("HourComponentVar_Get", GET.replace("2026", "MMXXVI"))
    assert "Input string was not in a correct format" in fault(response)


def test_hours_with_a_comma_are_the_callers_fault(caller: Caller) -> None:
    fault(caller.post("HourComponentVar_Insert", INSERT.replace(">22<", ">22,5<")))
    assert caller.simulator.state()["rows"] == []


def test_the_wsdl_holds_every_operation_and_the_address_of_this_server(
    simulator: NmbrsSimulator, web: httpx.Client
) -> None:
    response = web.get(f"{simulator.url}/soap/v3/DebtorService.asmx?WSDL")
    tree = etree.fromstring(response.content)
    addresses = {element.get("location") for element in tree.iter("{*}address")}
    assert addresses == {f"{simulator.url}/soap/v3/DebtorService.asmx"}
    assert tree.find("{*}portType/{*}operation[@name='Debtor_IsOwner']") is not None


# -- login ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"Username": "other@example.test"},
        {"Token": "wrong"},
        {"Domain": "hospitality.nmbrs.nl"},
        {"Domain": "-"},
        {"header": "AuthHeader"},
        {"header_service": "CompanyService"},
    ],
    ids=str,
)
def test_a_wrong_login_is_1001_in_the_words_of_nmbrs(caller: Caller, wrong: dict[str, str]) -> None:
    assert fault(caller.post("HourComponentVar_Get", GET, **wrong)) == (
        "System.Web.Services.Protocols.SoapException: Server was unable to process request. "
        "---> 1001: Invalid Authentication"
    )


def test_the_environment_is_told_without_a_domain(caller: Caller) -> None:
    found = result(caller.post("Environment_Get", service="DebtorService", header="AuthHeader", Domain="-"))
    assert [child.text for child in found] == ["hospitality.nmbrs.nl", "hospitality"]


def test_the_environment_is_not_told_to_a_wrong_token(caller: Caller) -> None:
    response = caller.post("Environment_Get", service="DebtorService", header="AuthHeader", Domain="-", Token="wrong")
    assert "---> 1001:" in fault(response)


@pytest.mark.parametrize("name", ["HourComponentVar_Get", "EmployeeService.HourComponentVar_Get"])
def test_a_denied_call_is_1002_even_for_an_unknown_employee(web: httpx.Client, name: str) -> None:
    with NmbrsSimulator(denied=[name]) as simulator:
        response = Caller(simulator, web).post("HourComponentVar_Get", GET.replace("50001", "1"))
    assert "---> 1002: Unauthorized access" in fault(response)


def test_an_allowed_call_for_an_unknown_employee_is_2003_before_its_code(caller: Caller) -> None:
    response = caller.post("HourComponentVar_Insert", INSERT.replace("50001", "1").replace("2100", "1"))
    assert "---> 2003: Unauthorized access" in fault(response)


def test_denying_an_unknown_call_is_refused() -> None:
    with pytest.raises(InputError, match="HourComponentVar_Inzert"):
        NmbrsSimulator(denied=["HourComponentVar_Inzert"])


# -- departures -------------------------------------------------------------------------------------------------------


def test_a_request_as_published_departs_from_nothing(caller: Caller) -> None:
    result(caller.post("HourComponentVar_Insert", INSERT))
    assert caller.simulator.state()["departures"] == []


@pytest.mark.parametrize(
    ("content", "departure"),
    [
        ("<Year>2026</Year><Period>10</Period><EmployeeId>50001</EmployeeId>", "out of order"),
        (GET + "<Extra>secret</Extra>", "unknown element Extra"),
        (GET + "<Year>2026</Year>", "Year more than once"),
        (GET.replace("<Year>", '<Year xmlns="urn:other">'), "Year in a foreign namespace"),
    ],
)
def test_a_departure_is_told_without_values(caller: Caller, content: str, departure: str) -> None:
    caller.post("HourComponentVar_Get", content)
    told = caller.simulator.state()["departures"]
    assert any(departure in text for text in told)
    assert not any("secret" in text or "2026" in text for text in told)


def test_any_order_is_understood(caller: Caller) -> None:
    result(caller.post("HourComponentVar_Insert", INSERT))
    rows = result(
        caller.post("HourComponentVar_Get", "<Year>2026</Year><Period>10</Period><EmployeeId>50001</EmployeeId>")
    )
    assert len(rows) == 1


def test_numbers_that_are_left_out_are_zero(caller: Caller) -> None:
    result(caller.post("HourComponentVar_Insert", INSERT.replace("<Id>0</Id>", "")))
    assert caller.simulator.state()["departures"] == ["HourComponentVar_Insert: Id left out"]


# -- serving ----------------------------------------------------------------------------------------------------------


def test_fifty_calls_on_one_connection_do_not_wait_for_acknowledgements(caller: Caller) -> None:
    caller.post("HourComponentVar_Get", GET)
    started = time.monotonic()
    for _ in range(50):
        caller.post("HourComponentVar_Get", GET)
    assert (time.monotonic() - started) / 50 < 0.02


def test_latency_delays_every_answer_and_is_not_counted_as_work(web: httpx.Client) -> None:
    with NmbrsSimulator(latency_ms=100) as simulator:
        started = time.monotonic()
        Caller(simulator, web).post("HourComponentVar_Get", GET)
        assert time.monotonic() - started >= 0.1
        assert 0 < simulator.state()["seconds"] < 0.1


def test_calls_above_the_limit_wait(web: httpx.Client) -> None:
    with NmbrsSimulator(throttle=Throttle(calls=2, seconds=0.15, clock=lambda: 0.0)) as simulator:
        caller, took = Caller(simulator, web), []
        for _ in range(3):
            started = time.monotonic()
            caller.post("HourComponentVar_Get", GET)
            took.append(time.monotonic() - started)
    assert took[1] < 0.1
    assert took[2] >= 0.15


def test_the_throttle_forgets_after_a_second() -> None:
    now = [0.0]
    throttle = Throttle(calls=1, seconds=0.5, clock=lambda: now[0])
    delays = [throttle.delay(), throttle.delay()]
    now[0] = 1.5
    assert [*delays, throttle.delay()] == [0.0, 0.5, 0.0]


def test_the_state_is_served_as_json_and_its_counters_can_be_reset(caller: Caller) -> None:
    caller.post("HourComponentVar_Insert", INSERT.replace("<Id>0</Id>", ""))
    before = caller.web.get(f"{caller.simulator.url}/_sim/state").json()
    after = caller.web.post(f"{caller.simulator.url}/_sim/reset-counters").json()
    assert (before["calls"], len(before["departures"])) == ({"HourComponentVar_Insert": 1}, 1)
    assert (after["calls"], after["departures"], after["seconds"]) == ({}, [], 0.0)
    assert after["rows"] == before["rows"]
    assert before == json.loads(json.dumps(before))


def test_what_was_posted_outlives_a_stop(caller: Caller) -> None:
    caller.post("HourComponentVar_Insert", INSERT)
    caller.simulator.stop()
    with pytest.raises(httpx.TransportError):
        caller.post("HourComponentVar_Get", GET)
    caller.simulator.start()
    assert len(result(caller.post("HourComponentVar_Get", GET))) == 1


def test_a_bug_of_the_simulator_is_told_as_one(caller: Caller) -> None:
    caller.simulator.desk.world.current.clear()
    response = caller.post("DaysVar_Get", GET)
    assert response.text == "the simulator itself failed: KeyError"
    assert caller.simulator.state()["errors"] == ["KeyError: 3101"]


def test_a_chunked_request_is_read(caller: Caller) -> None:
    url = f"{caller.simulator.url}/soap/v3/EmployeeService.asmx"
    response = caller.web.post(url, content=iter([b"<op", b"en"]), headers={"Content-Type": "text/xml"})
    assert "There is an error in XML document" in fault(response)


def test_an_oversized_request_is_refused_before_it_is_read(simulator: NmbrsSimulator) -> None:
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=2) as peer:
        peer.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert peer.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("POST", "/soap/v2/EmployeeService.asmx", 404), ("PUT", "/soap/v3/EmployeeService.asmx", 415)],
)
def test_what_is_not_there_is_not_served(
    simulator: NmbrsSimulator, web: httpx.Client, method: str, path: str, status: int
) -> None:
    assert web.request(method, simulator.url + path).status_code == status


def test_the_command_serves_and_says_what_to_type() -> None:
    command = [sys.executable, "-m", "hub_nmbrs.simulator", "--port", "0", "--employees", "3", "--fault", "html-503"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        endpoint = process.stdout.readline().strip().removeprefix("endpoint=")
        status = httpx.get(f"{endpoint}/soap/v3/EmployeeService.asmx", trust_env=False).status_code
        process.terminate()
    assert status == 503


def test_the_command_refuses_an_unknown_fault() -> None:
    command = [sys.executable, "-m", "hub_nmbrs.simulator", "--fault", "nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "There is no fault 'nonsense'" in done.stderr
