"""Reading answers: whole SOAP answers become rows in flat memory; everything else is refused without being quoted."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import ContractError
from hub.testing.faults import FaultServer, answer
from hub_nmbrs import operations
from hub_nmbrs.faults import Fault
from hub_nmbrs.operations import (
    COMPANIES,
    CONTRACTS,
    CURRENT_PERIOD,
    EMPLOYMENTS,
    GET_HOURS,
    PEOPLE,
    SET_DAYS,
    Operation,
)
from hub_nmbrs.reading import Row, read_rows

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
CANARY = "canary-123456782"


def enveloped(body: str, *, soap: str = SOAP_11, prolog: str = DECLARATION) -> bytes:
    return f'{prolog}<s:Envelope xmlns:s="{soap}" {XSI}><s:Body>{body}</s:Body></s:Envelope>'.encode()


def result(operation: Operation, content: str) -> str:
    name = operation.name
    return f'<{name}Response xmlns="{operation.namespace}"><{name}Result>{content}</{name}Result></{name}Response>'


def rows(data: bytes, operation: Operation = COMPANIES) -> list[Row]:
    return list(read_rows([data], operation))


def refused(data: bytes, operation: Operation = COMPANIES) -> str:
    """Return all that the refusal of an answer tells: text, detail and the whole chain of errors."""
    with pytest.raises(ContractError) as caught:
        rows(data, operation)
    return "".join(traceback.format_exception(caught.value)) + caught.value.text + caught.value.detail


TWO_COMPANIES = result(
    COMPANIES,
    f"<Company><ID>1</ID><Name>{CANARY} &amp; B</Name></Company><Company><ID>2</ID><Number>7</Number></Company>",
)


# -- rows -------------------------------------------------------------------------------------------------------------


def test_a_row_holds_the_fields_that_are_there() -> None:
    assert rows(enveloped(TWO_COMPANIES)) == [{"ID": "1", "Name": f"{CANARY} & B"}, {"ID": "2", "Number": "7"}]


def test_soap_1_2_is_read_too() -> None:
    assert rows(enveloped(TWO_COMPANIES, soap=SOAP_12)) == rows(enveloped(TWO_COMPANIES))


@pytest.mark.parametrize("size", [1, 7, 64])
def test_it_does_not_matter_how_the_bytes_are_cut_into_chunks(size: int) -> None:
    data = enveloped(TWO_COMPANIES)
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    assert list(read_rows(chunks, COMPANIES)) == rows(data)


def test_unknown_elements_and_another_order_do_not_matter() -> None:
    company = "<Company><New><ID>9</ID></New><Name>A</Name><ID>1</ID></Company>"
    content = f"<Extra><Company><ID>8</ID></Company></Extra>{company}<Extra/>"
    assert rows(enveloped(result(COMPANIES, content))) == [{"ID": "1", "Name": "A"}]


def test_nil_and_empty_elements_are_left_out() -> None:
    content = '<Company><ID>1</ID><Name xsi:nil="true" /><Number></Number></Company>'
    assert rows(enveloped(result(COMPANIES, content))) == [{"ID": "1"}]


def test_a_comment_does_not_cut_a_value_short() -> None:
    assert rows(enveloped(result(COMPANIES, "<Company><ID>1<!-- no -->2</ID></Company>"))) == [{"ID": "12"}]


@pytest.mark.parametrize("content", ["", "<Company/>", '<Company xsi:nil="true"/>'])
def test_lists_may_be_empty_or_hold_nothing(content: str) -> None:
    assert not any(rows(enveloped(result(COMPANIES, content))))


def test_a_list_may_be_missing() -> None:
    assert rows(enveloped(f'<List_GetAllResponse xmlns="{COMPANIES.namespace}"/>')) == []


def test_one_value_is_one_row() -> None:
    data = enveloped(result(CURRENT_PERIOD, "2026-3-M"))
    assert rows(data, CURRENT_PERIOD) == [{"Company_GetCurrentPeriodResult": "2026-3-M"}]


def test_an_empty_answer_is_an_empty_row() -> None:
    assert rows(enveloped(f'<DaysVar_SetResponse xmlns="{SET_DAYS.namespace}"/>'), SET_DAYS) == [{}]


@pytest.mark.parametrize("item", ["EmployeeContractItem", "EmployeeContractItemGlobal"])
def test_groups_become_rows_that_name_their_employee_by_either_name(item: str) -> None:
    contracts = "<EmployeeContracts>{}</EmployeeContracts>".format(
        "".join(f"<EmployeeContract><ContractID>{number}</ContractID></EmployeeContract>" for number in (1, 2))
    )
    content = f"<{item}>{contracts}<EmployeeId>5</EmployeeId></{item}><{item}><EmployeeId>6</EmployeeId></{item}>"
    assert rows(enveloped(result(CONTRACTS, content)), CONTRACTS) == [
        {"EmployeeId": "5", "ContractID": "1"},
        {"EmployeeId": "5", "ContractID": "2"},
    ]


def test_only_the_named_record_of_a_group_is_a_row() -> None:
    group = "<EmployeeId>5</EmployeeId><New><Other><StartDate>x</StartDate></Other></New><EmployeeEmployments/>"
    content = f"<EmployeeEmploymentItem>{group}</EmployeeEmploymentItem>"
    assert rows(enveloped(result(EMPLOYMENTS, content)), EMPLOYMENTS) == []


def test_records_elsewhere_in_the_document_are_no_rows() -> None:
    envelope = enveloped(result(COMPANIES, "")).decode()
    header = f"<s:Header>{TWO_COMPANIES}</s:Header><s:Body>"
    assert rows(envelope.replace("<s:Body>", header).encode()) == []


def test_the_bsn_is_never_read() -> None:
    person = "<PersonalInfoContractSalaryAddress><EmployeeID>1</EmployeeID><BSN>123456782</BSN>"
    data = enveloped(result(PEOPLE, f"{person}</PersonalInfoContractSalaryAddress>"))
    assert rows(data, PEOPLE) == [{"EmployeeID": "1"}]
    calls = [value for value in vars(operations).values() if isinstance(value, Operation)]
    assert calls
    assert not [one.name for one in calls if "BSN" in one.fields]


def test_memory_stays_flat_while_an_answer_streams_by() -> None:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("the memory of a process is read from /proc")
    empty = enveloped(result(COMPANIES, "-"))
    head, _, tail = empty.partition(b"-</")
    chunk = (f"<Company><ID>1</ID><New>{'x' * 500}</New><Name>A</Name></Company>" * 200).encode()

    def chunks(count: int) -> Iterator[bytes]:
        yield head
        yield from (chunk for _ in range(count))
        yield b"</" + tail

    def pages(count: int) -> int:
        assert sum(1 for _ in read_rows(chunks(count), COMPANIES)) == count * 200
        return int(statm.read_text().split()[1])

    before = pages(10)
    grown = (pages(300) - before) * 4096
    assert grown < 4 << 20, f"{300 * len(chunk) >> 20} MB grew the process by {grown >> 20} MB"


# -- faults -----------------------------------------------------------------------------------------------------------

TEXT = f"System.Web.Services.Protocols.SoapException: failed ---> 2001: {CANARY} ---> 1002: later"
FAULT_11 = f"<s:Fault><faultcode>s:Server</faultcode><faultstring>{TEXT.replace('>', '&gt;')}</faultstring></s:Fault>"
FAULT_12 = (
    "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>"
    f'<s:Reason><s:Text xml:lang="en">{TEXT.replace(">", "&gt;")}</s:Text></s:Reason></s:Fault>'
)


@pytest.mark.parametrize(("soap", "fault"), [(SOAP_11, FAULT_11), (SOAP_12, FAULT_12)], ids=["1.1", "1.2"])
def test_a_fault_is_known_by_the_first_code_in_its_text(soap: str, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        rows(enveloped(fault, soap=soap))
    assert caught.value.code == "2001"
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_fault_without_a_code_has_an_empty_one() -> None:
    with pytest.raises(Fault) as caught:
        rows(enveloped("<s:Fault><faultstring>Something else</faultstring></s:Fault>"))
    assert caught.value.code == ""


# -- what is no answer ------------------------------------------------------------------------------------------------


def test_an_answer_cut_at_any_point_is_refused() -> None:
    data = enveloped(TWO_COMPANIES)
    for cut in range(len(data)):
        with pytest.raises(ContractError):
            rows(data[:cut])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain text",
        b'{"json": true}',
        b"<html><body>Log in</body></html>",
        enveloped(""),
        enveloped(result(GET_HOURS, "")),
        enveloped(TWO_COMPANIES + TWO_COMPANIES),
        enveloped(TWO_COMPANIES) + b"<more/>",
        enveloped(TWO_COMPANIES).replace(b"</s:Body>", b"</s:Body><s:Body/>"),
        enveloped(TWO_COMPANIES, soap="http://example.test/not-soap"),
        enveloped(TWO_COMPANIES.replace("/soap/v3/", "/soap/v9/")),
        enveloped(TWO_COMPANIES).replace(b"utf-8", b"utf-16").decode().encode("utf-16"),
        enveloped(TWO_COMPANIES.replace("&amp;", "&")),
        enveloped(TWO_COMPANIES).replace(b"&amp;", b"\xff"),
        b" " * 5000 + enveloped(TWO_COMPANIES),
    ],
)
def test_what_is_no_answer_to_the_call_is_refused(data: bytes) -> None:
    assert CANARY not in refused(data)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS = {
    "billion laughs in an element": (f'<!DOCTYPE x [<!ENTITY l0 "{CANARY}">{LAUGHS}]>', "&l9;", ""),
    "billion laughs in an attribute": (f'<!DOCTYPE x [<!ENTITY l0 "{CANARY}">{LAUGHS}]>', "", 'a="&l9;"'),
    "quadratic blow-up": (f'<!DOCTYPE x [<!ENTITY b "{CANARY * 5000}">]>', "&b;" * 5000, ""),
    "file": (f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><!-- {CANARY} -->', "&f;", ""),
    "http": (f'<!DOCTYPE x [<!ENTITY h SYSTEM "{{url}}">]><!-- {CANARY} -->', "&h;", ""),
    "parameter entity": (f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{{url}}"> %p;]><!-- {CANARY} -->', "", ""),
    "external DTD": ('<!DOCTYPE x SYSTEM "{url}">', CANARY, ""),
    "public DTD": ('<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "{url}">', CANARY, ""),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_doctype_is_refused_whatever_it_wants(attack: str) -> None:
    doctype, text, attribute = ATTACKS[attack]
    with FaultServer(answer(b"<!ENTITY x 'y'>")) as outside:
        prolog = DECLARATION + doctype.replace("{url}", outside.url)
        company = f"<Company {attribute}><ID>1</ID><Name>{text}</Name></Company>"
        told = refused(enveloped(result(COMPANIES, company), prolog=prolog))
        assert outside.requests == []
    assert CANARY not in told
    assert "root:" not in told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "utf-32"])
def test_a_doctype_cannot_hide_in_another_encoding(encoding: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY e "{CANARY}">]>'
    company = "<Company><ID>1</ID><Name>&e;</Name></Company>"
    data = enveloped(result(COMPANIES, company), prolog=prolog).decode().encode(encoding)
    assert CANARY not in refused(data)


@pytest.mark.parametrize("depth", [5_000, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    deep = f"<a>{CANARY}" * depth + "</a>" * depth
    assert CANARY not in refused(enveloped(result(COMPANIES, f"<Company>{deep}</Company>")))
