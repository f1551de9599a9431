"""The base of simulators of payroll that imports a file: a page on this machine that takes it as a person uploads it.

It checks a file against a layout as far as that is known, refuses it whole where a row is wrong, adds up what it pays,
and notices a file that it imported before. What the real payroll does with a file nobody publishes: every answer says
whether the layout is `unverified`. The command `hub simulate NAME` prints the address of the page.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from email.message import Message
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote
from urllib.request import Request as Sending
from urllib.request import urlopen

from hub.files.layout import Layout
from hub.testing.imported_file import Line, WrongFile, lines_of, shown
from hub.testing.importer_page import page
from hub.testing.simulator import Handler, Reply, Request, Simulator

TAKEN, UNREADABLE, IMPORTED_BEFORE, WRONG_ROWS = 200, 400, 409, 422
UPLOAD = "/import"


@dataclass(frozen=True)
class Import:
    """A file that came: its name and SHA-256, how many rows it pays, and why it was refused, if it was.

    `outcome` is `imported`, `imported before` or `refused`; `wrong` tells what is wrong in which row, without values.
    """

    name: str
    sha256: str
    outcome: str
    rows: int = 0
    wrong: tuple[str, ...] = ()


class SimulatedImporter(Simulator):
    """A payroll that imports files of one layout; `needs_bsn` says that it knows people by that alone.

    A file is posted to `/import` as a form of a browser does, or as it is, with its name as `?name=`. The answer is 200
    where it was imported, 409 where it was before, 422 with what is wrong in each row, and 400 for what cannot be read;
    of all but the first nothing is paid. `GET /` is a page for people. A file is the same if its rows are, so that one
    that was saved anew is known again.
    """

    layout: ClassVar[Layout]
    needs_bsn: ClassVar[bool] = False
    operations = frozenset({"page", "import", "unknown"})

    def __init__(self, **more: Any) -> None:  # noqa: ANN401 - what every simulator takes
        super().__init__(**more)
        self._imports: list[Import] = []
        self._known: set[str] = set()
        self._paid: Counter[Line] = Counter()

    def connect_settings(self) -> dict[str, str]:
        """Return nothing: such a payroll is switched on by its name, and a person uploads the file."""
        return {}

    def details(self) -> dict[str, Any]:
        """Return the files that came, and what was paid per person and code; of a BSN only its last three digits."""
        with self._lock:
            imports = [vars(one) | {"wrong": list(one.wrong)} for one in self._imports]
            paid = [{**vars(line), "who": shown(line.who), "amount": amount} for line, amount in self._paid.items()]
        return {"layout": self.layout.name, "layout_status": self.layout.status, "imports": imports, "paid": paid}

    def route(self, request: Request) -> tuple[str, Handler]:
        """Return the page, or the import of a file."""
        match request.method, request.path:
            case "GET", "/":
                return "page", lambda _: self._page()
            case "POST", "/import":
                return "import", lambda _: self._answer(request)
        return "unknown", lambda _: Reply(b'{"error": "only GET / and POST /import are known"}', status=404)

    # -- one file -----------------------------------------------------------------------------------------------------

    def take(self, name: str, content: bytes) -> tuple[int, Import]:
        """Import a file, or refuse it; return the status of the answer and what came of it."""
        with self._lock:
            status, came, lines = self._judged(name, content)
            self._imports.append(came)
            if status == TAKEN:
                self._paid.update(lines)
        return status, came

    def _judged(self, name: str, content: bytes) -> tuple[int, Import, Counter[Line]]:
        digest = hashlib.sha256(content).hexdigest()
        try:
            found = lines_of(content, self.layout, self.needs_bsn)
        except WrongFile as error:
            return UNREADABLE, Import(name, digest, "refused", wrong=(str(error),)), Counter()
        if found.wrong:
            return WRONG_ROWS, Import(name, digest, "refused", wrong=found.wrong), Counter()
        if found.fingerprint in self._known:
            return IMPORTED_BEFORE, Import(name, digest, "imported before"), Counter()
        self._known.add(found.fingerprint)
        return TAKEN, Import(name, digest, "imported", found.rows), found.paid

    def _answer(self, request: Request) -> Reply:
        name, content, form = _uploaded(request)
        status, came = self.take(name, content)
        if form:
            return self._page(came, status)
        told = vars(came) | {"layout_status": self.layout.status}
        return Reply(json.dumps(told).encode(), status=status)

    def _page(self, came: Import | None = None, status: int = TAKEN) -> Reply:
        text = page(self.layout, self.details(), came.name if came else "")
        return Reply(text.encode(), "text/html; charset=utf-8", status)


def _uploaded(request: Request) -> tuple[str, bytes, bool]:
    """Return the name and content of the file in a request, and whether a form of a browser brought it."""
    head = Message()
    head["Content-Type"] = request.headers.get("content-type", "")
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary:
        return parse_qs(request.query).get("name", ["file"])[0], request.body, False
    about, _, rest = request.body.partition(b"\r\n\r\n")
    part = Message()
    part["Content-Disposition"] = about.decode("utf-8", "replace").partition(":")[2].splitlines()[0].strip()
    return part.get_filename() or "file", rest.partition(f"\r\n--{boundary}".encode())[0], True


def upload(url: str, name: str, content: bytes) -> tuple[int, dict[str, Any]]:
    """Post a file to the importer at an address; return the status and what it answers."""
    sending = Sending(f"{url}{UPLOAD}?name={quote(name)}", data=content, method="POST")  # noqa: S310 - as below
    sending.add_header("Content-Type", "application/octet-stream")
    try:
        with urlopen(sending, timeout=30) as answer:  # noqa: S310 - an address of this machine
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)
