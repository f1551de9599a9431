"""Who calls, and whether they may: the credentials in the header and the list of calls that the login has not."""

from __future__ import annotations

from collections.abc import Collection

from hub import InputError
from hub_nmbrs.schema import Operation, Service
from hub_nmbrs.schema_wsdl import SERVICES
from hub_nmbrs.simulator.envelope import Envelope, elements, name_of
from hub_nmbrs.simulator.reading import Note
from hub_nmbrs.simulator.refusals import refusal
from hub_nmbrs.simulator.world import EMAIL, SUB_DOMAIN, TOKEN

EXPECTED = {"Username": EMAIL, "Token": TOKEN, "Domain": SUB_DOMAIN}
CHILDREN = {"AuthHeader": ("Username", "Token"), "AuthHeaderWithDomain": ("Username", "Token", "Domain")}


def authenticate(service: Service, operation: Operation, envelope: Envelope, note: Note) -> None:
    """Refuse with 1001 unless the header is the operation's, in the service's own namespace, and right.

    Only the bare domain is right, not the full one.
    """
    expected = CHILDREN[operation.login]
    sent = _children(service, operation.login, envelope)
    if sent is None:
        note(f"no header {operation.login} in the namespace of {service.name}")
        raise refusal(1001)
    if tuple(sent) != expected:
        note(f"the children of {operation.login} are not {', '.join(expected)} in the namespace of {service.name}")
    if any(sent.get(name) != EXPECTED[name] for name in expected):
        raise refusal(1001)


def check_names(denied: Collection[str]) -> None:
    """Raise `InputError` for a name that is no operation, alone or with its service in front."""
    for name in denied:
        if not any(is_denied(service, operation, (name,)) for service in SERVICES for operation in service.operations):
            raise InputError(f"There is no operation {name!r} to deny: use a name such as 'HourComponentVar_Insert'.")


def is_denied(service: Service, operation: Operation, denied: Collection[str]) -> bool:
    """Return whether the login lacks this call."""
    return operation.name in denied or f"{service.name}.{operation.name}" in denied


def _children(service: Service, login: str, envelope: Envelope) -> dict[str, str] | None:
    """Return the texts of the login header by name, those in a foreign namespace left out; None without a header."""
    for header in envelope.headers:
        if name_of(header) == (service.namespace, login):
            named = [(name_of(child), child.text or "") for child in elements(header)]
            return {name: text for (namespace, name), text in named if namespace == service.namespace}
    return None
