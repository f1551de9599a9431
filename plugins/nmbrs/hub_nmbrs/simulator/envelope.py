"""SOAP 1.1 and 1.2 envelopes: reading a request, writing an answer or a fault in the version that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lxml import etree

from hub_nmbrs.simulator.refusals import Refusal, unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NAMESPACES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
CONTENT_TYPES = {"1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8"}

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_SCHEMA = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'


@dataclass(frozen=True)
class Envelope:
    """A request: its SOAP version, the elements of its header and the one element of its body."""

    version: str
    headers: tuple[Element, ...]
    content: Element


def parse(text: bytes) -> Envelope:
    """Read an envelope. Raises `Refusal` for what is not XML, has a DTD, or is not a SOAP envelope with one call."""
    root = _root(text)
    version = next((version for version, uri in NAMESPACES.items() if root.tag == f"{{{uri}}}Envelope"), None)
    if version is None:
        raise unreadable("Possible SOAP version mismatch.")
    header = root.find(f"{{{NAMESPACES[version]}}}Header")
    body = root.find(f"{{{NAMESPACES[version]}}}Body")
    content = elements(body) if body is not None else ()
    if len(content) != 1:
        raise unreadable("The SOAP body must hold one element.")
    return Envelope(version, elements(header) if header is not None else (), content[0])


def elements(parent: Element) -> tuple[Element, ...]:
    """Return the child elements, without comments and processing instructions."""
    return tuple(child for child in parent if isinstance(child.tag, str))


def name_of(element: Element) -> tuple[str, str]:
    """Return the namespace and the local name of an element."""
    name = etree.QName(element)
    return name.namespace or "", name.localname


def wrap(version: str, content: str) -> bytes:
    """Return an answer whose body holds `content`."""
    envelope = f'<soap:Envelope xmlns:soap="{NAMESPACES[version]}" {_SCHEMA}>'
    return f"{_DECLARATION}{envelope}<soap:Body>{content}</soap:Body></soap:Envelope>".encode()


def wrap_fault(version: str, refusal: Refusal) -> bytes:
    """Return a fault in the shape of its SOAP version."""
    text = escape(refusal.text)
    if version == "1.1":
        code = "soap:Client" if refusal.sender else "soap:Server"
        inner = f"<faultcode>{code}</faultcode><faultstring>{text}</faultstring><detail />"
    else:
        code = "soap:Sender" if refusal.sender else "soap:Receiver"
        reason = f'<soap:Reason><soap:Text xml:lang="en">{text}</soap:Text></soap:Reason>'
        inner = f"<soap:Code><soap:Value>{code}</soap:Value></soap:Code>{reason}<soap:Detail />"
    return wrap(version, f"<soap:Fault>{inner}</soap:Fault>")


def _root(text: bytes) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError:
        raise unreadable("There is an error in XML document.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise unreadable("For security reasons DTD is prohibited in this XML document.")
    return root
