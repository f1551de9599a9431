"""What a SOAP fault of Nmbrs means: a closed table of codes, who must act, and whether a write is surely not done.

Source of the codes: Nmbrs support article 360013526891, by way of two public clients.
Nmbrs puts the number inside the text of the fault. Only that number is kept: the text may quote personal data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub import AuthError, HubError, NotExecuted, PermissionMissing, Refused, Transient, UnknownOutcome

WRONG_LOGIN = "1000"
CALL_NOT_TICKED = "1002"
NO_SUCH_EMPLOYEE = "2003"
NO_SUCH_COMPANY = "2004"
INVALID_VALUES = "2030"

_NUMBERED = re.compile(r"--->\s*(\d{4})\s*:")
_WITHOUT_NUMBER = "---> Invalid combination email/password"


class Fault(Exception):
    """Nmbrs answered with a SOAP fault. `code` is the number in its text, empty where it has none."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Nmbrs answered with a fault ({code or 'without a code'})")
        self.code = code


@dataclass(frozen=True)
class Meaning:
    """What a code means: the error to raise, what to tell, and whether Nmbrs certainly did nothing (`certain`)."""

    error: type[HubError]
    text: str
    certain: bool = True


def _login(text: str, *, certain: bool = True) -> Meaning:
    return Meaning(AuthError, text, certain)


def _right(text: str) -> Meaning:
    return Meaning(PermissionMissing, text)


def _data(text: str) -> Meaning:
    return Meaning(Refused, text)


def _later(text: str) -> Meaning:
    return Meaning(Transient, text, certain=False)


_PROTECTED = "release the plan again with permission for a past period, or have payroll reopen the period"
_REPORTS = "a background report has no usable result yet: ask for it again later"

CODES: dict[str, Meaning] = {
    "1000": _login("Nmbrs does not accept the e-mail address and password: reconnect with the right ones."),
    "1001": _login("Nmbrs does not accept the e-mail address, token or domain: reconnect with the right ones."),
    "1002": _right("The Nmbrs login may not call {operation}: ask the accountant to tick it in the API user template."),
    "1003": _right(
        "The Nmbrs login may not see this company or employee in {operation}: ask the accountant to tick the call in "
        "the API user template and to give the login access to this company."
    ),
    "1004": _login("This Nmbrs environment has no valid subscription: ask the accountant to have it enabled."),
    "1006": _later("Nmbrs could not check the login just now: try again later."),
    "2001": _data("The hour code is not in the hour model of this company: choose another code, or have it added."),
    "2002": _data("The wage code is not in the wage model of this company: choose another code, or have it added."),
    "2003": _data("Nmbrs does not know this employee, or the login may not see them: link the team member again."),
    "2004": _data("Nmbrs does not know this company, or the login may not see it: connect again and choose another."),
    "2005": _data("Nmbrs does not know this organisation: choose another one."),
    "2006": _data("The period does not fit the period type of this company: choose a period that exists."),
    "2009": _data("Nmbrs does not know this debtor, or the login may not see it: ask the accountant for access."),
    "2011": _data(f"The period is protected: {_PROTECTED}."),
    "2012": _data("The wage tax declaration of this period was already sent: book the amount in a later period."),
    "2013": _data("Nmbrs does not allow this on a free trial: ask the accountant for a full subscription."),
    "2014": _data("Nmbrs refuses the IBAN of this bank account: correct it."),
    "2015": _data("Nmbrs refuses the number of this bank account: correct it."),
    "2016": _data("Nmbrs refuses the type of this bank account: correct it."),
    "2017": _data("Nmbrs does not know this labour agreement: choose another one."),
    "2018": _data("Nmbrs does not know this leave: choose another one."),
    "2019": _later(f"Nmbrs says that {_REPORTS}."),
    "2020": _later(f"Nmbrs says that {_REPORTS}."),
    "2021": _later(f"Nmbrs says that {_REPORTS}."),
    "2022": _data("Nmbrs does not know this type of leave: choose another one."),
    "2028": _data("The start time is after the end time: correct the times."),
    "2029": _data("Two time slots overlap: correct the times."),
    "2030": _data("Nmbrs refuses a value, such as letters where it takes a number: correct the value."),
    "2032": _data("Nmbrs wants an IBAN for this bank account: fill it in."),
    "2033": _data("Nmbrs wants a tax type: fill it in."),
    "2034": _data("Nmbrs refuses the tax type: correct it."),
    "2035": _data("Nmbrs wants a tax form: fill it in."),
    "2036": _data("Nmbrs refuses the tax form: correct it."),
    "2037": _data("The cost centre does not exist in this company: choose another one, or have it added."),
    "2038": _data("The code of the cost centre does not exist in this company: choose another one, or have it added."),
    "2039": _data("The code of the cost centre exists twice in this company: have payroll correct it."),
    "2040": _data("The name of the file has no extension: rename the file."),
    "2041": _data("The file is too large for Nmbrs: make it smaller."),
    "2042": _login("The login has several Nmbrs environments: fill in the domain and reconnect.", certain=False),
    "2043": _login("Nmbrs does not know this domain: correct the domain and reconnect.", certain=False),
    "2044": _data("Nmbrs refuses the address: correct it."),
    "2045": _data("Nmbrs refuses the name: correct it."),
    "2046": _data("Nmbrs cannot find what was asked for: check that it still exists."),
    "2047": _data("Nmbrs refuses this type of document: choose another type."),
    "3001": _data("Nmbrs does not offer this call in the country of this company: have payroll enter the amount."),
    "9999": _later(
        'Nmbrs gave its catch-all fault, which on a change probably means a protected period ("TWK exception"): '
        f"{_PROTECTED}, and else try again later."
    ),
}
"""Every code that Nmbrs is known to answer with. `{operation}` stands for the name of the call at Nmbrs."""

_UNLISTED = _later(
    "Nmbrs answered {operation} with a fault that this plugin does not know: try again later, and report the code to "
    "the maintainer of the plugin if it stays."
)


def code_in(text: str) -> str:
    """Return the code that the text of a fault holds, or an empty string."""
    found = _NUMBERED.search(text)
    if found:
        return found[1]
    return WRONG_LOGIN if _WITHOUT_NUMBER in text else ""


def on_read(fault: Fault, operation: str) -> HubError:
    """Return the error of a read that ended in this fault; `operation` is the right as Nmbrs names it."""
    meaning = CODES.get(fault.code, _UNLISTED)
    return _error(meaning.error, fault.code, meaning.text.format(operation=operation), operation)


def on_write(fault: Fault, operation: str) -> HubError:
    """Return the error of a write: `Refused` or `NotExecuted` where it is certain, else `UnknownOutcome`."""
    meaning = CODES.get(fault.code, _UNLISTED)
    text = meaning.text.format(operation=operation)
    if not meaning.certain:
        return _error(UnknownOutcome, fault.code, text, operation)
    error = _error(meaning.error, fault.code, text, operation)
    return error if isinstance(error, Refused) else NotExecuted(error)


def _error(kind: type[HubError], code: str, text: str, operation: str) -> HubError:
    detail = f"{operation}: fault {code or 'without a code'}"
    if kind is Refused:
        return Refused(code, text, detail=detail)
    if kind is PermissionMissing:
        return PermissionMissing(text, right=operation, detail=detail)
    return kind(text, detail=detail)
