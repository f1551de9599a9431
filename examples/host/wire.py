"""The two directions between a host and the hub: what the host asks over HTTP, and the signed messages it hears."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

SECONDS = 120
"""How long a job or a message may take."""


class Failed(Exception):
    """Something did not hold."""


def check(holds: bool, what: str) -> None:
    """Raise `Failed` unless something holds."""
    if not holds:
        raise Failed(what)


def say(text: str) -> None:
    """Print a line of the account."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds. Raises `Failed` where it takes too long."""
    end = time.monotonic() + SECONDS
    while not holds():
        check(time.monotonic() < end, f"{what} took more than {SECONDS} seconds")
        time.sleep(0.1)


class Platform:
    """What the host asks of the hub."""

    def __init__(self, address: str, key: str) -> None:
        self._http = httpx.Client(base_url=f"{address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60)

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
        """Call. Raises `Failed` with what the hub says is wrong, and who must act."""
        answer = self._http.request(method, path, **more)
        if answer.is_error:
            problem = answer.json()
            raise Failed(f"{method} {path}: {problem['detail']} ({problem['who']} must act)")
        return answer

    def __call__(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call with JSON and return the JSON of the answer, None where there is none."""
        answer = self.send(method, path, json=body)
        return answer.json() if answer.content else None

    def upload(self, path: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Send rows as lines of JSON, none of which may be wrong; return how many were new."""
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        kept = self.send("POST", path, content=lines, headers={"Content-Type": "application/x-ndjson"}).json()
        check(not kept["wrong"] and not kept["refused"], f"rows of {path} were refused: {kept}")
        return int(kept["new"])

    def job(self, path: str, body: object = None) -> dict[str, Any]:
        """Ask for long work, wait for its end, and return what it made."""
        headers = {"Prefer": "wait=30", "Idempotency-Key": uuid4().hex}  # the same key again would be the same job
        answer = self.send("POST", path, json=body, headers=headers)
        found = [answer.json()]

        def ended() -> bool:
            if found[-1]["state"] in ("waiting", "running"):
                found.append(self("GET", answer.headers["Location"].removeprefix("/v1")))
            return found[-1]["state"] in ("done", "failed")

        until(ended, path)
        check(found[-1]["state"] == "done", f"{path}: {found[-1]['problem']}")
        return dict(found[-1]["result"])


@dataclass
class Messages:
    """What the hub tells the host: each message once, whatever comes twice, and only if its signature is right."""

    secret: str = ""
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    forged: int = 0

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Keep a message under its id; return the status to answer."""
        try:
            message = Webhook(self.secret).verify(body, dict(headers))
        except WebhookVerificationError:
            self.forged += 1
            return 400
        self.known.setdefault(headers["webhook-id"], message)
        return 204

    def of_run(self, company: str, run: int) -> list[dict[str, Any]]:
        """Return the messages of a run, in the order of their numbers."""
        mine = [one for one in self.known.values() if (one["data"]["company"], one["data"]["run"]) == (company, run)]
        return sorted(mine, key=lambda one: int(one["data"]["sequence"]))

    def wait_for(self, company: str, run: int, kinds: set[str], cards: set[str]) -> int:
        """Wait until a run's messages of these kinds and of each card are there, and no gap; return how many."""

        def came() -> bool:
            found = self.of_run(company, run)
            white = {one["data"]["timecard"] for one in found if one["type"] == "timecard.exported"}
            numbers = [one["data"]["sequence"] for one in found]
            whole = numbers == list(range(1, len(found) + 1))
            return whole and white == cards and kinds <= {one["type"] for one in found}

        until(came, f"the messages of run {run}")
        return len(self.of_run(company, run))


@contextmanager
def hearing(hub: Platform) -> Iterator[Messages]:
    """Receive messages on a free port of this machine; yield what comes, until nothing is to come any more."""
    messages = Messages()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(messages.take(body, {name.lower(): value for name, value in self.headers.items()}))
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing: the account does."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = hub("POST", "/webhooks", {"url": f"http://127.0.0.1:{server.server_port}/hook"})
        messages.secret = made["secret"]
        try:
            yield messages
        finally:
            hub("DELETE", f"/webhooks/{made['id']}")
            server.shutdown()
