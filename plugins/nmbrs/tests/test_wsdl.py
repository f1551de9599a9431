"""The WSDL files: what the tables generate, loadable without a network, and exact in the order of elements."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zeep
import zeep.transports
from lxml import etree

from hub_nmbrs.schema import Service
from hub_nmbrs.schema_wsdl import CLIENT_OPERATIONS, FOLDER, SERVICES, client_wsdl, wsdl

LOGIN = {"Username": "a@example.test", "Token": "t", "Domain": "d"}
COMPONENT_TAIL = ["CostCenterId", "CostUnitId", "Comment", "DocumentName", "Attachment"]
PERIOD = {"Period": 10, "Year": 2026, "UnprotectedMode": False}
COSTS = {"CostCenterId": 901, "CostUnitId": None, "Comment": "c", "DocumentName": "d", "Attachment": b"a"}

by_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


class Offline(zeep.transports.Transport):
    """A transport that reads files and refuses to fetch."""

    def load(self, url: str) -> bytes:
        """Return the bytes of a file."""
        if "://" in url:
            raise AssertionError("the WSDL must not fetch anything")
        return Path(url).read_bytes()


@pytest.fixture(scope="module")
def clients() -> dict[str, zeep.Client]:
    settings = zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    return {
        service.name: zeep.Client(str(FOLDER / f"{service.name}.wsdl"), transport=Offline(), settings=settings)
        for service in SERVICES
    }


def message(client: zeep.Client, operation: str, login: str = "AuthHeaderWithDomain", **values: Any) -> Any:
    names = ("Username", "Token", "Domain")[: 3 if login == "AuthHeaderWithDomain" else 2]
    header = {login: {name: LOGIN[name] for name in names}}
    return client.create_message(client.service, operation, _soapheaders=header, **values)


def children(element: Any) -> list[str]:
    return [etree.QName(child).localname for child in element]


def body(envelope: Any) -> Any:
    return envelope.find("{*}Body")[0]


@by_service
def test_the_file_is_what_the_table_generates(service: Service) -> None:
    assert (FOLDER / f"{service.name}.wsdl").read_text(encoding="utf-8") == client_wsdl(service)


@by_service
def test_the_file_holds_the_operations_of_the_client_and_no_other(
    service: Service, clients: dict[str, zeep.Client]
) -> None:
    (loaded,) = clients[service.name].wsdl.services.values()
    for port in loaded.ports.values():
        assert set(port.binding.all()) == set(CLIENT_OPERATIONS[service.name])


@by_service
def test_the_file_binds_soap_1_1_and_1_2_to_the_production_address(
    service: Service, clients: dict[str, zeep.Client]
) -> None:
    (loaded,) = clients[service.name].wsdl.services.values()
    assert set(loaded.ports) == {f"{service.name}Soap", f"{service.name}Soap12"}
    for port in loaded.ports.values():
        assert port.binding_options["address"] == f"https://api.nmbrs.nl/soap/v3/{service.name}.asmx"


@by_service
def test_the_soap_action_is_the_namespace_and_the_operation(service: Service, clients: dict[str, zeep.Client]) -> None:
    (loaded,) = clients[service.name].wsdl.services.values()
    for operation in loaded.ports[f"{service.name}Soap"].binding.all().values():
        assert operation.soapaction == f"https://api.nmbrs.nl/soap/v3/{service.name}/{operation.name}"


@by_service
def test_a_wsdl_of_every_known_operation_loads(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "all.wsdl"
    path.write_text(wsdl(service, service.operations, "http://127.0.0.1/x"), encoding="utf-8")
    (loaded,) = zeep.Client(str(path), transport=Offline()).wsdl.services.values()
    assert set(loaded.ports[f"{service.name}Soap"].binding.all()) == set(service.operation)


def test_every_element_of_a_message_is_in_the_namespace_of_its_service(clients: dict[str, zeep.Client]) -> None:
    envelope = message(clients["CompanyService"], "Company_GetCurrentPeriod", CompanyId=3101)
    login = envelope.find("{*}Header")[0]
    for element in (login, *login, body(envelope), *body(envelope)):
        assert etree.QName(element).namespace == "https://api.nmbrs.nl/soap/v3/CompanyService"


def test_the_header_is_user_name_token_and_domain(clients: dict[str, zeep.Client]) -> None:
    login = message(clients["CompanyService"], "List_GetAll").find("{*}Header")[0]
    assert etree.QName(login).localname == "AuthHeaderWithDomain"
    assert children(login) == ["Username", "Token", "Domain"]


def test_the_environment_is_asked_without_a_domain(clients: dict[str, zeep.Client]) -> None:
    envelope = message(clients["DebtorService"], "Environment_Get", login="AuthHeader")
    assert etree.QName(envelope.find("{*}Header")[0]).localname == "AuthHeader"
    assert children(envelope.find("{*}Header")[0]) == ["Username", "Token"]
    assert children(body(envelope)) == []


def test_an_hour_component_is_inserted_in_the_published_order(clients: dict[str, zeep.Client]) -> None:
    component = {"Id": 0, "HourCode": 2100, "Hours": Decimal("22.50"), **COSTS}
    envelope = message(
        clients["EmployeeService"], "HourComponentVar_Insert", EmployeeId=1, Hourcomponent=component, **PERIOD
    )
    assert children(body(envelope)) == ["EmployeeId", "Hourcomponent", "Period", "Year", "UnprotectedMode"]
    assert children(body(envelope)[1]) == ["Id", "HourCode", "Hours", *COMPONENT_TAIL]
    assert [element.text for element in body(envelope)[1]][:4] == ["0", "2100", "22.50", "901"]


def test_an_empty_cost_unit_is_sent_as_nil(clients: dict[str, zeep.Client]) -> None:
    component = {"Id": 0, "HourCode": 2100, "Hours": Decimal(1), **COSTS}
    envelope = message(
        clients["EmployeeService"], "HourComponentVar_Insert", EmployeeId=1, Hourcomponent=component, **PERIOD
    )
    unit = body(envelope)[1].find("{*}CostUnitId")
    assert unit.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"


def test_an_hour_component_is_updated_in_the_published_order(clients: dict[str, zeep.Client]) -> None:
    component = {"Id": 7, "HourCode": 2100, "Hours": Decimal(1), **COSTS}
    envelope = message(
        clients["EmployeeService"],
        "HourComponent_Update",
        EmployeeId=1,
        Hourcomponent=component,
        EndPeriod=0,
        EndYear=0,
        UnprotectedMode=False,
    )
    assert children(body(envelope)) == ["EmployeeId", "Hourcomponent", "EndPeriod", "EndYear", "UnprotectedMode"]


def test_a_wage_component_is_inserted_in_the_published_order(clients: dict[str, zeep.Client]) -> None:
    component = {"Id": 0, "Code": 5310, "Value": Decimal("12.30"), **COSTS}
    envelope = message(
        clients["EmployeeService"], "WageComponentVar_Insert", EmployeeId=1, WageComponent=component, **PERIOD
    )
    assert children(body(envelope)) == ["EmployeeId", "WageComponent", "Period", "Year", "UnprotectedMode"]
    assert children(body(envelope)[1]) == ["Id", "Code", "Value", *COMPONENT_TAIL]


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        ("HourComponentVar_Get", ["EmployeeId", "Period", "Year"]),
        ("WageComponentVar_Get", ["EmployeeId", "Period", "Year"]),
        ("HourComponent_Delete", ["EmployeeId", "HourComponentID"]),
        ("WageComponent_Delete", ["EmployeeId", "WageComponentID"]),
        ("DaysVar_Get", ["EmployeeId", "Period", "Year"]),
        ("DaysVar_Set", ["EmployeeId", "Days", "Period", "Year", "UnprotectedMode"]),
        ("Contract_GetAll_AllEmployeesByCompany", ["CompanyID"]),
    ],
)
def test_a_flat_request_has_the_published_order(
    clients: dict[str, zeep.Client], operation: str, values: list[str]
) -> None:
    envelope = message(clients["EmployeeService"], operation, **dict.fromkeys(reversed(values), 1))
    assert children(body(envelope)) == values


def reply(operation: str, inner: str) -> Any:
    namespace = "https://api.nmbrs.nl/soap/v3/EmployeeService"
    result = f"<{operation}Result>{inner}</{operation}Result>"
    return etree.fromstring(
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<e:Body><{operation}Response xmlns="{namespace}">{result}</{operation}Response></e:Body></e:Envelope>'
    )


def read(client: zeep.Client, operation: str, inner: str) -> Any:
    return client.service._binding.get(operation).process_reply(reply(operation, inner))


@pytest.mark.parametrize("item", ["EmployeeContractItemGlobal", "EmployeeContractItem"])
def test_both_names_of_a_contract_item_are_read(clients: dict[str, zeep.Client], item: str) -> None:
    inner = f"<{item}><EmployeeId>5</EmployeeId><EmployeeContracts/></{item}>"
    answer = read(clients["EmployeeService"], "Contract_GetAll_AllEmployeesByCompany", inner)
    assert answer[item][0].EmployeeId == 5


def test_a_field_that_nmbrs_adds_to_a_record_does_not_break_a_strict_reading(clients: dict[str, zeep.Client]) -> None:
    row = "<Id>9</Id><HourCode>2100</HourCode><Hours>22.00</Hours><New>x</New>"
    (answer,) = read(clients["EmployeeService"], "HourComponentVar_Get", f"<HourComponent>{row}</HourComponent>")
    assert (answer.Id, answer.HourCode, answer.Hours) == (9, 2100, Decimal("22.00"))


def test_an_item_of_an_unknown_name_is_refused_and_not_silently_left_out(clients: dict[str, zeep.Client]) -> None:
    with pytest.raises(zeep.exceptions.XMLParseError):
        read(
            clients["EmployeeService"], "HourComponentVar_Get", "<HourComponentGlobal><Id>9</Id></HourComponentGlobal>"
        )
