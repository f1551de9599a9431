"""Loonloket, made up: a REST API with pages, and a log-in by OAuth whose refresh token serves once."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property, partial
from secrets import token_hex
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import Field, SecretStr

import hub
from hub.testing.simulator import Handler, Reply, Request, Simulator


class PagedOauthSettings(hub.ProviderSettings):
    """The client of the host platform at Loonloket, and where that is."""

    client_id: str = Field(title="Client / Client", description="Of the host platform. / Van het planplatform.")
    client_secret: SecretStr = Field(title="Secret / Geheim", description="Of that client. / Van die client.")
    refresh_token: SecretStr | None = Field(None, title="Log-in / Login", description="Leave empty. / Leeg laten.")
    url: str = Field("https://api.loonloket.example", title="Address / Adres", description="For tests. / Voor tests.")


class PagedOauthPosting:
    """The calls of one connection, which logs in once and renews its refresh token then; reads and posts hours."""

    def __init__(self, provider: hub.Provider) -> None:
        self._http, self._settings, self._renewing = provider.http, provider.settings, provider.renewing
        self._headers: dict[str, str] = {}
        self._lock = threading.Lock()

    def log_in(self, code: str = "") -> None:
        """Get tokens for what came back from a person's log-in, or else for the refresh token."""
        secret = self._settings.client_secret.get_secret_value()
        login = {"client_id": self._settings.client_id, "client_secret": secret}
        with self._renewing("refresh_token") as token:
            grant = {"code": code} if code else {"refresh_token": token.value}
            found = self._send("POST", "/token", urlencode({**login, **grant}).encode())
            token.value = found["refresh_token"]
        self._headers = {"Authorization": f"Bearer {found['access_token']}"}

    def call(self, method: str, path: str, body: bytes = b"") -> Any:
        """Send one request, once, and return the JSON of its answer; what is none the hub takes for malformed."""
        with self._lock:
            if not self._headers:
                self.log_in()
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: bytes) -> Any:
        more: Any = {"headers": self._headers, "accept": ("application/json",), "statuses": (200, 401, 403, 422)}
        answer = self._http.request(method, self._settings.url + path, body=body, **more)
        if answer.status == 401:
            raise hub.NotExecuted(hub.AuthError("Payroll does not take this log-in any more: log in there again."))
        if answer.status == 403:
            raise hub.NotExecuted(hub.PermissionMissing("Hours may not be posted: tick that right.", right="hours"))
        if answer.status == 422:
            raise hub.Refused("code", "Payroll does not have this code: map the hours to one that it has.")
        return json.loads(answer.read())

    def read(self, slot: hub.Slot) -> tuple[hub.PostedEntry, ...]:
        """Return the hours of a person in a month."""
        return tuple(map(posted, self.call("GET", path_of(slot))["lines"]))

    def post(self, entry: hub.Entry, key: str) -> hub.PostedEntry:
        """Add hours."""
        body = json.dumps({"code": entry.code, "hours": str(Decimal(entry.amount).scaleb(-2))}).encode()
        return posted(self.call("POST", path_of(entry.slot), body))


def path_of(slot: hub.Slot) -> str:
    """Return where the hours of a slot are."""
    return f"/hours?person={slot.employee}&month={slot.period.start:%Y-%m}"


def posted(one: Mapping[str, Any]) -> hub.PostedEntry:
    """Return hours in the words of the hub; nothing is there without an id."""
    if not one["id"]:
        raise hub.ContractError("Payroll gave no id: the author of this plugin must look why.")
    amount = int(Decimal(one["hours"]).scaleb(2))
    return hub.PostedEntry(id=str(one["id"]), kind=hub.Kind.HOURS, code=one["code"], amount=amount)


