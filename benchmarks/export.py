"""A run of 500 employees × 3 hour entries against the simulated Nmbrs, which answers after 50 ms; 8 calls in flight.

The whole of `hub.run`: journal, calls, closing check. `ideal` is the time of its calls with 8 always in flight and
nothing between them: one post per entry, and two reads per slot. The provider's own limit of 150 calls a second stays
on, in the hub and in the simulator, though 8 in flight could make 160: that alone makes the ideal 1.07 times as long.
The peer is bare zeep over httpx, synchronous or asynchronous, whichever costs less. It makes the same calls in the same
proportion, 8 in flight, to the same simulator, and keeps no journal. The simulator runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
from zeep import AsyncClient as ZeepAsyncClient
from zeep import Client as ZeepClient
from zeep.transports import AsyncTransport as ZeepAsyncTransport
from zeep.transports import Transport

from benchmarks.report import Ratio, report, wants_json
from hub import Booking, Calendar, Hub, PeriodType, Process, Scope
from hub.durations import AMSTERDAM
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Timecard, TimecardStatus, Unit
from hub_nmbrs.envelope import WSDL_FOLDER

EMPLOYEES, CODES = 500, {"worked": "2100", "surcharge:sunday": "5564", "surcharge:evening": "6050"}
COMPANY, PROVIDER, ADMINISTRATION = "large", "nmbrs", "3101"
LATENCY, IN_FLIGHT = 0.050, 8
CALLS = EMPLOYEES * (len(CODES) + 2)
IDEAL = CALLS / IN_FLIGHT * LATENCY
SIMULATED = 1400  # of every forty in turn, 15 plain ones work for administration 3101
PEERS = 120
NOON = datetime(2026, 10, 20, 12, tzinfo=AMSTERDAM)
NAMESPACE = "https://api.nmbrs.nl/soap/v3/EmployeeService"
Settings = Mapping[str, str]


@contextmanager
def simulator() -> Iterator[dict[str, str]]:
    """Run the simulator in a process of its own; yields the settings to connect with."""
    options = ["--port", "0", "--employees", str(SIMULATED), "--latency-ms", str(LATENCY * 1000)]
    command = [sys.executable, "-m", "hub_nmbrs.simulator", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = [(process.stdout.readline() if process.stdout else "").strip().partition("=") for _ in range(3)]
            yield {name: value for name, _, value in lines}
        finally:
            process.terminate()


# -- the hub ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What some calls cost: seconds on the wall, seconds of this process's CPU, and how many they were."""

    wall: float
    cpu: float
    calls: int

    @property
    def each(self) -> float:
        """Seconds of CPU per call."""
        return self.cpu / self.calls


@contextmanager
def released(settings: Settings) -> Iterator[tuple[Hub, int]]:
    """Make a company with its people, codes and timecards on a fresh SQLite file; yields a plan that is released."""
    with tempfile.TemporaryDirectory() as folder:
        process = Process(database_url=f"sqlite:///{Path(folder, 'hub.db')}", allow_loopback=True)
        with Hub.open(process, now=lambda: NOON) as hub:
            hub.add_company(COMPANY, "Large")
            hub.connect(COMPANY, PROVIDER, dict(settings))
            month = Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1))
            hub.set_wage_period(COMPANY, PROVIDER, ADMINISTRATION, month)
            for component, code in CODES.items():
                hub.map(COMPANY, PROVIDER, Booking(component, code))
            hub.apply_sync(COMPANY, hub.plan_sync(COMPANY, PROVIDER))
            hub.import_timecards(COMPANY, Reading(good=[card(number) for number in plain(EMPLOYEES)]))
            yield hub, _plan(hub)


def _plan(hub: Hub) -> int:
    groups = ("worked", "surcharges")
    plan = hub.plan(
        COMPANY, Scope(provider=PROVIDER, administration=ADMINISTRATION, year=2026, number=10, groups=groups)
    )
    if len(plan.lines) != EMPLOYEES * len(CODES):
        raise RuntimeError(f"{len(plan.lines)} entries are planned, not {EMPLOYEES * len(CODES)}")
    hub.release(COMPANY, plan.id, "Robin")
    return plan.id


def plain(count: int) -> Sequence[int]:
    """Return the numbers of employees of administration 3101 of whom nothing is irregular."""
    return [number for number in range(1, SIMULATED + 1, 2) if (number - 1) % 40 < 30][:count]


def card(number: int) -> Timecard:
    """Return a timecard of eight hours, of which three with surcharges: three entries."""
    start = datetime(2026, 10, 4, 14, tzinfo=AMSTERDAM)
    surcharges = {"surcharge:sunday": 120, "surcharge:evening": 60}
    return Timecard(
        id=f"T-{number}",
        member=f"nmbrs-{50000 + number}",
        date=start.date(),
        start=start,
        end=start + timedelta(hours=8),
        status=TimecardStatus.APPROVED,
        amounts=tuple(
            ComponentAmount(component=one, unit=Unit.MINUTES, amount=minutes) for one, minutes in surcharges.items()
        ),
    )


