"""Wachtloon, made up: an API that takes a mutation in, answers 202 with a receipt, and carries it out later."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import date
from functools import cached_property, partial
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

import hub
from hub.testing.simulator import Handler, Reply, Request, Simulator

TEXTS = {"code": "Payroll does not have this code: map the hours to one that it has."}


class AcceptsFirstSettings(hub.ProviderSettings):
    """The password of one company, and where the API is."""

    password: SecretStr = Field(title="Password / Wachtwoord", description="Of the link. / Van de koppeling.")
    url: str = Field("https://api.wachtloon.example", title="Address / Adres", description="For tests. / Voor tests.")


# -- over the wire ----------------------------------------------------------------------------------------------------


class Wire(BaseModel):
    """Base of all answers: silent about values when it refuses them."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Person(Wire):
    """Somebody on an on-call contract since a day."""

    id: str
    email: str
    since: date


class Company(Wire):
    """What a login reaches, with everybody in it."""

    name: str
    codes: tuple[str, ...]
    people: tuple[Person, ...]


class Line(Wire):
    """A row of a person in a month, in hundredths of an hour; nothing is there without an id."""

    id: int = Field(gt=0)
    code: str
    hundredths: int

    def posted(self) -> hub.PostedEntry:
        """Return it in the words of the hub."""
        return hub.PostedEntry(id=str(self.id), kind=hub.Kind.HOURS, code=self.code, amount=self.hundredths)


class Lines(Wire):
    """All rows of a person in a month."""

    lines: tuple[Line, ...]


class Receipt(Wire):
    """That a mutation was taken in, and what became of it: nothing yet, a row, or a refusal."""

    receipt: int = Field(gt=0)
    state: Literal["waiting", "done", "failed"]
    line: Line | None = None
    error: str = ""


Shape = TypeVar("Shape", bound=Wire)


# -- the provider -----------------------------------------------------------------------------------------------------


class AcceptsFirstPosting:
    """Takes hours to Wachtloon, asks what became of them, and reads them."""

    def __init__(self, http: hub.Http, settings: AcceptsFirstSettings) -> None:
        self._http, self._url = http, settings.url
        self._headers = {"X-Password": settings.password.get_secret_value()}

    def call(self, shape: type[Shape], method: str, path: str, body: bytes = b"") -> Shape:
        """Send one request, once, and return its answer in its shape."""
        more: Any = {"headers": self._headers, "accept": ("application/json",), "statuses": (200, 202, 401)}
        answer = self._http.request(method, self._url + path, body=body, **more)
        if answer.status == 401:
            raise hub.NotExecuted(hub.AuthError("Payroll does not know this login: connect anew with another one."))
        try:
            return shape.model_validate_json(answer.read())
        except ValidationError:
            pass  # raised below, so that what pydantic quotes does not come along
        raise hub.ContractError("An answer of payroll is not as agreed: the author of this plugin must look why.")

    def read(self, slot: hub.Slot) -> tuple[hub.PostedEntry, ...]:
        """Return the rows of a person in a month: only those that were carried out."""
        return tuple(one.posted() for one in self.call(Lines, "GET", path_of(slot)).lines)

    def post(self, entry: hub.Entry, key: str) -> hub.PostedEntry | hub.Pending:
        """Have a row taken in."""
        body = json.dumps({"code": entry.code, "hundredths": entry.amount}).encode()
        receipt = self.call(Receipt, "POST", path_of(entry.slot), body)
        return hub.Pending(id=str(receipt.receipt), slot=entry.slot)

    def resolve(self, pending: hub.Pending) -> hub.PostedEntry | hub.Pending:
        """Ask what became of a row. Raises `Refused` where nothing did."""
        found = self.call(Receipt, "GET", f"/receipts/{pending.id}")
        if found.state == "failed":
            raise hub.Refused(found.error, TEXTS.get(found.error, "Payroll refused this row: look there for why."))
        return found.line.posted() if found.line else pending


def path_of(slot: hub.Slot) -> str:
    """Return where the rows of a slot are."""
    return f"/hours?person={slot.employee}&month={slot.period.start:%Y-%m}"


