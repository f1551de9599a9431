"""A request that needs a company's plugin, among 10,000 companies with 1 to 3 connections each, and with one alone.

The request validates a wage period over HTTP: it opens the connection with Nmbrs, of which two settings are secrets. On
the large database each request is of another company, taken at random, so that nearly every connection is opened anew;
on the small one it is always the same company, of which the connection is kept. The two take turns in one process, and
the medians count. Before that, many companies are opened once, so that all that is kept per company is
as full as it gets; the memory is what that and the requests add.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import uvicorn
from sqlalchemy import insert
from sqlmodel import Session

from benchmarks.report import Ratio, report, wants_json
from hub import Hub, Process
from hub.access import Scope, new_key
from hub.activation import open_connection, secret_place
from hub.api.app import make_app
from hub.api.serving import listening
from hub.models import Administration, Code, Kind, PeriodType
from hub.opened import LIMIT, connections_of
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Company, Connection, DataKey, Secret, WagePeriodSetting
from hub.vault import Vault

COMPANIES = 10_000
REQUESTS = 500
WARMING = 50
OPENED_BEFORE = 1_200
"""More than the hub keeps anything of: 256 connections, and what narrows the sessions of 1,000 companies."""

ALSO = ("horecalonen", "connexie")
BODY = Administration(
    id="1", name="The one", period_type=PeriodType.MONTH, codes=(Code(kind=Kind.HOURS, code="100", title="Worked"),)
).model_dump(mode="json")
OCTOBER = {"provider": "nmbrs", "administration": "1", "year": 2026, "number": 10}
Rows = dict[type[Any], list[dict[str, Any]]]


def opened(file: Path) -> Hub:
    """Open the hub on an SQLite file."""
    return Hub.open(Process(database_url=f"sqlite:///{file}"))


def fill(file: Path, companies: int) -> None:
    """Make companies with 1, 2 or 3 connections; each is connected with Nmbrs."""
    with opened(file) as hub, hub.store.everywhere() as session:
        for first in range(0, companies, 500):
            _insert(session, [_company(hub, number) for number in range(first, min(first + 500, companies))])


def _insert(session: Session, companies: list[Rows]) -> None:
    for table in companies[0]:
        session.execute(insert(table), [row for one in companies for row in one[table]])


def _company(hub: Hub, number: int) -> Rows:
    company, master = name(number), hub.store.master
    key = master.new_data_key(company, 1)
    vault = Vault(company, {1: master.unwrap(company, 1, key)})
    providers = ("nmbrs", *ALSO[: number % 3])
    secrets = {"email": f"payroll-{number}@example.test", "token": f"made-up-{number}"}
    return {
        Company: [{"id": company, "name": f"Company {number}"}],
        DataKey: [{"company_id": company, "version": 1, "wrapped": key}],
        Connection: [{"company_id": company, "provider": one} for one in providers],
        Secret: [
            {
                "company_id": company,
                "provider": "nmbrs",
                "name": one,
                "sealed": vault.seal(secret_place("nmbrs", one), text),
            }
            for one, text in secrets.items()
        ],
        AdministrationRow: [{"company_id": company, "provider": one, "id": "1", "body": BODY} for one in providers],
        WagePeriodSetting: [
            {"company_id": company, "provider": "nmbrs", "administration": "1", "contract_type": ""}
            | {"type": PeriodType.MONTH, "first_start": date(2026, 1, 1)}
        ],
    }


def name(number: int) -> str:
    """Return the id of a company."""
    return f"company-{number}"


@contextmanager
def served(hub: Hub) -> Iterator[str]:
    """Serve requests, and do no jobs beside them: of 10,000 companies those of the day would be measured instead."""
    server = uvicorn.Server(uvicorn.Config(make_app(hub), log_level="warning", access_log=False))
    listener, address = listening("127.0.0.1", 0)
    with listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield address
        server.should_exit = True
        thread.join(30)


class Host:
    """A host platform that validates over HTTP, of one company or of another one each time."""

    def __init__(self, stack: ExitStack, file: Path, companies: int) -> None:
        self.hub = stack.enter_context(opened(file))
        key = new_key(self.hub.store, "platform", [Scope.READ])
        headers = {"Authorization": f"Bearer {key}"}
        address = stack.enter_context(served(self.hub))
        self.client = stack.enter_context(httpx.Client(base_url=f"{address}/v1", headers=headers, timeout=60))
        self._chosen = _at_random(companies)

    def open_many(self) -> None:
        """Open the connections of many companies, one after the other."""
        for _ in range(OPENED_BEFORE):
            with open_connection(self.hub.store, self.hub.process, next(self._chosen), "nmbrs"):
                pass

    def milliseconds(self) -> float:
        """Return how long one request took."""
        company = next(self._chosen)
        began = time.perf_counter()
        answer = self.client.post(f"/companies/{company}/validations", json=OCTOBER)
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {answer.text}")
        return took


def _at_random(companies: int) -> Iterator[str]:
    dice = random.Random(7)  # noqa: S311 - the same companies in every run
    while True:
        yield name(dice.randrange(companies))


def measure() -> tuple[list[Ratio], list[str]]:
    """Measure both in one run; returns the ratios, and the times behind them."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sizes = {"one": 1, "many": COMPANIES}
        for which, size in sizes.items():
            subprocess.run([sys.executable, __file__, "fill", f"{folder}/{which}.db", str(size)], check=True)
        hosts = {which: Host(stack, Path(folder, f"{which}.db"), size) for which, size in sizes.items()}
        empty = _memory()
        hosts["many"].open_many()
        full = _memory()
        times = _turns(hosts)
        memory = _memory() - empty
        many = hosts["many"].hub
        kept = len(connections_of(many.store, many.process))
    medians = {which: median(each) for which, each in times.items()}
    notes = [f"{which}: median {median(each):.2f} ms of {len(each)} requests" for which, each in times.items()]
    notes.append(f"memory: what is kept of {OPENED_BEFORE:,} companies that were opened before, {full - empty:.0f} MB")
    return [
        Ratio("a request among 10,000 companies ÷ with one alone", medians["many"] / medians["one"], "<= 1.15"),
        Ratio("memory that all this adds, MB", memory, "<= 150"),
        Ratio("connections kept", kept, f"<= {LIMIT}"),
    ], notes


def _turns(hosts: dict[str, Host]) -> dict[str, list[float]]:
    """Let the hosts take turns; return their times."""
    times: dict[str, list[float]] = {which: [] for which in hosts}
    for turn in range(-WARMING, REQUESTS):
        for which, host in hosts.items():
            took = host.milliseconds()
            if turn >= 0:
                times[which].append(took)
    return times


def _memory() -> float:
    """Return the memory that this process holds now, in MB, from the kernel's own page."""
    held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(held.split()[1]) / 1024


if __name__ == "__main__":
    if len(sys.argv) == 4:
        fill(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        as_json = wants_json(__doc__)
        ratios, notes = measure()
        report("companies", ratios, as_json=as_json, notes=notes)
