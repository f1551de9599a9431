"""Sleutelpay, made up: a REST API where a row that is posted again under its idempotency key is not added twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

import hub
from hub.testing.simulator import Handler, Reply, Request, Simulator

REFUSALS = {
    "code": "Payroll does not have this code: map the hours to one that it has.",
    "person": "Payroll does not know this person: read the people again and link this one anew.",
}


class WithKeysSettings(hub.ProviderSettings):
    """The key of one company, and where the API is."""

    api_key: SecretStr = Field(
        title="API key / API-sleutel", description="Under Company, Links. / Bij Bedrijf, Koppelen."
    )
    url: str = Field("https://api.sleutelpay.example", title="Address / Adres", description="For tests. / Voor tests.")


# -- over the wire ----------------------------------------------------------------------------------------------------


class Wire(BaseModel):
    """Base of all answers: silent about values when it refuses them."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Company(Wire):
    """What a key reaches: `month` is the one that payroll is in, as its first day."""

    id: str
    name: str
    month: date
    codes: tuple[str, ...]


class Person(Wire):
    """Somebody on an on-call contract since a day."""

    id: str
    name: str
    email: str
    since: date


class Line(Wire):
    """Hours of a person in a month; nothing is there without an id."""

    id: int = Field(gt=0)
    code: str
    hours: Annotated[Decimal, Field(decimal_places=2)]

    def posted(self) -> hub.PostedEntry:
        """Return it in the words of the hub."""
        return hub.PostedEntry(id=str(self.id), kind=hub.Kind.HOURS, code=self.code, amount=int(self.hours.scaleb(2)))


class People(Wire):
    """Everybody."""

    people: tuple[Person, ...]


class Lines(Wire):
    """All hours of a person in a month."""

    lines: tuple[Line, ...]


class Failure(Wire):
    """Why nothing was done."""

    error: str


Shape = TypeVar("Shape", bound=Wire)


class Client:
    """The calls of one connection."""

    def __init__(self, http: hub.Http, settings: WithKeysSettings) -> None:
        self._http, self._url = http, settings.url
        self._headers = {"X-Api-Key": settings.api_key.get_secret_value(), "Content-Type": "application/json"}

    def call(self, shape: type[Shape], method: str, path: str, body: bytes = b"", key: str = "") -> Shape:
        """Send one request, once, and return its answer in its shape."""
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        answer = self._http.request(
            method, self._url + path, body=body, headers=headers, accept=("application/json",), statuses=(200, 401, 422)
        )
        if answer.status == 200:
            return parsed(shape, answer.read())
        reason = parsed(Failure, answer.read()).error
        if answer.status == 401:
            raise hub.NotExecuted(hub.AuthError("Payroll does not know this key: connect anew with another one."))
        if reason in REFUSALS:
            raise hub.Refused(reason, REFUSALS[reason])
        raise hub.ContractError("Payroll refused for a reason that is not known here: the author must add it.")


def parsed(shape: type[Shape], content: bytes) -> Shape:
    """Return an answer in its shape. Raises `ContractError`, which quotes nothing of it."""
    try:
        return shape.model_validate_json(content)
    except ValidationError:
        pass
    raise hub.ContractError("An answer of payroll is not as agreed: the author of this plugin must look why.")


# -- the provider -----------------------------------------------------------------------------------------------------