class AcceptsFirstProvider(hub.Provider):
    """Wachtloon."""

    name, title = "accepts_first", "Wachtloon"
    hosts = ("api.wachtloon.example",)
    settle_seconds = 600
    Settings = AcceptsFirstSettings
    capabilities: ClassVar[Mapping[hub.Capability, hub.Support]] = dict.fromkeys(
        (hub.Capability.SYNC_WORKFORCE, hub.Capability.READ_BACK, hub.Capability.POST_HOURS), hub.Support.FULL
    )

    @cached_property
    def _posting(self) -> AcceptsFirstPosting:
        return AcceptsFirstPosting(self.http, self.settings)

    @hub.hookimpl
    def activate(self, request: hub.ActivateRequest) -> hub.Activation:
        """Say which company the login reaches."""
        one = self._posting.call(Company, "GET", "/company")
        codes = tuple(hub.Code(kind=hub.Kind.HOURS, code=code) for code in one.codes)
        return hub.Activation(administrations=(hub.Administration(id="A", name=one.name, codes=codes),))

    @hub.hookimpl
    def sync_workforce(self, request: hub.SyncRequest) -> hub.Workforce:
        """Read everybody, in one answer."""
        return hub.Workforce(employees=tuple(map(employee, self._posting.call(Company, "GET", "/company").people)))

    @hub.hookimpl
    def validate(self, request: hub.ValidateRequest) -> tuple[hub.Finding, ...]:
        """Find codes that payroll does not have: its own refusal comes late."""
        known = {one.code for one in request.administration.codes}
        says = {
            "code": "unknown_code",
            "severity": hub.Severity.BLOCK,
            "text": "Unknown code.",
            "action": "Map another.",
        }
        wrong = (place for place, one in enumerate(request.entries) if one.code not in known)
        return tuple(hub.Finding(**says, entry=place) for place in wrong)

    @hub.hookimpl
    def export_timecards(self, request: hub.ExportRequest) -> hub.Posting:
        """Open the place where hours go."""
        return self._posting


def employee(one: Person) -> hub.Employee:
    """Return a person in the words of the hub."""
    contract = hub.Contract(id=one.id, start=one.since, type=hub.ContractType.ZERO_HOURS)
    return hub.Employee(id=one.id, administration="A", email=one.email, starts=one.since, contracts=(contract,))


# -- the simulator ----------------------------------------------------------------------------------------------------


CODES = ("100", "150")
REFUSED = {"state": "failed", "error": "code"}


class AcceptsFirstSimulator(Simulator):
    """Wachtloon on this machine: a mutation is carried out two requests after it was taken in."""

    own_faults = frozenset({"id-0"})
    operations = frozenset({"company", "read", "post", "receipt", "unknown"})

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._taken: list[dict[str, Any]] = []
        self._writing = threading.Lock()

    def connect_settings(self) -> dict[str, str]:
        """Return what a company types to connect."""
        return {"url": self.url, "password": "made-up-password-of-wachtloon"}

    def details(self) -> dict[str, Any]:
        """Return the rows that were carried out."""
        return {"rows": [one["line"] for one in self._taken if one["state"] == "done"]}

    def route(self, request: Request) -> tuple[str, Handler]:
        """Return the operation that is asked for, after what was taken in came a step further."""
        slot = dict(parse_qsl(request.query))
        if request.headers.get("x-password") != self.connect_settings()["password"]:
            return "unknown", lambda _: reply(401, error="login")
        self._carry_on()
        match request.method, request.path.split("/")[1:]:
            case "GET", ["company"]:
                people = [person(one + 1) for one in range(self.employees)]
                return "company", lambda _: reply(name="De Linde", codes=CODES, people=people)
            case "GET", ["hours"]:
                rows = [one for one in self.details()["rows"] if slot.items() <= one.items()]
                return "read", lambda _: reply(lines=rows)
            case "GET", ["receipts", number]:
                return "receipt", lambda _: reply(**self._taken[int(number) - 1])
        return "post", partial(self._take, {**slot, **json.loads(request.body)})

    def _carry_on(self) -> None:
        with self._writing:
            for number, one in enumerate(self._taken, 1):
                one["steps"] += 1
                if one["steps"] == 2:
                    known = one["asked"]["code"] in CODES
                    one.update({"state": "done", "line": {**one["asked"], "id": number}} if known else REFUSED)

    def _take(self, asked: dict[str, Any], fault: str) -> Reply:
        with self._writing:
            self._taken.append({"receipt": len(self._taken) + 1, "state": "waiting", "steps": 0, "asked": asked})
            return reply(202, receipt=0 if fault else len(self._taken), state="waiting")


def person(number: int) -> dict[str, str]:
    """Return a made-up person."""
    return {"id": f"P{number}", "email": f"zandstra.{number}@example.com", "since": "2024-01-01"}


def reply(status: int = 200, **content: object) -> Reply:
    """Return an answer in JSON."""
    return Reply(json.dumps(content).encode(), status=status)
