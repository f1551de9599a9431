"""The simulator of Nmbrs: its switches, its three services, and what it tells of its state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from hub.testing.simulator import Handler, Reply, Request, Simulator
from hub_nmbrs.schema import Service
from hub_nmbrs.schema_wsdl import SERVICES, wsdl
from hub_nmbrs.simulator import components, days, directory, workforce
from hub_nmbrs.simulator.desk import Desk, Handlers, Rules
from hub_nmbrs.simulator.dispatch import Call, speaks_soap, understand, version_of
from hub_nmbrs.simulator.envelope import CONTENT_TYPES, wrap, wrap_fault
from hub_nmbrs.simulator.ledger import Ledger, Row
from hub_nmbrs.simulator.login import authenticate, check_names, is_denied
from hub_nmbrs.simulator.periods import following
from hub_nmbrs.simulator.reading import read
from hub_nmbrs.simulator.refusals import TITLES, Refusal, refusal
from hub_nmbrs.simulator.throttle import Throttle
from hub_nmbrs.simulator.world import COMPANIES, EMAIL, TOKEN, Company, World
from hub_nmbrs.simulator.writing import response

HANDLERS: Mapping[str, Handlers] = {
    "EmployeeService": {
        **components.HANDLERS,
        **days.HANDLERS,
        **workforce.HANDLERS,
        **directory.EMPLOYEE_HANDLERS,
    },
    "CompanyService": directory.COMPANY_HANDLERS,
    "DebtorService": directory.DEBTOR_HANDLERS,
}
"""What carries out each operation of each service."""

_SERVICE_AT = {service.path.lower(): service for service in SERVICES}
_FAULT = "fault-"
_ID_0 = "id-0"


class NmbrsSimulator(Simulator):
    """Nmbrs on this machine; the first five arguments are those of every simulator.

    `denied` are calls that the login has not (1002), as `Operation` or `Service.Operation`; `invisible` are ids of
    companies that it may not see; `declared` are (company, year, number) whose wage tax declaration was sent (2012).
    `protected_fault` answers a change before the current period: 2011 or 9999. `unknown_id_fault` answers an unknown
    component: None is false when deleting and 2046 when updating. `update_makes_new_id`: an update deletes and
    inserts. `contract_item` names the items of the contract list. Periods are spelled `2026-3-M` and `2026-11-4W`, or
    with `padded_periods` `2026-03-M` and with `letter_first_periods` `2026-11-W4`. `throttle` slows what is too fast.
    Faults of its own: `fault-9999` and the other known codes refuse instead of doing; `id-0` does, but answers id 0.
    """

    own_faults: ClassVar[frozenset[str]] = frozenset({_ID_0, *(f"{_FAULT}{code}" for code in TITLES)})
    operations: ClassVar[frozenset[str]] = frozenset({"WSDL", *(name for names in HANDLERS.values() for name in names)})

    def __init__(
        self,
        *,
        port: int = 0,
        employees: int = 40,
        seed: int = 1,
        latency_ms: float = 0,
        faults: Sequence[str] = (),
        denied: Collection[str] = (),
        invisible: Collection[int] = (),
        declared: Collection[tuple[int, int, int]] = (),
        protected_fault: int = 2011,
        unknown_id_fault: int | None = None,
        update_makes_new_id: bool = False,
        contract_item: str = "EmployeeContractItemGlobal",
        padded_periods: bool = False,
        letter_first_periods: bool = False,
        throttle: Throttle | None = None,
        companies: Sequence[Company] = COMPANIES,
    ) -> None:
        super().__init__(port=port, employees=employees, seed=seed, latency_ms=latency_ms, faults=faults)
        check_names(denied)
        rules = Rules(
            denied=frozenset(denied),
            invisible=frozenset(invisible),
            declared=frozenset(declared),
            protected_fault=protected_fault,
            unknown_id_fault=unknown_id_fault,
            update_makes_new_id=update_makes_new_id,
            contract_item=contract_item,
            padded_periods=padded_periods,
            letter_first_periods=letter_first_periods,
        )
        self.desk = Desk(World(employees, seed, companies), Ledger(), rules)
        self._throttle = throttle or Throttle()
        self._written: dict[tuple[str, int, str], bytes] = {}

    def connect_settings(self) -> dict[str, str]:
        """Return the address and the login; the domain is not typed, `Environment_Get` tells it."""
        return {"endpoint": self.url, "email": EMAIL, "token": TOKEN}

    def close_period(self, company: int) -> None:
        """Make the next period the current one, as payroll does once it has run a period."""
        current = self.desk.world.current[company]
        self.desk.world.current[company] = following(self.desk.world.companies[company].period_type, current)

    def details(self) -> dict[str, Any]:
        """Return `rows`, every row that was posted, and `totals` per `employee number/kind/code`."""
        rows = sorted((self._row(row) for row in self.desk.ledger.everything()), key=_place)
        totals: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            totals[f"{row['employee_number']}/{row['kind']}/{row['code']}"] += Decimal(row["amount"])
        return {"rows": rows, "totals": {key: str(total) for key, total in totals.items()}}

    def route(self, request: Request) -> tuple[str, Handler]:
        """Return the operation of a call, or what tells about the services."""
        service = _SERVICE_AT.get(request.path.lower())
        if service is None:
            return "unknown path", lambda _: Reply(b"There is no service here.", "text/plain", 404)
        if request.method == "GET":
            return self._about(service, request)
        if request.method != "POST" or not speaks_soap(request):
            return "unknown request", lambda _: Reply(b"Post SOAP to this address.", "text/plain", 415)
        version = version_of(request)
        try:
            call = understand(service, request, self.depart)
        except Refusal as refused:
            reply = _fault(version, refused)
            return "unreadable call", lambda _: reply
        return call.operation.name, partial(self._answer, call)

    def _about(self, service: Service, request: Request) -> tuple[str, Handler]:
        if request.query.lower().partition("&")[0] in ("wsdl", "singlewsdl"):
            text = wsdl(service, service.operations, self.url + service.path)
            return "WSDL", lambda _: Reply(text.encode(), "text/xml; charset=utf-8")
        names = "\n".join(service.operation)
        return "help", lambda _: Reply(names.encode(), "text/plain; charset=utf-8")

    def _answer(self, call: Call, own_fault: str) -> Reply:
        delay = self._throttle.delay()
        version = call.envelope.version
        try:
            return Reply(self._carried_out(call, own_fault), CONTENT_TYPES[version], delay=delay)
        except Refusal as refused:
            return _fault(version, refused, delay)

    def _carried_out(self, call: Call, own_fault: str) -> bytes:
        """Carry a call out and return its answer; raises `Refusal`."""
        service, operation = call.service, call.operation

        def note(text: str) -> None:
            self.depart(f"{operation.name}: {text}")

        if own_fault.startswith(_FAULT):
            raise refusal(int(own_fault.removeprefix(_FAULT)))
        values = read(service, operation.request, call.envelope.content, note)
        authenticate(service, operation, call.envelope, note)
        if is_denied(service, operation, self.desk.rules.denied):
            raise refusal(1002)
        if operation.name in workforce.HANDLERS:
            return self._company_wide(call, values["CompanyID"])
        result = HANDLERS[service.name][operation.name](self.desk, values)
        return _written(call, 0 if own_fault == _ID_0 and _is_id(result) else result)

    def _company_wide(self, call: Call, company: int) -> bytes:
        """Return the answer for all people of a company, which is written once and kept."""
        key = (call.operation.name, company, call.envelope.version)
        if key not in self._written:
            result = workforce.HANDLERS[call.operation.name](self.desk, {"CompanyID": company})
            self._written[key] = _written(call, result)
        return self._written[key]

    def _row(self, row: Row) -> dict[str, Any]:
        person = self.desk.world.people[row.employee]
        company = self.desk.world.company_of(person)
        codes = {centre.id: centre.code for centre in company.cost_centres}
        return {
            "company": company.id,
            "employee": person.id,
            "employee_number": person.number,
            "name": str(person.name),
            "kind": row.kind,
            "code": row.code,
            "cost_centre": None if row.cost_centre is None else codes[row.cost_centre],
            "amount": str(row.amount),
            "comment": row.comment,
            "year": row.period.year,
            "period": row.period.number,
            "id": row.id,
        }


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["employee_number"], row["kind"], row["year"], row["period"], row["id"]


def _is_id(result: object) -> bool:
    return isinstance(result, int) and not isinstance(result, bool)


def _written(call: Call, result: object) -> bytes:
    return wrap(call.envelope.version, response(call.service, call.operation, result))


def _fault(version: str, refused: Refusal, delay: float = 0.0) -> Reply:
    return Reply(wrap_fault(version, refused), CONTENT_TYPES[version], 500, delay)
