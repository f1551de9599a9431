"""Everything that can go wrong, grouped by who must act.

HubError                     text for a person, command for the command line, detail for a log; none holds personal data
├── InputError               whoever gave the input: a file, a command, a request
│   └── NotThere             the same: what was asked for is not there
├── SettingsError            the integrator: a setting of the connection or of the hub is wrong
├── AuthError                the company's admin: reconnect
├── PermissionMissing        the company's admin, with the accountant: switch on `right`
├── Refused                  the owner of the data: payroll said no, for certain
├── Transient                nobody: try again later, after `retry_after` seconds if given
├── UnknownOutcome           the operator: it may have happened or not
├── ContractError            the provider's author: an answer or a result is not what was agreed
├── Unsupported              nobody: this provider or connection cannot do that
├── NotSent                  nothing left this machine (only a transport or a destination raises it)
└── NotExecuted              the provider says it did nothing; `reason` says who must act (only a destination raises it)
"""

from __future__ import annotations

from typing import ClassVar


class HubError(Exception):
    """Base of all errors of the hub.

    `text` is one sentence for a person: what happened and who must do what. `command` is with what that is done on
    the command line, a command or options, for who works there: a user of a host has none. `detail` is for a log.
    None of them ever holds a secret, a BSN, an e-mail address or the content of an answer.
    """

    who: ClassVar[str] = "operator"

    def __init__(self, text: str, *, command: str = "", detail: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.command = command
        self.detail = detail

    def __str__(self) -> str:
        """Return the text with the command, as the command line prints it."""
        return f"{self.text.removesuffix('.')} with {self.command}." if self.command else self.text


class InputError(HubError):
    """A file, command or request that cannot be taken as it is; nothing of it was stored."""

    who = "sender"


class NotThere(InputError):
    """What was asked for by its number or name is not there, or not in this company."""


class SettingsError(HubError):
    """A setting is missing or wrong."""

    who = "integrator"


class AuthError(HubError):
    """The provider does not accept the credentials: reconnect."""

    who = "company admin"


class PermissionMissing(HubError):
    """The login lacks a right; `right` is its name as the provider spells it."""

    who = "company admin"

    def __init__(self, text: str, *, right: str = "", detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.right = right


class Refused(HubError):
    """The provider refused the data, for certain: nothing was changed. `code` is on the plugin's closed list."""

    who = "owner of the data"

    def __init__(self, code: str, text: str, *, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.code = code


class Transient(HubError):
    """It may work later; `retry_after` is in seconds, None where the provider does not say."""

    who = "nobody"

    def __init__(self, text: str, *, retry_after: float | None = None, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.retry_after = retry_after


class UnknownOutcome(HubError):
    """The request was sent, or may have been, and no usable answer came back: it may have happened or not.

    `status` is the HTTP status if one came; `retry_after` is in seconds, where the answer asked for a pause. `happened`
    is the part of the text that also holds where nothing was to be changed.
    """

    who = "operator"

    def __init__(
        self,
        text: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        happened: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(text, detail=detail)
        self.status = status
        self.retry_after = retry_after
        self.happened = happened


class ContractError(HubError):
    """A provider, or its answer, breaks the contract. The text never quotes the answer."""

    who = "provider's author"


class Unsupported(HubError):
    """The provider, or this connection of it, cannot do what was asked."""

    who = "nobody"


class NotSent(HubError):
    """Nothing left this machine: no connection could be made, or the target is not allowed."""

    who = "operator"


class NotExecuted(HubError):
    """The provider says that it did nothing: the entry stays planned, the run pauses until `reason` is solved."""

    who = "operator"

    def __init__(self, reason: HubError) -> None:
        super().__init__(reason.text, detail=reason.detail)
        self.reason = reason
