"""Notifications by e-mail: one plain message to the fixed address of a company, over the operator's mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from hub.errors import SettingsError
from hub.events.sending import SECONDS, Outcome
from hub.events.signing import message_id
from hub.events.words import Language, in_words
from hub.network import LOOPBACK_HOSTS
from hub.store.events import Event

WRONG = (
    "HUB_SMTP_URL must be such as smtps://user:password@host:465?from=hub@example.org: the operator must correct it."
)
UNSAFE = "The mail server offers no TLS, so no password was sent: the operator must use smtps in HUB_SMTP_URL."


def send(server: str, told: Mapping[str, Any], event: Event) -> Outcome:
    """Send an event in words to the address of a company; `told` is how its people are told. Raises nothing."""
    address = str(told.get("email") or "")
    if not address:
        return Outcome(False, "the company has no address for e-mail", gone=True)
    try:
        at = _server(server)
        with _connected(at) as connection:
            connection.send_message(message(address, _sender(at), told.get("language") or "nl", event))
    except SettingsError as error:
        return Outcome(False, error.text)
    except smtplib.SMTPResponseException as error:
        return Outcome(False, f"the mail server answered {error.smtp_code}")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(False, f"the mail server did not take it ({type(error).__name__})", answered=False)
    except ValueError:  # such as letters that no mail may hold
        return Outcome(False, "the address or the text is none for a mail")
    return Outcome(True, "the mail server took it")


def message(address: str, sender: str, language: Language, event: Event) -> EmailMessage:
    """Return the message: what happened, and what to do next."""
    words = in_words(event.kind, language, {**event.detail, "provider": event.provider, "run": event.run})
    made = EmailMessage()
    made["From"], made["To"] = sender, address
    made["Subject"] = words.text
    made["Message-ID"] = f"<{message_id(event)}@payroll-hub>"
    made.set_content("\n\n".join(filter(None, (words.text, words.action))) + f"\n\n-- \n{event.company_id}\n")
    return made


def _server(text: str) -> SplitResult:
    """Read HUB_SMTP_URL. Raises `SettingsError`, never with a password."""
    try:
        parts = urlsplit(text)
        if parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:  # it quotes the port, where a password may stand
        pass
    raise SettingsError(WRONG)


def _sender(server: SplitResult) -> str:
    return parse_qs(server.query).get("from", [f"payroll-hub@{server.hostname}"])[0]


def _connected(server: SplitResult) -> smtplib.SMTP:
    """Connect and log in; a password goes over TLS only, but for a server on this machine. Raises as smtplib does."""
    host, safe = server.hostname or "", ssl.create_default_context()
    connection: smtplib.SMTP
    if server.scheme == "smtps":
        connection = smtplib.SMTP_SSL(host, server.port or 465, timeout=SECONDS, context=safe)
    else:
        connection = smtplib.SMTP(host, server.port or 587, timeout=SECONDS)
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=safe)
        elif server.password and host not in LOOPBACK_HOSTS:
            connection.close()
            raise SettingsError(UNSAFE)
    if server.username and server.password:
        connection.login(unquote(server.username), unquote(server.password))
    return connection
