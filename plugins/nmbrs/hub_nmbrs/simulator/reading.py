"""Reading a request by the table: as lenient as .NET, but telling every departure from the published form."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hub_nmbrs.schema import Field, Service
from hub_nmbrs.simulator.envelope import elements, name_of
from hub_nmbrs.simulator.refusals import unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

Note = Callable[[str], None]
"""Takes a departure in words, without values."""

Values = Mapping[str, Any]
"""The children of an element by name: numbers, truth values, text, None, nested values or lists of them."""

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_ABSENT: Mapping[str, Any] = {"int": 0, "decimal": Decimal(0), "boolean": False}
_LARGEST_INT = 2**31


def read(service: Service, fields: tuple[Field, ...], element: Element, note: Note) -> Values:
    """Return the children of `element` as the table describes them.

    Any order and unknown elements are let pass but noted; what is left out becomes zero, false or None, as in .NET.
    Raises `Refusal` for a value that cannot be read as its type.
    """
    children = _children(service, fields, element, note)
    return {field.name: _value(service, field, children[field.name], note) for field in fields}


def _children(service: Service, fields: tuple[Field, ...], element: Element, note: Note) -> dict[str, list[Element]]:
    children: dict[str, list[Element]] = {field.name: [] for field in fields}
    places = list(children)
    furthest = 0
    for child in elements(element):
        namespace, name = name_of(child)
        if namespace != service.namespace or name not in children:
            note(f"unknown element {name}" if name not in children else f"{name} in a foreign namespace")
            continue
        if places.index(name) < furthest:
            note(f"{name} out of order")
        furthest = max(furthest, places.index(name))
        children[name].append(child)
    return children


def _value(service: Service, field: Field, found: list[Element], note: Note) -> Any:  # noqa: ANN401 - typed by the table
    if field.many:
        return [_single(service, field, element, note) for element in found]
    if len(found) > 1:
        note(f"{field.name} more than once")
    if found:
        return _single(service, field, found[0], note)
    if field.required:
        note(f"{field.name} left out")
    return None if field.nillable else _ABSENT.get(field.type)


def _single(service: Service, field: Field, element: Element, note: Note) -> Any:  # noqa: ANN401 - typed by the table
    if element.get(_NIL) in ("true", "1"):
        if not field.nillable:
            note(f"{field.name} nil")
        return None if field.nillable else _ABSENT.get(field.type)
    record = service.record.get(field.type)
    if record is not None:
        return read(service, record.fields, element, note)
    return _scalar(field, (element.text or ""))


def _scalar(field: Field, text: str) -> object:
    if field.type not in _READERS:
        return text
    try:
        return _READERS[field.type](text.strip())
    except (ValueError, KeyError, binascii.Error):
        raise unreadable("There is an error in XML document. ---> Input string was not in a correct format.") from None


def _int(text: str) -> int:
    number = int(_matching(r"[+-]?\d+", text))
    if not -_LARGEST_INT <= number < _LARGEST_INT:
        raise ValueError("not a 32-bit number")
    return number


def _decimal(text: str) -> Decimal:
    return Decimal(_matching(r"[+-]?(\d+(\.\d*)?|\.\d+)", text))


def _matching(pattern: str, text: str) -> str:
    if not re.fullmatch(pattern, text, re.ASCII):
        raise ValueError("not a number")
    return text


_READERS: Mapping[str, Callable[[str], object]] = {
    "int": _int,
    "decimal": _decimal,
    "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    "base64Binary": base64.b64decode,
}
