"""WSDL 1.1 text from the tables: document/literal wrapped, SOAP 1.1 and 1.2, the credentials as a header part.

`python -m hub_nmbrs.schema_wsdl` writes the files in `wsdl/` anew; a test fails when they lag behind the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from hub_nmbrs.schema import BUILT_IN, HOST, Field, Operation, Record, Service
from hub_nmbrs.schema_company import COMPANY_SERVICE
from hub_nmbrs.schema_debtor import DEBTOR_SERVICE
from hub_nmbrs.schema_employee import EMPLOYEE_SERVICE

SERVICES = (EMPLOYEE_SERVICE, COMPANY_SERVICE, DEBTOR_SERVICE)
"""Every service that is known here."""

FOLDER = Path(__file__).parent / "wsdl"
"""Where the files lie that the client loads."""

CLIENT_OPERATIONS = {
    "EmployeeService": (
        "PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany",
        "Contract_GetAll_AllEmployeesByCompany",
        "Employment_GetAll_AllEmployeesByCompany",
        "Salary_GetAll_AllEmployeesByCompany",
        "Schedule_GetAll_AllEmployeesByCompany",
        "Department_GetAll_AllEmployeesByCompany",
        "HourComponentVar_Get",
        "HourComponentVar_Insert",
        "HourComponent_Update",
        "HourComponent_Delete",
        "WageComponentVar_Get",
        "WageComponentVar_Insert",
        "WageComponent_Delete",
        "DaysVar_Get",
        "DaysVar_Set",
    ),
    "CompanyService": (
        "List_GetAll",
        "Company_GetCurrentPeriod",
        "HourModel_GetHourCodes",
        "HourModel2_GetHourCodes",
        "WageModel_GetWageCodes",
        "WageModel2_GetWageCodes",
        "CostCenter_GetList",
    ),
    "DebtorService": ("Environment_Get",),
}
"""The operations that this project's own client uses: the only ones that its files hold."""

_NAMESPACES = (
    ("wsdl", "http://schemas.xmlsoap.org/wsdl/"),
    ("soap", "http://schemas.xmlsoap.org/wsdl/soap/"),
    ("soap12", "http://schemas.xmlsoap.org/wsdl/soap12/"),
    ("s", "http://www.w3.org/2001/XMLSchema"),
)
_HTTP = "http://schemas.xmlsoap.org/soap/http"
_BINDINGS = (("soap", "Soap"), ("soap12", "Soap12"))

_AUTH_HEADER = """\
      <s:element name="AuthHeader" type="tns:AuthHeader" />
      <s:complexType name="AuthHeader">
        <s:sequence>
          <s:element minOccurs="0" maxOccurs="1" name="Username" type="s:string" />
          <s:element minOccurs="0" maxOccurs="1" name="Token" type="s:string" />
        </s:sequence>
        <s:anyAttribute />
      </s:complexType>
      <s:element name="AuthHeaderWithDomain" type="tns:AuthHeaderWithDomain" />
      <s:complexType name="AuthHeaderWithDomain">
        <s:complexContent mixed="false">
          <s:extension base="tns:AuthHeader">
            <s:sequence>
              <s:element minOccurs="0" maxOccurs="1" name="Domain" type="s:string" />
            </s:sequence>
          </s:extension>
        </s:complexContent>
      </s:complexType>"""


def client_wsdl(service: Service) -> str:
    """Return the text of the file that the client loads for `service`."""
    names = CLIENT_OPERATIONS[service.name]
    return wsdl(service, [service.operation[name] for name in names], HOST + service.path, growing=True)


def wsdl(service: Service, operations: Collection[Operation], address: str, *, growing: bool = False) -> str:
    """Return the WSDL of `operations`, for a server at `address`.

    `growing` lets answers carry more fields after the known ones: Nmbrs appends fields to its records without a new
    version, and a strict reader would otherwise lose a whole answer to one of them.
    """
    lines = [
        *_opening(service),
        *_types(service, operations, growing=growing),
        *_messages(operations),
        *_port_types(service, operations),
        *_bindings(service, operations),
        *_service(service, address),
        "</wsdl:definitions>",
    ]
    return "\n".join(lines) + "\n"


def _opening(service: Service) -> Iterator[str]:
    declarations = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES)
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<wsdl:definitions {declarations} xmlns:tns="{service.namespace}" targetNamespace="{service.namespace}">'


def _types(service: Service, operations: Collection[Operation], *, growing: bool) -> Iterator[str]:
    asked = _reachable(service, (field for operation in operations for field in operation.request))
    answered = _reachable(service, (field for operation in operations for field in operation.response))
    open_ended = {name for name in answered if growing and not service.record[name].array}
    yield "  <wsdl:types>"
    yield f'    <s:schema elementFormDefault="qualified" targetNamespace="{service.namespace}">'
    for operation in operations:
        yield from _wrapper(service, Record(operation.name, operation.request))
        yield from _wrapper(service, Record(f"{operation.name}Response", operation.response))
    for record in service.records:
        if record.name in asked | answered and not record.inline:
            yield from _complex_type(service, record, "      ", open_ended, f' name="{record.name}"')
    for name, literals in service.enumerations.items():
        yield from _enumeration(name, literals)
    yield _AUTH_HEADER
    yield "    </s:schema>"
    yield "  </wsdl:types>"


