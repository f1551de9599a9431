"""The faults that the simulator makes on request: before or after the effect, on which calls and how often."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from hub import InputError
from hub_nmbrs.simulator import NmbrsSimulator

NAMESPACE = "https://api.nmbrs.nl/soap/v3/EmployeeService"
INSERT = (
    "<EmployeeId>50001</EmployeeId><Hourcomponent><Id>0</Id><HourCode>2100</HourCode><Hours>22</Hours></Hourcomponent>"
    "<Period>10</Period><Year>2026</Year><UnprotectedMode>false</UnprotectedMode>"
)
GET = "<EmployeeId>50001</EmployeeId><Period>10</Period><Year>2026</Year>"


@pytest.fixture
def simulator() -> Iterator[NmbrsSimulator]:
    with NmbrsSimulator() as running:
        yield running


def post(simulator: NmbrsSimulator, operation: str, content: str) -> httpx.Response:
    token = simulator.connect_settings()["token"]
    login = f"<Username>koppeling@example.test</Username><Token>{token}</Token><Domain>hospitality</Domain>"
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>'
        f'<AuthHeaderWithDomain xmlns="{NAMESPACE}">{login}</AuthHeaderWithDomain></e:Header>'
        f'<e:Body><{operation} xmlns="{NAMESPACE}">{content}</{operation}></e:Body></e:Envelope>'
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": f"{NAMESPACE}/{operation}"}
    url = f"{simulator.url}/soap/v3/EmployeeService.asmx"
    return httpx.post(url, content=envelope, headers=headers, timeout=2, trust_env=False)


def test_a_lost_answer_has_its_effect(simulator: NmbrsSimulator) -> None:
    simulator.inject("lost-answer@HourComponentVar_Insert")
    with pytest.raises(httpx.RemoteProtocolError):
        post(simulator, "HourComponentVar_Insert", INSERT)
    assert len(simulator.state()["rows"]) == 1


def test_a_lost_request_has_no_effect(simulator: NmbrsSimulator) -> None:
    simulator.inject("lost-request@HourComponentVar_Insert")
    with pytest.raises(httpx.RemoteProtocolError):
        post(simulator, "HourComponentVar_Insert", INSERT)
    assert simulator.state()["rows"] == []
    assert simulator.state()["calls"] == {"HourComponentVar_Insert": 1}


@pytest.mark.parametrize(("name", "rows"), [("html-502", 1), ("before-html-502", 0)])
def test_a_wire_fault_comes_after_the_effect_unless_told_before(
    simulator: NmbrsSimulator, name: str, rows: int
) -> None:
    simulator.inject(name)
    assert post(simulator, "HourComponentVar_Insert", INSERT).status_code == 502
    assert len(simulator.state()["rows"]) == rows


def test_a_cut_body_breaks_off(simulator: NmbrsSimulator) -> None:
    simulator.inject("cut-body")
    with pytest.raises(httpx.RemoteProtocolError):
        post(simulator, "HourComponentVar_Insert", INSERT)


def test_a_reset_is_a_reset(simulator: NmbrsSimulator) -> None:
    simulator.inject("reset")
    with pytest.raises(httpx.ReadError):
        post(simulator, "HourComponentVar_Insert", INSERT)


def test_a_hanging_answer_ends_with_the_simulator() -> None:
    simulator = NmbrsSimulator(faults=["hang"]).start()
    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{simulator.url}/soap/v3/EmployeeService.asmx", timeout=0.05, trust_env=False)
    simulator.stop()
    assert time.monotonic() - started < 1.5


def test_a_fault_lets_calls_pass_and_then_counts(simulator: NmbrsSimulator) -> None:
    simulator.inject("html-503@HourComponentVar_Insert+2*1")
    statuses = [post(simulator, "HourComponentVar_Insert", INSERT).status_code for _ in range(4)]
    assert statuses == [200, 200, 503, 200]


def test_a_fault_of_one_operation_leaves_the_others_alone(simulator: NmbrsSimulator) -> None:
    simulator.inject("html-503@HourComponentVar_Insert")
    assert post(simulator, "HourComponentVar_Get", GET).status_code == 200


def test_a_fault_of_nmbrs_is_raised_instead_of_doing(simulator: NmbrsSimulator) -> None:
    simulator.inject("fault-9999*1")
    assert "---&gt; 9999: Unkown" in post(simulator, "HourComponentVar_Insert", INSERT).text
    assert simulator.state()["rows"] == []


def test_id_0_does_and_answers_zero(simulator: NmbrsSimulator) -> None:
    simulator.inject("id-0")
    assert "<HourComponentVar_InsertResult>0<" in post(simulator, "HourComponentVar_Insert", INSERT).text
    assert len(simulator.state()["rows"]) == 1


def test_healing_takes_the_faults_away(simulator: NmbrsSimulator) -> None:
    simulator.inject("html-503")
    simulator.heal()
    assert post(simulator, "HourComponentVar_Get", GET).status_code == 200


@pytest.mark.parametrize("written", ["lost", "fault-1", "hang@", "hang**2", "before-id-0"])
def test_an_unknown_fault_is_refused_with_the_known_ones(written: str) -> None:
    with pytest.raises(InputError, match=r"before-hang.*fault-9999.*id-0.*lost-answer"):
        NmbrsSimulator(faults=[written])


def test_a_fault_of_an_operation_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"HourComponentVar_Inzert.*HourComponentVar_Insert"):
        NmbrsSimulator(faults=["hang@HourComponentVar_Inzert"])


def test_an_answer_arrives_in_one_piece(simulator: NmbrsSimulator) -> None:
    with socket.create_connection(("127.0.0.1", simulator.port), timeout=2) as peer:
        peer.sendall(b"GET /_sim/state HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _, body = peer.recv(65536).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