def measured_run(settings: Settings) -> Cost:
    """Carry out a whole run and say what it cost; raises `RuntimeError` unless everything was posted and verified."""
    with released(settings) as (hub, plan):
        before, cpu, wall = _called(settings), time.process_time(), time.perf_counter()
        run = hub.run(COMPANY, plan)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if run.counts != {"verified": EMPLOYEES * len(CODES)}:
            raise RuntimeError(f"not all entries were posted and verified: {run.counts}")
        return Cost(wall, cpu, _called(settings) - before)


def _called(settings: Settings) -> int:
    with urlopen(f"{settings['endpoint']}/_sim/state") as answer:
        return sum(json.load(answer)["calls"].values())


# -- the peer ---------------------------------------------------------------------------------------------------------


class HttpxTransport(Transport):
    """Zeep's transport with httpx in the place of requests: a client with keep-alive, made once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # zeep is not typed, here and below
        self.client = httpx.Client(timeout=60)

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Send one request."""
        return self.client.post(address, content=message, headers=headers)


def _service(client: Any, settings: Settings) -> Any:  # noqa: ANN401 - zeep is not typed
    login = {"Username": settings["email"], "Token": settings["token"], "Domain": "hospitality"}
    client.set_default_soapheaders([client.get_element(f"{{{NAMESPACE}}}AuthHeaderWithDomain")(**login)])
    address = f"{settings['endpoint']}/soap/v3/EmployeeService.asmx"
    binding = client.wsdl.bindings[f"{{{NAMESPACE}}}EmployeeServiceSoap"]
    return type(client.service)(client, binding, address=address)  # create_service makes no asynchronous ones


WSDL = str(WSDL_FOLDER / "EmployeeService.wsdl")
Arguments = dict[str, Any]
Client: Any = ZeepClient
AsyncClient: Any = ZeepAsyncClient
AsyncTransport: Any = ZeepAsyncTransport


def _visit(number: int) -> Iterator[tuple[str, Arguments]]:
    """Yield the calls about one employee, in the proportion of a run: a read, three posts, and a read."""
    slot = {"EmployeeId": 50000 + number, "Period": 10, "Year": 2026}
    yield "HourComponentVar_Get", slot
    for entry, code in enumerate(CODES.values(), start=1):
        row = {"Id": 0, "HourCode": int(code), "Hours": "8.00", "Comment": f"payroll-hub plan 1 entry {entry}"}
        yield "HourComponentVar_Insert", {**slot, "UnprotectedMode": False, "Hourcomponent": row}
    yield "HourComponentVar_Get", slot


def synchronous(settings: Settings, numbers: Sequence[int]) -> int:
    """Make the calls with zeep's ordinary client, from as many threads as there are calls in flight."""
    service = _service(Client(WSDL, transport=HttpxTransport()), settings)

    def visit(number: int) -> int:
        return len([service[operation](**arguments) for operation, arguments in _visit(number)])

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        return sum(pool.map(visit, numbers))


def asynchronous(settings: Settings, numbers: Sequence[int]) -> int:
    """Make the calls with zeep's asynchronous client, in one thread."""

    async def all_of_them() -> int:
        transport = AsyncTransport(client=httpx.AsyncClient(timeout=60))
        service, free = _service(AsyncClient(WSDL, transport=transport), settings), asyncio.Semaphore(IN_FLIGHT)

        async def visit(number: int) -> int:
            async with free:
                return len([await service[operation](**arguments) for operation, arguments in _visit(number)])

        return sum(await asyncio.gather(*map(visit, numbers)))

    return asyncio.run(all_of_them())


def measured_peer(calls: Callable[[Settings, Sequence[int]], int], settings: Settings) -> Cost:
    """Say what the calls cost; what is made once, such as the client, is left out: it is there before."""
    others = plain(SIMULATED)[EMPLOYEES:] or plain(SIMULATED)
    calls(settings, others[:1])
    alone = _cost(calls, settings, others[:1])
    many = _cost(calls, settings, [others[one % len(others)] for one in range(PEERS + 1)])
    return Cost(many.wall - alone.wall, many.cpu - alone.cpu, many.calls - alone.calls)


def _cost(calls: Callable[[Settings, Sequence[int]], int], settings: Settings, numbers: Sequence[int]) -> Cost:
    cpu, wall = time.process_time(), time.perf_counter()
    count = calls(settings, numbers)
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, count)


def measure() -> tuple[list[Ratio], list[str]]:
    """Measure everything in one run; returns the ratios, and the times behind them."""
    logging.getLogger("zeep").setLevel(logging.WARNING)
    with simulator() as settings:
        ours = measured_run(settings)
        peers = {one.__name__: measured_peer(one, settings) for one in (synchronous, asynchronous)}
    cheapest = min(one.each for one in peers.values())
    notes = [
        f"{name}: {one.calls} calls in {one.wall:.1f} s, {one.each * 1000:.2f} ms of CPU each"
        for name, one in {"hub": ours, **{f"zeep, {name}": one for name, one in peers.items()}}.items()
    ]
    return [
        Ratio("run ÷ ideal with 8 in flight", ours.wall / IDEAL, "<= 1.35"),
        Ratio("CPU of a call in the hub ÷ of bare zeep", ours.each / cheapest, "<= 1.6"),
    ], notes


if __name__ == "__main__":
    as_json = wants_json(__doc__)
    ratios, notes = measure()
    report("export", ratios, as_json=as_json, notes=notes)