class WithKeysPosting:
    """Reads and posts hours."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, slot: hub.Slot) -> tuple[hub.PostedEntry, ...]:
        """Return the hours of a person in a month."""
        return tuple(one.posted() for one in self._client.call(Lines, "GET", path_of(slot)).lines)

    def post(self, entry: hub.Entry, key: str) -> hub.PostedEntry:
        """Add hours; under the same key it is the same row that is answered again."""
        body = json.dumps({"code": entry.code, "hours": str(Decimal(entry.amount).scaleb(-2))}).encode()
        return self._client.call(Line, "POST", path_of(entry.slot), body, key).posted()


def path_of(slot: hub.Slot) -> str:
    """Return where the hours of a slot are."""
    return f"/hours?person={slot.employee}&month={slot.period.start:%Y-%m}"


class WithKeysProvider(hub.Provider):
    """Sleutelpay."""

    name, title = "with_keys", "Sleutelpay"
    hosts = ("api.sleutelpay.example",)
    Settings = WithKeysSettings
    capabilities: ClassVar[Mapping[hub.Capability, hub.Support]] = dict.fromkeys(
        (hub.Capability.SYNC_WORKFORCE, hub.Capability.READ_BACK, hub.Capability.POST_HOURS, hub.Capability.IDEMPOTENT),
        hub.Support.FULL,
    )

    @cached_property
    def _client(self) -> Client:
        return Client(self.http, self.settings)

    @hub.hookimpl
    def activate(self, request: hub.ActivateRequest) -> hub.Activation:
        """Say which company the key reaches."""
        one = self._client.call(Company, "GET", "/company")
        month = {"period_type": hub.PeriodType.MONTH, "current_year": one.month.year, "current_number": one.month.month}
        codes = tuple(hub.Code(kind=hub.Kind.HOURS, code=code) for code in one.codes)
        return hub.Activation(administrations=(hub.Administration(id=one.id, name=one.name, codes=codes, **month),))

    @hub.hookimpl
    def sync_workforce(self, request: hub.SyncRequest) -> hub.Workforce:
        """Read everybody, in one answer."""
        people = self._client.call(People, "GET", "/people").people
        return hub.Workforce(employees=tuple(employee(one, request.administrations[0]) for one in people))

    @hub.hookimpl
    def export_timecards(self, request: hub.ExportRequest) -> hub.Posting:
        """Open the place where hours go."""
        return WithKeysPosting(self._client)


def employee(one: Person, administration: str) -> hub.Employee:
    """Return a person in the words of the hub."""
    contract = hub.Contract(id=one.id, start=one.since, type=hub.ContractType.ZERO_HOURS)
    who = {"id": one.id, "last_name": one.name, "email": one.email, "starts": one.since}
    return hub.Employee(administration=administration, contracts=(contract,), **who)


# -- the simulator ----------------------------------------------------------------------------------------------------


class WithKeysSimulator(Simulator):
    """Sleutelpay on this machine: company A, and hours that it keeps with the key under which they came."""

    own_faults = frozenset({"id-0"})
    operations = frozenset({"company", "people", "read", "post", "unknown"})

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._rows: dict[str, dict[str, Any]] = {}
        self._writing = threading.Lock()

    def connect_settings(self) -> dict[str, str]:
        """Return what a company types to connect."""
        return {"url": self.url, "api_key": "made-up-key-of-sleutelpay"}

    def details(self) -> dict[str, Any]:
        """Return the hours that it holds."""
        return {"rows": list(self._rows.values())}

    def route(self, request: Request) -> tuple[str, Handler]:
        """Return the operation that is asked for."""
        slot = dict(parse_qsl(request.query))
        if request.headers.get("x-api-key") != self.connect_settings()["api_key"]:
            return "unknown", lambda _: reply(401, error="key")
        match request.method, request.path:
            case "GET", "/company":
                return "company", lambda _: reply(id="A", name="De Linde", month="2026-10-01", codes=["100", "150"])
            case "GET", "/people":
                return "people", lambda _: reply(people=[person(one + 1) for one in range(self.employees)])
            case "GET", "/hours":
                rows = [one for one in self._rows.values() if slot.items() <= one.items()]
                return "read", lambda _: reply(lines=rows)
        return "post", partial(self._post, {**slot, **json.loads(request.body)}, request.headers["idempotency-key"])

    def _post(self, row: dict[str, Any], key: str, fault: str) -> Reply:
        if row["code"] not in ("100", "150"):
            return reply(422, error="code")
        with self._writing:
            kept = self._rows.setdefault(key, {**row, "id": len(self._rows) + 1})
        return reply(**{**kept, "id": 0} if fault else kept)


def person(number: int) -> dict[str, str]:
    """Return a made-up person."""
    return {"id": f"P{number}", "name": f"Zandstra-{number}", "email": f"z{number}@example.com", "since": "2024-01-01"}


def reply(status: int = 200, **content: object) -> Reply:
    """Return an answer in JSON."""
    return Reply(json.dumps(content).encode(), status=status)
