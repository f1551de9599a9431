"""A small provider that keeps every rule: a payroll over JSON, with pages, rights and rows that have ids."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from broken_providers.simulator import CODES, GoodSimulator
from hub import (
    ActivateRequest,
    Activation,
    Administration,
    AuthError,
    Capability,
    Code,
    ContractError,
    Employee,
    Entry,
    ExportRequest,
    Finding,
    Http,
    HubError,
    Kind,
    NotExecuted,
    PeriodType,
    PermissionMissing,
    PostedEntry,
    Posting,
    Provider,
    ProviderSettings,
    Refused,
    Right,
    RightState,
    Severity,
    Slot,
    Support,
    SyncRequest,
    UnknownOutcome,
    ValidateRequest,
    Workforce,
    hookimpl,
)
from hub.testing.conformance import ProviderConformance
from hub.testing.simulator import Simulator


class GoodSettings(ProviderSettings):
    """Where the payroll is, and the token of the login."""

    url: str = Field(
        default="https://api.good.example",
        title="Address / Adres",
        description="Where the API is. / Waar de API staat.",
    )
    token: SecretStr = Field(
        title="Token / Token", description="Under My profile, API. / Te vinden onder Mijn profiel, API."
    )


class Api:
    """Calls to the payroll: what it answers for certain is told as an error of the hub."""

    def __init__(self, http: Http, settings: GoodSettings) -> None:
        self.http = http
        self.settings = settings

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request once and return the JSON of its answer."""
        answer = self.http.request(
            method,
            f"{self.settings.url}{path}",
            body=b"" if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.settings.token.get_secret_value()}"},
            accept=("application/json",),
            statuses=(200, 401, 402, 403, 422),
        )
        return self.judged(answer.status, self.parsed(answer.read()))

    def parsed(self, content: bytes) -> Any:
        """Return the JSON of an answer. Raises `ContractError`."""
        try:
            return json.loads(content, parse_float=Decimal)
        except ValueError:
            pass
        raise ContractError("The payroll answered with what is no JSON: its author must mend it.")

    def judged(self, status: int, found: Any) -> Any:
        """Return an answer that is good. Raises what the others mean."""
        if status == 401:
            raise AuthError("The payroll does not know this token: reconnect with another one.")
        if status == 403:
            raise PermissionMissing("The login lacks a right: switch it on.", right=found["right"])
        if status == 402:
            raise AuthError("The account is suspended: ask the administrator of the payroll to have it opened.")
        if status == 422:
            raise Refused(found["error"], "The payroll refuses this row: correct it.")
        return found

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request that changes something, once."""
        try:
            return self.call(method, path, body)
        except (AuthError, PermissionMissing) as error:
            raise NotExecuted(error) from None


class GoodPosting:
    """Adds, reads, changes and takes away rows."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Return the rows of a slot."""
        found = self.api.call("GET", f"/rows?employee={slot.employee}&period={slot.period.number}&kind={slot.kind}")
        return tuple(self.row(one) for one in found)

    def row(self, one: Mapping[str, Any]) -> PostedEntry:
        """Return a row in the words of the contract."""
        return PostedEntry(
            id=str(one["id"]), kind=one["kind"], code=one["code"], amount=int(Decimal(one["amount"]) * 100)
        )

    def post(self, entry: Entry, key: str) -> PostedEntry:
        """Add a row."""
        return self.proven(self.row(self.api.write("POST", "/rows", self.body(entry))))

    def proven(self, row: PostedEntry) -> PostedEntry:
        """Return a row that has an id."""
        if row.id == "0":
            raise UnknownOutcome("The payroll gave no id: look there whether it was done.")
        return row

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Change a row."""
        return self.row(self.api.write("PUT", f"/rows/{posted.id}", self.body(entry)))

    def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
        """Take a row away."""
        self.api.write("DELETE", f"/rows/{posted.id}")

    def body(self, entry: Entry) -> dict[str, Any]:
        """Return an entry in the words of the payroll."""
        slot = entry.slot
        where = {"employee": slot.employee, "period": slot.period.number, "kind": str(slot.kind)}
        return {**where, "code": entry.code, "amount": str(Decimal(entry.amount) / 100)}


class GoodProvider(Provider):
    """Good Payroll."""

    name = "good"
    title = "Good Payroll"
    hosts = ("api.good.example",)
    Settings = GoodSettings
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        Capability.SYNC_WORKFORCE: Support.FULL,
        Capability.READ_BACK: Support.FULL,
        Capability.POST_HOURS: Support.FULL,
        Capability.POST_WAGE: Support.FULL,
        Capability.POST_DAYS: Support.NOT_BUILT,
        Capability.REPLACE_HOURS: Support.FULL,
        Capability.WITHDRAW_HOURS: Support.FULL,
    }
    Api: ClassVar[type[Api]] = Api
    Posting: ClassVar[type[GoodPosting]] = GoodPosting

    @property
    def payroll(self) -> Api:
        """The calls of this connection."""
        return self.Api(self.http, self.settings)

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Ask which administration there is, and which rights the login has."""
        found = self.payroll.call("GET", "/administration")
        codes = tuple(Code(kind=Kind(kind), code=code) for kind, code in found["codes"])
        one = Administration(
            id=found["id"],
            name=found["name"],
            period_type=PeriodType.MONTH,
            current_year=2026,
            current_number=10,
            codes=codes,
        )
        rights = tuple(Right(name=name, state=RightState(state), grant="Tick it.") for name, state in found["rights"])
        return Activation(administrations=(one,), rights=rights)

    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Read all pages of people."""
        people: list[Mapping[str, Any]] = []
        page: int | None = 1
        while page:
            found = self.payroll.call("GET", f"/people?page={page}")
            people += self.news(people, found["people"])
            page = found["next"]
        return Workforce(employees=tuple(self.employee(one) for one in people))

    def news(self, known: list[Mapping[str, Any]], page: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the people of a page. Raises `ContractError` where the pages do not come to an end."""
        if known and page and known[-1]["id"] == page[-1]["id"]:
            raise ContractError("The payroll gives the same page again and again: its author must mend it.")
        return page

    def employee(self, one: Mapping[str, Any]) -> Employee:
        """Return a person in the words of the contract."""
        who = {"id": one["id"], "last_name": one["name"], "email": one["email"]}
        return Employee(administration="A", starts=self.day(one["starts"]), ends=self.day(one["ends"]), **who)

    def day(self, text: str | None) -> str | None:
        """Return a date; None for the one that the payroll writes where there is none."""
        return None if text == "0001-01-01" else text

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Find codes that the payroll does not have."""
        known = {code.code for code in request.administration.codes}
        return tuple(
            Finding(code="unknown_code", severity=Severity.BLOCK, text="No such code.", action="Choose another one.")
            for entry in request.entries
            if entry.code not in known
        )

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Posting:
        """Open the place where rows go."""
        return self.Posting(self.payroll)


class GoodConformance(ProviderConformance):
    """The conformance of the good provider, and of those that are made from it."""

    provider = GoodProvider
    remote = GoodSimulator
    without_right: ClassVar[Mapping[str, Any]] = {"denied": "people.read"}
    patience = 0.1
    leavers: ClassVar[Mapping[str, date]] = {"e3": date(2026, 3, 31)}
    rehired: ClassVar[Mapping[str, date]] = {"e4": date(2026, 6, 1)}
    undated = ("e5",)
    suspended = "suspended"
    refusals = ("closed", "blocked")

    def typed_by_a_clerk(self, remote: Simulator, slot: Slot) -> None:
        """Type a row in, with a remark."""
        assert isinstance(remote, GoodSimulator)
        code = next(code for kind, code in CODES if kind == slot.kind)
        remote.type_in(slot.employee, slot.period.number, slot.kind, code)


__all__ = ["Api", "GoodConformance", "GoodPosting", "GoodProvider", "GoodSettings", "HubError", "UnknownOutcome"]
