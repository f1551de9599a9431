"""10,000 employees from the simulated Nmbrs: reading answers into models, and a whole sync into SQLite.

All in one run, on the same bytes: the floor is `lxml.etree.iterparse` to plain dicts, the peer is zeep's own objects.
The simulator runs in a process of its own; the time it says it needed is left out of the whole sync.
"""

from __future__ import annotations

import gc
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

from lxml import etree

from benchmarks.report import Ratio, report, wants_json
from hub import Calendar, Http, Hub, PeriodType, Process, SyncRequest, Week53
from hub_nmbrs.envelope import WSDL_FOLDER, load_wsdl
from hub_nmbrs.operations import CONTRACTS, DEPARTMENTS, EMPLOYMENTS, PEOPLE, SALARIES, SCHEDULES, Operation
from hub_nmbrs.people import sync_workforce
from hub_nmbrs.reading import read_rows
from hub_nmbrs.settings import NmbrsSettings
from hub_nmbrs.soap import Arguments, Collect, Soap

EMPLOYEES = 10_000
ADMINISTRATIONS = ("3101", "3102")
CHUNK = 1 << 16
TODAY = date(2026, 11, 2)
ROUNDS = 3
WHOLE = "--whole"
LISTS = (PEOPLE, CONTRACTS, EMPLOYMENTS, SALARIES, SCHEDULES, DEPARTMENTS)
Bytes = dict[tuple[str, str], bytes]