def _reachable(service: Service, fields: Iterable[Field]) -> set[str]:
    found: set[str] = set()
    for field in fields:
        if field.type in service.record:
            found |= {field.type} | _reachable(service, service.record[field.type].fields)
    return found


def _wrapper(service: Service, record: Record) -> Iterator[str]:
    yield f'      <s:element name="{record.name}">'
    yield from _complex_type(service, record, "        ", ())
    yield "      </s:element>"


def _complex_type(
    service: Service, record: Record, indent: str, open_ended: Collection[str], name: str = ""
) -> Iterator[str]:
    yield f"{indent}<s:complexType{name}>"
    yield f"{indent}  <s:sequence>"
    for field in record.fields:
        yield from _element(service, field, indent + "    ", open_ended)
    if record.name in open_ended:
        yield f'{indent}    <s:any minOccurs="0" maxOccurs="unbounded" processContents="lax" />'
    yield f"{indent}  </s:sequence>"
    yield f"{indent}</s:complexType>"


def _element(service: Service, field: Field, indent: str, open_ended: Collection[str]) -> Iterator[str]:
    least, most = int(field.required), "unbounded" if field.many else "1"
    nillable = ' nillable="true"' if field.nillable else ""
    opening = f'{indent}<s:element minOccurs="{least}" maxOccurs="{most}" name="{field.name}"{nillable}'
    record = service.record.get(field.type)
    if record is None or not record.inline:
        yield f"{opening}{_type(field.type)} />"
        return
    yield f"{opening}>"
    yield from _complex_type(service, record, indent + "  ", open_ended)
    yield f"{indent}</s:element>"


def _type(name: str) -> str:
    if name == "anyType":
        return ""
    return f' type="{"s" if name in BUILT_IN else "tns"}:{name}"'


def _enumeration(name: str, literals: Iterable[str]) -> Iterator[str]:
    yield f'      <s:simpleType name="{name}">'
    yield '        <s:restriction base="s:string">'
    yield from (f'          <s:enumeration value="{literal}" />' for literal in literals)
    yield "        </s:restriction>"
    yield "      </s:simpleType>"


def _messages(operations: Iterable[Operation]) -> Iterator[str]:
    for operation in operations:
        name, login = operation.name, operation.login
        yield from _message(f"{name}SoapIn", "parameters", name)
        yield from _message(f"{name}SoapOut", "parameters", f"{name}Response")
        yield from _message(f"{name}{login}", login, login)


def _message(name: str, part: str, element: str) -> Iterator[str]:
    yield f'  <wsdl:message name="{name}">'
    yield f'    <wsdl:part name="{part}" element="tns:{element}" />'
    yield "  </wsdl:message>"


def _port_types(service: Service, operations: Collection[Operation]) -> Iterator[str]:
    for _, suffix in _BINDINGS:
        yield f'  <wsdl:portType name="{service.name}{suffix}">'
        for operation in operations:
            yield f'    <wsdl:operation name="{operation.name}">'
            yield f'      <wsdl:input message="tns:{operation.name}SoapIn" />'
            yield f'      <wsdl:output message="tns:{operation.name}SoapOut" />'
            yield "    </wsdl:operation>"
        yield "  </wsdl:portType>"


def _bindings(service: Service, operations: Collection[Operation]) -> Iterator[str]:
    for prefix, suffix in _BINDINGS:
        yield f'  <wsdl:binding name="{service.name}{suffix}" type="tns:{service.name}{suffix}">'
        yield f'    <{prefix}:binding transport="{_HTTP}" />'
        for operation in operations:
            yield from _bound(service, operation, prefix)
        yield "  </wsdl:binding>"


def _bound(service: Service, operation: Operation, prefix: str) -> Iterator[str]:
    name, login = operation.name, operation.login
    yield f'    <wsdl:operation name="{name}">'
    yield f'      <{prefix}:operation soapAction="{service.namespace}/{name}" style="document" />'
    yield "      <wsdl:input>"
    yield f'        <{prefix}:body use="literal" />'
    yield f'        <{prefix}:header message="tns:{name}{login}" part="{login}" use="literal" />'
    yield "      </wsdl:input>"
    yield "      <wsdl:output>"
    yield f'        <{prefix}:body use="literal" />'
    yield "      </wsdl:output>"
    yield "    </wsdl:operation>"


def _service(service: Service, address: str) -> Iterator[str]:
    yield f'  <wsdl:service name="{service.name}">'
    for prefix, suffix in _BINDINGS:
        yield f'    <wsdl:port name="{service.name}{suffix}" binding="tns:{service.name}{suffix}">'
        yield f'      <{prefix}:address location="{address}" />'
        yield "    </wsdl:port>"
    yield "  </wsdl:service>"


def main() -> None:
    """Write the files that the client loads."""
    FOLDER.mkdir(exist_ok=True)
    for service in SERVICES:
        (FOLDER / f"{service.name}.wsdl").write_text(client_wsdl(service), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