class PagedOauthProvider(hub.Provider):
    """Loonloket."""

    name, title = "paged_oauth", "Loonloket"
    hosts = ("api.loonloket.example",)
    Settings = PagedOauthSettings
    capabilities: ClassVar[Mapping[hub.Capability, hub.Support]] = dict.fromkeys(
        (hub.Capability.SYNC_WORKFORCE, hub.Capability.READ_BACK, hub.Capability.POST_HOURS), hub.Support.FULL
    )

    @cached_property
    def _posting(self) -> PagedOauthPosting:
        return PagedOauthPosting(self)

    @hub.hookimpl
    def activate(self, request: hub.ActivateRequest) -> hub.Activation | hub.Redirect:
        """Have a person log in, unless somebody did; then say what that reaches."""
        if request.returned:
            self._posting.log_in(request.returned.get("code", ""))
        elif not self.settings.refresh_token:
            asked = {"client_id": self.settings.client_id, "state": token_hex()}
            return hub.Redirect(url=f"{self.settings.url}/authorize?{urlencode(asked)}", state=asked["state"])
        one = self._posting.call("GET", "/company")
        codes = tuple(hub.Code(kind=hub.Kind.HOURS, code=code) for code in one["codes"])
        right = hub.Right(name="hours", state=hub.RightState(one["hours"]), grant="Log in again and tick hours.")
        administration = hub.Administration(id="A", name=one["name"], codes=codes)
        return hub.Activation(administrations=(administration,), rights=(right,))

    @hub.hookimpl
    def sync_workforce(self, request: hub.SyncRequest) -> hub.Workforce:
        """Read all pages."""
        people, after = list[Mapping[str, Any]](), ""
        while after is not None:
            before, page = after, self._posting.call("GET", f"/people?after={after}")
            people += page["people"]
            after = page["after"]
            if after is not None and after <= before:
                raise hub.ContractError("Payroll gives the same page again: the author of this plugin must look why.")
        return hub.Workforce(employees=tuple(map(employee, people)))

    @hub.hookimpl
    def export_timecards(self, request: hub.ExportRequest) -> hub.Posting:
        """Open the place where hours go."""
        return self._posting


def employee(one: Mapping[str, Any]) -> hub.Employee:
    """Return a person in the words of the hub."""
    contract = hub.Contract(id=one["id"], start=one["since"], type=hub.ContractType.ZERO_HOURS)
    return hub.Employee(
        id=one["id"], administration="A", email=one["email"], starts=one["since"], contracts=(contract,)
    )


CODES, PAGE, SINCE = ("100", "150"), 50, "2024-01-01"


class PagedOauthSimulator(Simulator):
    """Loonloket on this machine. A refresh token that comes twice ends all log-ins: a thief may have it."""

    own_faults = frozenset({"id-0", "endless-pages"})

    def __init__(self, *, may: str = "granted", **more: Any) -> None:
        super().__init__(**more)
        self._may, self._good, self._rows = may, set[str](), list[dict[str, Any]]()
        self._writing = threading.Lock()

    def connect_settings(self) -> dict[str, str]:
        """Return what a company types to connect."""
        return {"url": self.url, "client_id": "host", "client_secret": "made-up-secret-of-loonloket"}

    def details(self) -> dict[str, Any]:
        """Return the hours that it holds."""
        return {"rows": list(self._rows)}

    def log_in(self, url: str) -> dict[str, str]:
        """Be the person who logs in at an address, and return what comes back."""
        self._good.add(code := token_hex())
        return {"code": code, "state": dict(parse_qsl(urlsplit(url).query))["state"]}

    def route(self, request: Request) -> tuple[str, Handler]:
        """Return the operation that is asked for."""
        asked = dict(parse_qsl(request.query))
        if request.path == "/token":
            return "token", partial(self._token, dict(parse_qsl(request.body.decode())))
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._good:
            return "unknown", lambda _: reply(401)
        if request.path == "/company":
            return "company", lambda _: reply(name="De Linde", codes=CODES, hours=self._may)
        if request.path == "/people":
            return "people", partial(self._people, int(asked.get("after", "0")))
        if request.method == "GET":
            return "read", lambda _: reply(lines=[one for one in self._rows if asked.items() <= one.items()])
        if self._may != "granted":
            return "post", lambda _: reply(403)
        return "post", partial(self._post, {**asked, **json.loads(request.body)})

    def _token(self, form: dict[str, str], fault: str) -> Reply:
        offered = {form.get("code") or form.get("refresh_token", "")}
        with self._writing:
            if form["client_secret"] != self.connect_settings()["client_secret"] or not offered <= self._good:
                self._good = set()
                return reply(401)
            new = {"access_token": token_hex(), "refresh_token": token_hex()}
            self._good = self._good - offered | {*new.values()}
        return reply(200, **new)

    def _people(self, after: int, fault: str) -> Reply:
        last = min(after + PAGE, self.employees)
        shown = [
            {"id": f"P{one}", "email": f"z{one}@example.com", "since": SINCE} for one in range(after + 1, last + 1)
        ]
        return reply(people=shown, after="1" if fault else f"{last:05}" if last < self.employees else None)

    def _post(self, row: dict[str, Any], fault: str) -> Reply:
        if row["code"] not in CODES:
            return reply(422)
        with self._writing:
            self._rows.append({**row, "id": len(self._rows) + 1})
            return reply(**{**self._rows[-1], "id": 0} if fault else self._rows[-1])


def reply(status: int = 200, **content: object) -> Reply:
    """Return an answer in JSON."""
    return Reply(json.dumps(content).encode(), status=status)
