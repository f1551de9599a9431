"""Periodeloon, made up: an API that takes and gives all hours of a person in a month as a whole."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

import hub
from hub.testing.simulator import Handler, Reply, Request, Simulator


class PutsThePeriodSettings(hub.ProviderSettings):
    """The token of one company, and where the API is."""

    token: SecretStr = Field(title="Token / Token", description="Under Links. / Te vinden bij Koppelingen.")
    url: str = Field("https://api.periodeloon.example", title="Address / Adres", description="For tests. / Voor tests.")


# -- over the wire ----------------------------------------------------------------------------------------------------


class Wire(BaseModel):
    """Base of all answers: silent about values when it refuses them, and it keeps what it does not know."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="allow")


class Person(Wire):
    """Somebody on an on-call contract since a day."""

    id: str
    email: str
    since: date


class Company(Wire):
    """What a token reaches, with everybody in it."""

    name: str
    codes: tuple[str, ...]
    people: tuple[Person, ...]


class Line(Wire):
    """Hours in a month; nothing is there without an id."""

    id: int = Field(gt=0)
    code: str
    hours: Annotated[Decimal, Field(decimal_places=2)]

    def posted(self) -> hub.PostedEntry:
        """Return it in the words of the hub."""
        return hub.PostedEntry(id=str(self.id), kind=hub.Kind.HOURS, code=self.code, amount=int(self.hours.scaleb(2)))


class Month(Wire):
    """All hours of a person in a month; each time they are put the version is another."""

    version: int
    lines: tuple[Line, ...]

    def posted(self) -> tuple[hub.PostedEntry, ...]:
        """Return them in the words of the hub."""
        return tuple(one.posted() for one in self.lines)


Shape = TypeVar("Shape", bound=Wire)


def error_of(status: int) -> hub.HubError:
    """Return what an answer means that says for certain that nothing was done."""
    if status == 401:
        return hub.NotExecuted(hub.AuthError("Payroll does not know this token: connect anew with another one."))
    if status == 422:
        return hub.Refused("code", "Payroll does not have a code that was sent: map the hours to one that it has.")
    return hub.NotExecuted(hub.Transient("Somebody changed these hours just now: run the export again."))


# -- the provider -----------------------------------------------------------------------------------------------------


class PutsThePeriodPosting:
    """Reads the hours of a month, and puts them back with ours beside them."""

    def __init__(self, http: hub.Http, settings: PutsThePeriodSettings) -> None:
        self._http, self._url = http, settings.url
        self._headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}

    def call(self, shape: type[Shape], method: str, path: str, body: bytes = b"", version: int = 0) -> Shape:
        """Send one request, once, and return its answer in its shape."""
        more: Any = {"headers": {**self._headers, "If-Match": str(version)}, "accept": ("application/json",)}
        answer = self._http.request(method, self._url + path, body=body, statuses=(200, 401, 412, 422), **more)
        content = answer.read()
        if answer.status != 200:
            raise error_of(answer.status)
        try:
            return shape.model_validate_json(content)
        except ValidationError:
            pass  # raised below, so that what pydantic quotes does not come along
        raise hub.ContractError("An answer of payroll is not as agreed: the author of this plugin must look why.")

    def read(self, slot: hub.Slot) -> tuple[hub.PostedEntry, ...]:
        """Return the hours of a person in a month."""
        return self.call(Month, "GET", path_of(slot)).posted()

    def post(self, entry: hub.Entry, key: str) -> hub.PostedEntry:
        """Never be called: the hub puts the month."""
        raise NotImplementedError

    def put(
        self, slot: hub.Slot, before: tuple[hub.PostedEntry, ...], entries: tuple[hub.Entry, ...], key: str
    ) -> tuple[hub.PostedEntry, ...]:
        """Put what is there, with all that the hub does not know of it, and ours after it."""
        found = self.call(Month, "GET", path_of(slot))
        if set(found.posted()) != set(before):
            raise error_of(412)
        ours = [{"code": one.code, "hours": str(Decimal(one.amount).scaleb(-2))} for one in entries]
        body = json.dumps({"lines": [*found.model_dump(mode="json")["lines"], *ours]}).encode()
        return self.call(Month, "PUT", path_of(slot), body, found.version).posted()[len(before) :]


