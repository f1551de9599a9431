"""From an HTTP request to the operation that it asks for: SOAP 1.1 by its action, SOAP 1.2 by its body."""

from __future__ import annotations

from dataclasses import dataclass

from hub.testing.simulator import Request
from hub_nmbrs.schema import Operation, Service
from hub_nmbrs.simulator.envelope import NAMESPACES, Envelope, name_of, parse
from hub_nmbrs.simulator.reading import Note
from hub_nmbrs.simulator.refusals import Refusal, unreadable

NO_ACTION = "Unable to handle request without a valid action parameter. Please supply a valid soap action."


@dataclass(frozen=True)
class Call:
    """A call that was understood so far: its service, its operation and its envelope."""

    service: Service
    operation: Operation
    envelope: Envelope


def version_of(request: Request) -> str:
    """Return the SOAP version to answer in, also where the envelope cannot be read: that of the first text seen."""
    if NAMESPACES["1.2"].encode() in request.body[:2000]:
        return "1.2"
    if NAMESPACES["1.1"].encode() in request.body[:2000]:
        return "1.1"
    return "1.2" if _content_type(request) == "application/soap+xml" else "1.1"


def understand(service: Service, request: Request, note: Note) -> Call:
    """Return the call that a request makes. Raises `Refusal` for one that the service cannot read."""
    envelope = parse(request.body)
    namespace, name = name_of(envelope.content)
    operation = service.operation.get(name)
    if operation is None or namespace != service.namespace:
        raise unreadable("The body does not hold an operation of this service in its namespace.")
    if envelope.version == "1.1":
        _check_action(service, request, name)
    elif _content_type(request) != "application/soap+xml":
        note(f"{name}: a SOAP 1.2 envelope that is sent as text/xml")
    return Call(service, operation, envelope)


def _check_action(service: Service, request: Request, name: str) -> None:
    """Refuse a SOAP 1.1 call whose action is missing or is another than its body's."""
    action = request.headers.get("soapaction", "").strip().strip('"')
    if not action:
        raise Refusal(NO_ACTION, sender=True)
    if action != f"{service.namespace}/{name}":
        raise Refusal("Server did not recognize the value of HTTP Header SOAPAction.", sender=True)


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def speaks_soap(request: Request) -> bool:
    """Return whether the content type is one that the services take."""
    return _content_type(request) in ("text/xml", "application/soap+xml")
