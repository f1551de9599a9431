"""Messages as the Standard Webhooks specification has them: a secret per endpoint, an id per event, a signed body."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub.errors import Unsupported
from hub.store.events import Event
from hub.vault import MasterKey, Place

if TYPE_CHECKING:
    from standardwebhooks import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32


@dataclass(frozen=True, repr=False)
class Message:
    """One event for one endpoint, ready to be sent: its body as it was signed, and the headers that sign it."""

    headers: dict[str, str]
    body: bytes


def new_secret() -> str:
    """Return a fresh secret, spelt as the specification asks."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secret_place(endpoint: int) -> Place:
    """Return where the secret of an endpoint lives."""
    return Place("endpoint", "secret", str(endpoint))


def seal(master: MasterKey, endpoint: int, secret: str) -> bytes:
    """Encrypt the secret of an endpoint for the store."""
    return master.wrap_own(secret_place(endpoint), secret.encode())


def unseal(master: MasterKey, endpoint: int, wrapped: bytes) -> str:
    """Decrypt the secret of an endpoint. Raises `SettingsError` if another hub key wrapped it."""
    return master.unwrap_own(secret_place(endpoint), wrapped).decode()


def message_id(event: Event) -> str:
    """Return the id of an event's message: the same for every endpoint, and however often it is sent.

    A hub that was restored from a backup gives numbers once more; the second in which it happened tells them apart.
    """
    return f"evt_{event.id}_{int(event.at.timestamp())}"


def signed(event: Event, secret: str, now: datetime) -> Message:
    """Return the message of an event, signed at a moment. Raises `Unsupported` where the library is not installed."""
    text = json.dumps(payload(event), separators=(",", ":"), ensure_ascii=True)
    signature = _library(secret).sign(message_id(event), now, text)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id(event),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    return Message(headers, text.encode())


def payload(event: Event) -> dict[str, Any]:
    """Return what a message says: ids, counts and codes, and nothing else of anybody."""
    about = {"company": event.company_id, "provider": event.provider, "run": event.run, "sequence": event.sequence}
    return {"type": event.kind, "timestamp": event.at.isoformat(), "data": {**event.detail, **about}}


def check_library() -> None:
    """Raise `Unsupported` where messages could not be signed here."""
    _library(new_secret())


def _library(secret: str) -> Webhook:
    try:
        from standardwebhooks import Webhook
    except ModuleNotFoundError:
        raise Unsupported("Webhooks need a library: the integrator must install payroll-hub[api].") from None
    return Webhook(secret)
