"""The simulator of Good Payroll: one administration, pages of ten people, and rows."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from hub.testing.simulator import Handler, Reply, Request, Simulator

TOKEN = "good-token-4711-very-secret"
CODES = (("hours", "100"), ("hours", "150"), ("wage", "300"))
PAGE = 10


class GoodSimulator(Simulator):
    """Good Payroll on this machine; `denied` is the name of a right that the login has not."""

    own_faults = frozenset({"id-0", "endless-pages", "suspended", "closed", "blocked", "not-ready"})
    operations = frozenset({"administration", "people", "read", "post", "replace", "withdraw", "unknown"})

    def __init__(self, *, denied: str = "", **more: Any) -> None:
        super().__init__(**more)
        self._denied = denied
        self._rows: dict[int, dict[str, Any]] = {}
        self._last = 0
        self._keys: dict[str, int] = {}

    def connect_settings(self) -> dict[str, str]:
        return {"url": self.url, "token": TOKEN}

    def details(self) -> dict[str, Any]:
        return {"rows": list(self._rows.values())}

    def type_in(self, employee: str, period: int, kind: str, code: str) -> None:
        """Add a row as a clerk does, with what the hub knows nothing of."""
        slot = {"employee": employee, "period": period, "kind": kind}
        self._last += 1
        self._rows[self._last] = {**slot, "code": code, "amount": "3", "id": self._last, "remark": "by the clerk"}

    def route(self, request: Request) -> tuple[str, Handler]:
        name, _, row = request.path.strip("/").partition("/")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return "unknown", lambda _: _json({"error": "token"}, 401)
        asked = dict(parse_qsl(request.query))
        body = json.loads(request.body or b"{}")
        match request.method, name:
            case "GET", "administration":
                return "administration", self._administration
            case "GET", "people":
                return "people", partial(self._people, int(asked["page"]))
            case "GET", "rows":
                rows = [one for one in self._rows.values() if asked.items() <= _words(one)]
                return "read", lambda fault: _json(rows[:-1] if fault else rows)
            case "POST", "rows":
                return "post", partial(self._write, body, self._keys.get(asked.get("key", ""), 0), asked.get("key", ""))
            case "PUT", "rows":
                return "replace", partial(self._write, body, int(row), "")
            case "DELETE", "rows":
                return "withdraw", lambda _: _json({"withdrawn": self._rows.pop(int(row))["id"]})
        return "unknown", lambda _: _json({}, 422)

    def _administration(self, fault: str) -> Reply:
        if fault:
            return _json({}, 402)
        state = "missing" if self._denied else "granted"
        return _json({"id": "A", "name": "The one", "codes": CODES, "rights": [("people.read", state)]})

    def _people(self, page: int, fault: str) -> Reply:
        if self._denied:
            return _json({"right": self._denied}, 403)
        if fault:
            return _json({"people": [self._person(1)], "next": page + 1})
        shown = [self._person(number) for number in range(1, self.employees + 1)][(page - 1) * PAGE : page * PAGE]
        return _json({"people": shown, "next": page + 1 if page * PAGE < self.employees else None})

    def _person(self, number: int) -> dict[str, Any]:
        ends = "2026-03-31" if number % 3 == 0 else None
        return {
            "id": f"e{number}",
            "name": f"Tolsma-{number}",
            "email": f"tolsma{number}@example.nl",
            "starts": {4: "2026-06-01", 5: "0001-01-01"}.get(number, "2020-01-01"),
            "ends": ends,
            "before": {"starts": "2021-02-01", "ends": "2026-03-31"} if number == 4 else None,
        }

    def _write(self, body: dict[str, Any], number: int, key: str, fault: str) -> Reply:
        if (body["kind"], body["code"]) not in CODES:
            return _json({"error": "code"}, 422)
        if fault in ("closed", "blocked"):
            return _json({"error": fault}, 422)
        if not number:
            self._last += 1
        self._keys[key] = (number or self._last) if key else 0
        row = self._rows[number or self._last] = {**body, "id": number or self._last}
        return _json({**row, "id": 0} if fault else row)


def _words(row: dict[str, Any]) -> Any:
    return {name: str(value) for name, value in row.items()}.items()


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(value).encode(), status=status)
