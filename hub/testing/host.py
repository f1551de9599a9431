"""A host platform that calls the HTTP API over a real socket, with the standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

ALL_SCOPES = ("read", "settings", "workforce", "hours", "export", "decisions")
NDJSON = {"Content-Type": "application/x-ndjson"}


@dataclass(frozen=True)
class Answer:
    """What came back; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode()

    def json(self) -> Any:  # noqa: ANN401 - JSON
        """Return the content as JSON."""
        return json.loads(self.content)


@dataclass
class Host:
    """A host platform with a key; paths are those below /v1 unless they begin at the root with `//`."""

    address: str
    key: str = ""
    seconds: float = 60
    """How long an answer may take."""

    def send(
        self,
        method: str,
        path: str,
        *,
        json_body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call, and return what came back."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if json_body is not None:
            content = json.dumps(json_body).encode()
            sent["Content-Type"] = "application/json"
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=self.seconds)
        try:
            target = path[1:] if path.startswith("//") else f"/v1{path}"
            connection.request(method, target, content, {**sent, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def __call__(self, method: str, path: str, status: int = 200, **more: Any) -> Any:  # noqa: ANN401 - JSON
        """Call, check the status, and return the JSON; None where there is nothing. Raises `AssertionError`."""
        answer = self.send(method, path, **more)
        if answer.status != status:
            raise AssertionError(f"{method} {path} gave {answer.status}: {answer.text}")
        if status >= 400 and answer.headers["content-type"] != "application/problem+json":
            raise AssertionError(f"{method} {path} gave no problem document but {answer.headers['content-type']}")
        return answer.json() if answer.content else None

    def upload(self, path: str, text: str, status: int = 200, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """Send lines of JSON."""
        return self("POST", path, status, content=text.encode(), headers={**NDJSON, **headers})

    def job(self, path: str, json_body: object = None, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """Ask for a job, wait for its end, and return its result. Raises `AssertionError` where it did not end well."""
        done = self("POST", path, 200, json_body=json_body, headers={"Prefer": "wait=30", **headers})
        if done["state"] != "done":
            raise AssertionError(f"the job of {path} ended as {done['state']}: {done['problem']}")
        return done["result"]
