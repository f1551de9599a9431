"""The faults that Nmbrs answers with, and their texts.

Nmbrs puts the number inside the text. Texts: those that a public client's tests quote, else the title of its table.
"""

from __future__ import annotations

TITLES = {
    1001: "Invalid Authentication",
    1002: "Unauthorized access",
    1003: "Unauthorized access",
    1004: "Disabled, no valid subscription",
    1006: "Generic Login Security Failure",
    2001: "Invalid Hour component",
    2002: "Invalid Wage component",
    2003: "Unauthorized access",
    2004: "Unauthorized access",
    2005: "Invalid Organisation",
    2006: "Invalid Period",
    2009: "Unauthorized access",
    2011: "Protected Mode: Cannot Change in the Past",
    2012: "Wage Tax Declaration Already Sent",
    2013: "Operation Not Possible On Free Trial",
    2030: "Invalid Set of Values",
    2037: "Invalid CostCenterId",
    2046: "Not Found",
    3001: "Call not available in your country",
    9999: "Unkown",
}
"""The codes that the simulator can answer with; the last one is misspelled by Nmbrs."""

_EXCEPTION = "System.Web.Services.Protocols.SoapException: "


class Refusal(Exception):
    """The call is answered with a SOAP fault. `sender` says that the request itself is at fault (soap:Client)."""

    def __init__(self, text: str, *, sender: bool = False) -> None:
        super().__init__(text)
        self.text = _EXCEPTION + text
        self.sender = sender


def refusal(code: int) -> Refusal:
    """Return the fault with this code, worded as an ASMX service words it."""
    return Refusal(f"Server was unable to process request. ---> {code}: {TITLES[code]}")


def unreadable(why: str) -> Refusal:
    """Return the fault of a request that the service cannot read."""
    return Refusal(f"Server was unable to read request. ---> {why}", sender=True)