def path_of(slot: hub.Slot) -> str:
    """Return where the hours of a slot are."""
    return f"/people/{slot.employee}/{slot.period.start:%Y-%m}"


class PutsThePeriodProvider(hub.Provider):
    """Periodeloon."""

    name, title = "puts_the_period", "Periodeloon"
    hosts = ("api.periodeloon.example",)
    Settings = PutsThePeriodSettings
    capabilities: ClassVar[Mapping[hub.Capability, hub.Support]] = dict.fromkeys(
        (hub.Capability.SYNC_WORKFORCE, hub.Capability.READ_BACK, hub.Capability.POST_HOURS, hub.Capability.PUT),
        hub.Support.FULL,
    )

    @cached_property
    def _posting(self) -> PutsThePeriodPosting:
        return PutsThePeriodPosting(self.http, self.settings)

    @hub.hookimpl
    def activate(self, request: hub.ActivateRequest) -> hub.Activation:
        """Say which company the token reaches."""
        one = self._posting.call(Company, "GET", "/company")
        codes = tuple(hub.Code(kind=hub.Kind.HOURS, code=code) for code in one.codes)
        return hub.Activation(administrations=(hub.Administration(id="A", name=one.name, codes=codes),))

    @hub.hookimpl
    def sync_workforce(self, request: hub.SyncRequest) -> hub.Workforce:
        """Read everybody, in one answer."""
        return hub.Workforce(employees=tuple(map(employee, self._posting.call(Company, "GET", "/company").people)))

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


class PutsThePeriodSimulator(Simulator):
    """Periodeloon on this machine. A line that is put with its id keeps it, one without gets one, others are gone."""

    own_faults = frozenset({"id-0"})
    operations = frozenset({"company", "read", "post", "unknown"})

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.months: dict[str, dict[str, Any]] = {}
        self._last = 0
        self._writing = threading.Lock()

    def connect_settings(self) -> dict[str, str]:
        """Return what a company types to connect."""
        return {"url": self.url, "token": "made-up-token-of-periodeloon"}

    def details(self) -> dict[str, Any]:
        """Return the lines that it holds."""
        return {"rows": [{"path": path, **one} for path, month in self.months.items() for one in month["lines"]]}

    def route(self, request: Request) -> tuple[str, Handler]:
        """Return the operation that is asked for."""
        month = self.months.get(request.path, {"version": 0, "lines": []})
        if request.headers.get("authorization") != f"Bearer {self.connect_settings()['token']}":
            return "unknown", lambda _: reply(401)
        if request.path == "/company":
            people = [person(one + 1) for one in range(self.employees)]
            return "company", lambda _: reply(name="De Linde", codes=CODES, people=people)
        if request.method == "GET":
            return "read", lambda _: reply(**month)
        return "post", partial(self._put, request, json.loads(request.body)["lines"])

    def _put(self, request: Request, lines: list[dict[str, Any]], fault: str) -> Reply:
        with self._writing:
            version = self.months.get(request.path, {"version": 0})["version"]
            if request.headers["if-match"] != str(version):
                return reply(412)
            if any(one["code"] not in CODES for one in lines):
                return reply(422)
            self.months[request.path] = {"version": version + 1, "lines": list(map(self._numbered, lines))}
            return reply(version=1, lines=[{**lines[-1], "id": 0}]) if fault else reply(**self.months[request.path])

    def _numbered(self, line: dict[str, Any]) -> dict[str, Any]:
        self._last += "id" not in line
        return {"id": self._last, **line}


def person(number: int) -> dict[str, str]:
    """Return a made-up person."""
    return {"id": f"P{number}", "email": f"zandstra.{number}@example.com", "since": "2024-01-01"}


def reply(status: int = 200, **content: object) -> Reply:
    """Return an answer in JSON."""
    return Reply(json.dumps(content).encode(), status=status)
