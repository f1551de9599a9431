"""One message to one endpoint: sent once, with a short deadline, and what came of it. Nothing of an answer is kept."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.errors import HubError, NotSent, UnknownOutcome
from hub.events.signing import Message
from hub.process import Process
from hub.transport import Http

SECONDS = 10.0
"""How long a message may take, from looking up the name to the head of the answer."""

CONNECT_SECONDS = 5.0
MOST_BYTES = 4096
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of a try. `answered` is false where the endpoint gave no answer at all; `gone` where it wants no more.

    `text` is for a person, and quotes nothing of the answer.
    """

    arrived: bool
    text: str
    answered: bool = True
    gone: bool = False


class Sender:
    """Sends to one endpoint, over connections to its host alone. Close it when done."""

    def __init__(self, url: str, process: Process, seconds: float = SECONDS) -> None:
        self._url = url
        self._http = Http(
            ((urlsplit(url).hostname or "").lower(),),
            connect_seconds=min(CONNECT_SECONDS, seconds),
            operation_seconds=seconds,
            allow_loopback=process.allow_loopback,
            ca_file=process.ca_file,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, message: Message) -> Outcome:
        """Send a message once. Never raises for what an endpoint does."""
        try:
            with self._http.stream(
                "POST",
                self._url,
                body=message.body,
                headers={**message.headers, "user-agent": "payroll-hub"},
                accept=("",),
                statuses=range(200, 300),
                max_bytes=MOST_BYTES,
            ) as answer:
                return _of_status(answer.status, "")  # its body is left where it is
        except NotSent as error:
            return Outcome(False, error.text, answered=False)
        except UnknownOutcome as error:  # also a good answer of which the body is no answer of a payroll system
            return _of_status(error.status, error.happened)
        except HubError as error:
            return Outcome(False, error.text)


def _of_status(status: int | None, happened: str) -> Outcome:
    """Judge by the status alone: only 2xx is an arrival, whatever the body is."""
    if status is None:
        return Outcome(False, happened, answered=False)
    return Outcome(200 <= status < 300, f"answered with HTTP {status}", gone=status == GONE)
