"""Log-ins at a provider's own page: what goes out is sealed for one company, provider, key and user, for an hour.

So nobody can bring back what came of another person's log-in: the `state` that comes back must be the one that was
given out here, to the same user of the same host, for the same company and provider.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta

from hub.api.callers import Asked
from hub.errors import HubError, InputError
from hub.models import Redirect
from hub.vault import Place

GOOD_FOR = timedelta(hours=1)
"""For how long a person may take to log in."""

REFUSED = "This log-in was not begun here, by you, or a short while ago: begin anew."


def begun(asked: Asked, provider: str, redirect: Redirect) -> str:
    """Return what to send along when the person comes back. Raises `InputError` where no person is named."""
    until = (asked.hub.clock.moment().at + GOOD_FOR).timestamp()
    with asked.hub.store.read(asked.company) as session:
        vault = asked.hub.store.vault(session)
    text = json.dumps([until, redirect.state])
    return urlsafe_b64encode(vault.seal(_place(asked, provider, asked.named()), text)).decode()


def check_returned(asked: Asked, provider: str, login: str, returned: Mapping[str, str]) -> None:
    """Raise `InputError` unless what came back belongs to a log-in that was begun for this very caller."""
    try:
        with asked.hub.store.read(asked.company) as session:
            vault = asked.hub.store.vault(session)
        until, state = json.loads(vault.open(_place(asked, provider, asked.named()), urlsafe_b64decode(login)))
    except (HubError, ValueError):
        until, state = 0.0, ""
    in_time = asked.hub.clock.moment().at.timestamp() <= until
    if not (state and in_time and hmac.compare_digest(state.encode(), returned.get("state", "").encode())):
        raise InputError(REFUSED)


def _place(asked: Asked, provider: str, person: str) -> Place:
    return Place("login", "state", json.dumps([provider, asked.caller.key, person]))