@contextmanager
def simulator() -> Iterator[dict[str, str]]:
    """Run the simulator in a process of its own; yields the settings to connect with."""
    command = [sys.executable, "-m", "hub_nmbrs.simulator", "--employees", str(EMPLOYEES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _settings(process)
        finally:
            process.terminate()


def _settings(process: subprocess.Popen[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for line in process.stdout or ():
        name, mark, value = line.partition("=")
        if mark:
            settings[name.strip()] = value.strip()
        if {"endpoint", "email", "token"} <= set(settings):
            return settings
    raise RuntimeError("the simulator did not start")


class Recording(Soap):
    """Reads answers as the plugin does and keeps their bytes, by operation and company."""

    def __init__(self, http: Http, settings: NmbrsSettings) -> None:
        super().__init__(http, settings)
        self.answers: Bytes = {}

    def read(self, operation: Operation, arguments: Arguments, collect: Collect[Any]) -> Any:  # noqa: ANN401
        """Read an answer and keep it."""
        request = self._request(operation, arguments)
        company = str(next(iter(arguments.values()), ""))
        headers = {"Content-Type": "text/xml", "SOAPAction": f'"{operation.namespace}/{operation.name}"'}
        url = f"{self._settings.endpoint}/soap/v3/{operation.service}.asmx"
        answer = self._http.request("POST", url, body=request, headers=headers, accept=("text/xml",), max_bytes=1 << 30)
        self.answers[operation.name, company] = answer.read()
        return collect(read_rows(iter([answer.read()]), operation))


class Replaying(Soap):
    """Gives the plugin the recorded bytes, in chunks as they come from a socket."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(recording._http, recording._settings)
        self.answers = recording.answers

    def read(self, operation: Operation, arguments: Arguments, collect: Collect[Any]) -> Any:  # noqa: ANN401
        """Read a recorded answer."""
        body = self.answers[operation.name, str(next(iter(arguments.values()), ""))]
        chunks = (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))
        return collect(read_rows(chunks, operation))


def floor(answers: Bytes) -> int:
    """Read every record to plain dicts with `iterparse`: what reading costs at the least."""
    return sum(len(_records(body, RECORDS[name])) for (name, _), body in answers.items())


RECORDS = {one.name: [f"{{{one.namespace}}}{record}" for record in one.records] for one in LISTS}


def _records(body: bytes, tags: list[str]) -> list[dict[str, Any]]:
    found = []
    for _, element in etree.iterparse(io.BytesIO(body), events=("end",), tag=tags):
        found.append(_plain(element))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return found


def _plain(element: Any) -> dict[str, Any]:  # noqa: ANN401 - lxml's element
    return {child.tag: [_plain(one) for one in child] if len(child) else child.text for child in element}


def peer(answers: Bytes) -> int:
    """Read every answer to zeep's own objects."""
    client = load_wsdl(WSDL_FOLDER / "EmployeeService.wsdl")
    binding = client.service._binding
    count = 0
    for (name, _), body in answers.items():
        reply = SimpleNamespace(status_code=200, content=body, headers={"Content-Type": "text/xml"}, encoding="utf-8")
        count += len(binding.process_reply(client, binding.get(name), reply) or ())
    return count


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the seconds of CPU that a piece of work takes, the middle of a few rounds."""
    seconds = []
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return median(seconds)


def whole_sync(settings: dict[str, str]) -> tuple[float, float]:
    """Sync everybody into a fresh SQLite file; return the seconds, the simulator's left out, and the growth in MB."""
    with tempfile.TemporaryDirectory() as folder:
        process = Process(database_url=f"sqlite:///{Path(folder, 'hub.db')}", allow_loopback=True)
        with Hub.open(process) as hub:
            hub.add_company("large", "Large")
            hub.connect("large", "nmbrs", settings)
            four_weeks = Calendar(type=PeriodType.FOUR_WEEKS, first_start=date(2025, 12, 29), week53=Week53.IN_13)
            hub.set_wage_period("large", "nmbrs", "3102", four_weeks)
            memory, theirs, began = _memory(), _simulated(settings), time.perf_counter()
            plan = hub.plan_sync("large", "nmbrs")
            hub.apply_sync("large", plan)
            seconds = time.perf_counter() - began - (_simulated(settings) - theirs)
            if len(plan.people) != EMPLOYEES:
                raise RuntimeError(f"{len(plan.people)} employees came in, not {EMPLOYEES}")
            return seconds, _memory() - memory


def _memory() -> float:
    """Return the most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _simulated(settings: dict[str, str]) -> float:
    with urlopen(f"{settings['endpoint']}/_sim/state") as answer:
        return float(json.load(answer)["seconds"])


def in_own_process(settings: dict[str, str]) -> tuple[float, float]:
    """Run the whole sync in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, WHOLE, json.dumps(settings)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout
    seconds, memory = json.loads(printed)
    return float(seconds), float(memory)


def measure() -> list[Ratio]:
    """Measure everything in one run."""
    with simulator() as settings:
        in_own_process(settings)  # the simulator makes its answers the first time that they are asked for
        runs = [in_own_process(settings) for _ in range(ROUNDS)]
        http = Http((), allow_loopback=True)
        recording = Recording(http, NmbrsSettings.model_validate(settings))
        recording.use_domain("hospitality")
        request = SyncRequest(administrations=ADMINISTRATIONS, today=TODAY)
        people = len(sync_workforce(recording, request).employees)
        http.close()
    if people != EMPLOYEES:
        raise RuntimeError(f"{people} employees came in, not {EMPLOYEES}")
    lowest = timed(lambda: floor(recording.answers))
    ours = timed(lambda: sync_workforce(Replaying(recording), request))
    zeeps = timed(lambda: peer(recording.answers), rounds=1)
    return [
        Ratio("answers into models ÷ iterparse to dicts", ours / lowest, "<= 2.5"),
        Ratio("zeep objects ÷ answers into models", zeeps / ours, ">= 3"),
        Ratio("whole sync into SQLite ÷ iterparse to dicts", median(run[0] for run in runs) / lowest, "<= 6"),
        Ratio("memory growth of a whole sync, MB", max(run[1] for run in runs), "<= 120"),
    ]


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == WHOLE:
        print(json.dumps(whole_sync(json.loads(sys.argv[2]))))
    else:
        as_json = wants_json(__doc__)
        report("sync_workforce", measure(), as_json=as_json)
