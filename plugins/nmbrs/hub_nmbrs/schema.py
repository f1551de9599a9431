"""The words in which the Nmbrs services are described: fields, records, operations and services.

One table per service (`schema_employee`, `schema_company`, `schema_debtor`) is the only place that knows the names,
order and types of Nmbrs SOAP v3. The WSDL files, the simulator's reading of requests and its writing of answers all
follow from these tables. Names are spelled as Nmbrs spells them, its inconsistencies included.

A table is written in a small notation: `Name` is a string, `Name:int` has a type, `?` after the type means that it may
be nil and `~` that a value may also be left out. What may be left out otherwise follows from the type, as .NET has it:
values (int, decimal, boolean, dateTime, enumerations) are always there, strings and records only when they are set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

HOST = "https://api.nmbrs.nl"
VALUES = frozenset({"int", "decimal", "boolean", "dateTime"})
"""The XSD types that .NET always writes; the other built-in ones are left out where there is no value."""
BUILT_IN = VALUES | {"string", "base64Binary", "anyType"}


@dataclass(frozen=True)
class Field:
    """An element of a record. `type` is an XSD built-in, or the name of a record or enumeration of the service."""

    name: str
    type: str = "string"
    nillable: bool = False
    required: bool = False
    many: bool = False


@dataclass(frozen=True)
class Record:
    """A complex type. `inline` ones have no name in the WSDL; `array` ones only hold items."""

    name: str
    fields: tuple[Field, ...]
    inline: bool = False
    array: bool = False


@dataclass(frozen=True)
class Operation:
    """A call: the children of its request and of its response, in document order.

    `login` is the header that carries the credentials: `AuthHeaderWithDomain`, or `AuthHeader` without a domain.
    """

    name: str
    request: tuple[Field, ...]
    response: tuple[Field, ...]
    login: str = "AuthHeaderWithDomain"


@dataclass(frozen=True)
class Service:
    """A SOAP service: operations with the records and enumerations (name to literals) that they use."""

    name: str
    operations: tuple[Operation, ...]
    records: tuple[Record, ...] = ()
    enumerations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """The target namespace: without `.asmx`, and the production host's on the sandbox too."""
        return f"{HOST}/soap/v3/{self.name}"

    @property
    def path(self) -> str:
        """The path of the endpoint on its host."""
        return f"/soap/v3/{self.name}.asmx"

    @cached_property
    def record(self) -> Mapping[str, Record]:
        """The records by name."""
        return {record.name: record for record in self.records}

    @cached_property
    def operation(self) -> Mapping[str, Operation]:
        """The operations by name."""
        return {operation.name: operation for operation in self.operations}


def fields(text: str, enumerations: Mapping[str, tuple[str, ...]] | None = None) -> tuple[Field, ...]:
    """Read fields written in the notation above, separated by white space."""
    return tuple(_field(word, enumerations or {}) for word in text.split())


def record(name: str, text: str, enumerations: Mapping[str, tuple[str, ...]] | None = None) -> Record:
    """Return a record with a name."""
    return Record(name, fields(text, enumerations))


def inline(name: str, text: str) -> Record:
    """Return a record that has a name here but none in the WSDL, so that two of one element name can differ."""
    return Record(name, fields(text), inline=True)


def array(name: str, *items: str) -> Record:
    """Return an array: any number of items, each written `Element` or `Element:Record`; `ArrayOf…` in the WSDL."""
    split = (item.partition(":") for item in items)
    elements = (Field(element, of or element, nillable=True, many=True) for element, _, of in split)
    return Record(name, tuple(elements), array=True)


def operation(name: str, request: str = "", result: str = "", *, login: str = "AuthHeaderWithDomain") -> Operation:
    """Return an operation; its response holds one `…Result` of type `result`, or nothing."""
    return Operation(name, fields(request), fields(f"{name}Result:{result}" if result else ""), login)


def _field(word: str, enumerations: Mapping[str, tuple[str, ...]]) -> Field:
    name, _, rest = word.partition(":")
    type_name = rest.rstrip("?~") or "string"
    required = (type_name in VALUES or type_name in enumerations) and "~" not in rest
    return Field(name, type_name, nillable="?" in rest, required=required)
