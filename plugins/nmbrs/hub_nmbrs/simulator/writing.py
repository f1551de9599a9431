"""Writing an answer by the table: its order, nil for an unset value, no element for an unset text, dates zoneless."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from hub_nmbrs.schema import Field, Operation, Record, Service

UNSET_DATE = date(1, 1, 1)
"""What .NET writes for a date that was never set and cannot be nil."""


def response(service: Service, operation: Operation, result: object) -> str:
    """Return the body of the answer to `operation`; `result` is None for an operation that answers nothing."""
    text = "".join(write(service, field, result) for field in operation.response)
    opening = f'<{operation.name}Response xmlns="{service.namespace}"'
    return f"{opening}>{text}</{operation.name}Response>" if text else f"{opening} />"


def write(service: Service, field: Field, value: object) -> str:
    """Return the element of `field`: a record from a mapping, an array from a list, or a single value."""
    if value is None:
        return f'<{field.name} xsi:nil="true" />' if field.nillable and field.required else ""
    record = service.record.get(field.type)
    if record is None:
        attribute = ' xsi:type="xsd:string"' if field.type == "anyType" else ""
        return f"<{field.name}{attribute}>{_text(value)}</{field.name}>"
    text = _children(service, record, value)
    return f"<{field.name}>{text}</{field.name}>" if text else f"<{field.name} />"


def _children(service: Service, record: Record, value: object) -> str:
    values: Mapping[str, Any] = value if isinstance(value, Mapping) else {record.fields[0].name: value}
    if record.array:
        return "".join(write(service, item, one) for item in record.fields for one in values.get(item.name, ()))
    return "".join([write(service, field, values.get(field.name)) for field in record.fields])


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    return escape(str(value))
