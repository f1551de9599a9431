"""Calls to the SOAP services of Nmbrs for one login: reads are tried again, what may change something is sent once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

import stamina

from hub import Answer, ContractError, Http, HubError, NotExecuted, NotSent, UnknownOutcome
from hub_nmbrs.faults import Fault, on_read, on_write
from hub_nmbrs.operations import ENVIRONMENT, Operation
from hub_nmbrs.reading import Row, read_rows
from hub_nmbrs.settings import NmbrsSettings

if TYPE_CHECKING:
    from hub_nmbrs.envelope import Value

T = TypeVar("T")
Collect = Callable[[Iterator[Row]], T]
Arguments = Mapping[str, "Value"]

_CONTENT_TYPES = ("text/xml", "application/soap+xml")
_OK, _FAULT = 200, 500  # SOAP 1.1 sends a fault with status 500
_LARGEST_ANSWER = 256 << 20  # 10,000 people are about 10 MB; they are read as a stream
_LONGEST_PAUSE = 20.0


def _worth_another(error: Exception) -> bool | float:
    """Tell whether a read may be tried again, or after how many seconds if Nmbrs asks for a pause."""
    if isinstance(error, UnknownOutcome) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= _LONGEST_PAUSE else False
    return isinstance(error, NotSent | UnknownOutcome)


# Only ever given a function without arguments: stamina tells its observers the arguments, and ours hold the token.
_again = stamina.RetryingCaller(attempts=3, timeout=60.0, wait_jitter=0.1).on(_worth_another)


class Soap:
    """The services of Nmbrs as one login sees them. May be used from several threads."""

    def __init__(self, http: Http, settings: NmbrsSettings) -> None:
        self._http = http
        self._settings = settings
        self._domain = settings.domain

    def find_domain(self) -> str:
        """Ask Nmbrs for the domain of this login. Raises the errors of `read`."""
        for row in self.read(ENVIRONMENT, {}, list):
            if domain := row.get("SubDomain") or row.get("Domain"):
                return domain.split(".")[0]
        raise ContractError("Nmbrs does not tell the domain of this login: fill in the domain and reconnect.")

    def use_domain(self, domain: str) -> None:
        """Send this domain with every call. Without it, the domain is found before the first call that needs it."""
        self._domain = domain

    def read(self, operation: Operation, arguments: Arguments, collect: Collect[T]) -> T:
        """Return what `collect` makes of the rows of an answer; with every attempt it starts afresh.

        Raises `AuthError`, `PermissionMissing`, `Refused` or `Transient` for a fault, `ContractError` for an answer
        that cannot be right, and `NotSent` or `UnknownOutcome` where none came.
        """
        try:
            return self._call(operation, arguments, collect)
        except Fault as fault:
            raise on_read(fault, operation.right) from None

    def write(self, operation: Operation, arguments: Arguments) -> Row:
        """Make a call that changes something, once, and return the row of its answer.

        Raises `NotSent`, `NotExecuted` or `Refused` where certainly nothing was changed, else `UnknownOutcome`.
        """
        self._prepare()
        try:
            return self._call(operation, arguments, _only)
        except Fault as fault:
            raise on_write(fault, operation.right) from None
        except ContractError as error:
            raise _unreadable(operation, error) from None

    def probe(self, operation: Operation, arguments: Arguments) -> str:
        """Make a call that can change nothing, and return the code of the fault: empty if there was none.

        Raises `ContractError`, `NotSent` or `UnknownOutcome`.
        """
        try:
            self._call(operation, arguments, list)
        except Fault as fault:
            return fault.code or "without a code"
        return ""

    def _prepare(self) -> None:
        """Have the domain before a write, so that a failure to find it is not taken for one of the write."""
        try:
            self._login_domain()
        except HubError as error:
            raise NotExecuted(error) from None

    def _login_domain(self) -> str:
        if self._domain is None:
            self._domain = self.find_domain()
        return self._domain

    def _call(self, operation: Operation, arguments: Arguments, collect: Collect[T]) -> T:
        request = self._request(operation, arguments)

        def exchange() -> T:
            return self._exchange(operation, request, collect)

        return exchange() if operation.changes else _again(exchange)

    def _request(self, operation: Operation, arguments: Arguments) -> bytes:
        from hub_nmbrs.envelope import envelope  # imports zeep, so only for a call

        settings = self._settings
        login = {"Username": settings.email.get_secret_value(), "Token": settings.token.get_secret_value()}
        if operation is not ENVIRONMENT:
            login["Domain"] = self._login_domain()
        return envelope(operation, arguments, login)

    def _exchange(self, operation: Operation, request: bytes, collect: Collect[T]) -> T:
        """Send one request and read its answer. Raises `Fault`, `ContractError`, `NotSent` or `UnknownOutcome`."""
        with self._http.stream(
            "POST",
            f"{self._settings.endpoint}/soap/v3/{operation.service}.asmx",
            body=request,
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "SOAPAction": f'"{operation.namespace}/{operation.name}"',
            },
            accept=_CONTENT_TYPES,
            statuses=(_OK, _FAULT),
            max_bytes=_LARGEST_ANSWER,
        ) as answer:
            return _read(answer, operation, collect)


def _read(answer: Answer, operation: Operation, collect: Collect[T]) -> T:
    """Read an answer; one with status 500 that is no fault came from some machine in between."""
    try:
        result = collect(read_rows(answer.chunks, operation))
    except ContractError:
        if answer.status == _OK:
            raise
    else:
        if answer.status == _OK:
            return result
    raise UnknownOutcome(
        f"No usable answer to {operation.right} came back (status {answer.status}): try again later.",
        status=answer.status,
    )


def _only(rows: Iterator[Row]) -> Row:
    (row,) = list(rows)
    return row


def _unreadable(operation: Operation, error: ContractError) -> UnknownOutcome:
    return UnknownOutcome(
        f"Nmbrs answered {operation.right}, but not in a way that tells whether it was done: look it up in payroll.",
        detail=error.detail,
    )
