"""100,000 timecards over HTTP into SQLite and PostgreSQL; the floor inserts the same rows with SQLAlchemy Core.

The server is a process of its own on a real socket; the time is that of the one request, from its first byte to the
answer. The floor is one bulk insert in one transaction of the same database, of rows that were made before. The memory
is how much the server's largest size grows by the request.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from benchmarks.report import Ratio, report, wants_json
from hub import Hub, Process
from hub.access import new_key
from hub.api.serving import serving
from hub.intake.timecards import read_timecards
from hub.store.people import Timecard
from hub.testing.databases import fresh_database, postgres
from hub.testing.fixtures import SECRET_KEY
from hub.testing.host import NDJSON, Host

CARDS, PEOPLE = 100_000, 2_000
ROUNDS = 3
SERVE = "--serve"


def cards() -> Iterator[dict[str, Any]]:
    """Yield timecards as a host sends them: every third has a surcharge, every fifth a meal."""
    for number in range(CARDS):
        turn = number // PEOPLE
        start = datetime(2026, 10, 1 + turn % 31, 8 + 8 * (turn // 31), number % 60)  # noqa: DTZ001 - as hosts send it
        yield {
            "id": f"T-{number}",
            "member": f"m{number % PEOPLE}",
            "venue": f"v{number % 7}",
            "start": start.isoformat(timespec="minutes"),
            "end": (start + timedelta(minutes=437 + number % 30)).isoformat(timespec="minutes"),
            "break_minutes": 30,
            "status": "approved",
            **({"surcharges": {"sunday": 60}} if turn % 3 == 0 else {}),
            **({"meals": 1} if turn % 5 == 0 else {}),
        }


def opened(url: str) -> Hub:
    """Open the hub on a database."""
    return Hub.open(Process(database_url=url, secret_key=SECRET_KEY))


def serve(url: str) -> None:
    """Serve until standard input ends; tell the address first."""
    with opened(url) as hub, serving(hub) as address:
        print(address, flush=True)
        sys.stdin.read()


@contextmanager
def server(url: str) -> Iterator[tuple[str, int]]:
    """Serve in a process of its own; yield the address and the number of the process."""
    command = [sys.executable, __file__, SERVE, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server has no pipes")
        try:
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.stdin.close()


def upload(url: str, company: str, body: bytes) -> tuple[float, float]:
    """Upload into a fresh server; return the seconds, and the growth in MB."""
    with opened(url) as hub:
        hub.add_company(company, company)
        key = new_key(hub.store, company, ["hours"], company)
    with server(url) as (address, process):
        host = Host(address, key, seconds=600)
        host("GET", "//healthz")
        memory, began = _largest(process), time.perf_counter()
        kept = host("POST", f"/companies/{company}/timecards", content=body, headers=NDJSON)
        seconds, growth = time.perf_counter() - began, _largest(process) - memory
    if (kept["new"], kept["wrong"]) != (CARDS, []):
        raise RuntimeError(f"the upload stored {kept['new']} timecards")
    return seconds, growth


def insert(url: str, company: str, rows: list[dict[str, Any]]) -> float:
    """Insert the same rows in one transaction, and return the seconds."""
    with opened(url) as hub:
        hub.add_company(company, company)
        filled = [{**row, "company_id": company} for row in rows]
        began = time.perf_counter()
        with hub.store.write(company) as session:
            session.connection().execute(sa.insert(Timecard.__table__), filled)  # type: ignore[attr-defined]
        return time.perf_counter() - began


def rows_of(body: bytes) -> list[dict[str, Any]]:
    """Return the rows as the table has them."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(body)
        file.flush()
        read = [one.model_dump() for one in read_timecards(file.name).good]
    return [{**row, "amounts": [{**one, "unit": str(one["unit"])} for one in row["amounts"]]} for row in read]


def measured(name: str, url: str, body: bytes, rows: list[dict[str, Any]]) -> tuple[list[Ratio], str]:
    """Measure one database."""
    floors, uploads = [], []
    for number in range(ROUNDS):
        floors.append(insert(url, f"floor{number}", rows))
        uploads.append(upload(url, f"upload{number}", body))
    seconds, floor = median(one for one, _ in uploads), median(floors)
    growth = max(one for _, one in uploads)
    ratios = [
        Ratio(f"{name}: upload / bare insert", seconds / floor, "<= 6"),
        Ratio(f"{name}: growth in MB", growth, "<= 150"),
    ]
    return ratios, f"{name}: upload {seconds:.2f} s, bare insert {floor:.2f} s, growth {growth:.0f} MB"


def _largest(process: int) -> float:
    """Return the largest size that a process had, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this machine does not tell how large a process is")


def main() -> None:
    """Measure both databases and report."""
    as_json = wants_json(__doc__)
    body = "".join(json.dumps(one) + "\n" for one in cards()).encode()
    rows = rows_of(body)
    with tempfile.TemporaryDirectory() as folder, postgres() as started, fresh_database(started) as url:
        found = [measured("SQLite", f"sqlite:///{folder}/hub.db", body, rows), measured("PostgreSQL", url, body, rows)]
    report("upload", [one for ratios, _ in found for one in ratios], as_json=as_json, notes=[note for _, note in found])


if __name__ == "__main__":
    if SERVE in sys.argv:
        serve(sys.argv[2])
    else:
        main()
