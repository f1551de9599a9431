"""The FastAPI host and the Django host of the guide: served as they stand on its page, with a worker beside them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from hub import Hub, Process
from hub.intake.members import read_members
from hub.intake.timecards import read_timecards
from hub.testing.host import Host
from hub.testing.many_runs import until
from hub.testing.shell import (
    HUB,
    compiled_once,  # noqa: F401 - pytest finds it here by name
    environment,
)

pytest.importorskip("hub_horecalonen", reason="the hosts hand a file to Horecalonen")

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "hosts.md"
LISTEN = "import socket\nlistener = socket.create_server(('127.0.0.1', 0))\nport = listener.getsockname()[1]\n"
SERVED = {
    "FastAPI": f"""{LISTEN}
import uvicorn
from payroll import app

print(port, flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
""",
    "Django": """
from django.conf import settings

settings.configure(ROOT_URLCONF="payroll", MIDDLEWARE=["payroll.Errors"], ALLOWED_HOSTS=["127.0.0.1"])

from wsgiref.simple_server import make_server

from django.core.wsgi import get_wsgi_application

server = make_server("127.0.0.1", 0, get_wsgi_application())
print(server.server_port, flush=True)
server.serve_forever()
""",
}
"""How each is served: the port is printed."""

OCTOBER = "provider=horecalonen&start=2026-10-01&end=2026-10-31"
MEMBERS = "id,name,contract_type,bsn\nM-1,Jasmijn Overweg,zero_hours,123456782\n"
HOURS = "id,member,start,end,status\nT-1,M-1,2026-10-05T09:00,2026-10-05T17:00,approved\n"


def block(framework: str) -> str:
    """Return the code of a host, as it stands on the page."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition(f"\n## A {framework} host\n")
    found = re.search(r"^```python\n(.*?)^```$", section.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def hub(process: Process, tmp_path: Path) -> Iterator[Hub]:
    """A hub with two companies; the first one hands October to Horecalonen."""
    (tmp_path / "members.csv").write_text(MEMBERS)
    (tmp_path / "hours.csv").write_text(HOURS)
    with Hub.open(process) as opened:
        for company in ("kade", "werf"):
            opened.add_company(company, company)
        opened.connect("kade", "horecalonen", {})
        opened.import_members("kade", read_members(tmp_path / "members.csv"))
        opened.import_timecards("kade", read_timecards(tmp_path / "hours.csv"))
        yield opened


@contextmanager
def beside(process: Process, folder: Path, *command: str) -> Iterator[str]:
    """Run a command beside the test, with the settings of its hub; yield the first line that it prints."""
    settings = {"HUB_DATABASE_URL": process.database_url, "HUB_SECRET_KEY": process.secret_key}
    env = environment(**settings, PYTHONPATH=str(folder))
    with subprocess.Popen(command, env=env, cwd=folder, text=True, stdout=subprocess.PIPE) as running:
        assert running.stdout
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()


@pytest.fixture(params=SERVED)
def address(request: pytest.FixtureRequest, process: Process, hub: Hub, tmp_path: Path) -> Iterator[str]:
    """Serve the host of the page, with a worker beside it; yield where."""
    if find_spec(request.param.lower()) is None:
        pytest.skip(f"{request.param} is not here")
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "payroll.py").write_text(block(request.param))
    (folder / "served.py").write_text(SERVED[request.param])
    with ExitStack() as stack:
        stack.enter_context(beside(process, folder, str(HUB), "worker"))
        yield f"http://127.0.0.1:{stack.enter_context(beside(process, folder, sys.executable, 'served.py'))}"


def ask(address: str, method: str, path: str, status: int, user: str = "robin") -> Any:
    """Ask the host as one of its users; return the JSON."""
    answer = Host(address).send(method, f"//{path}", headers={"user": user})
    assert answer.status == status, answer.text
    return answer.json()


def made_by(address: str, path: str) -> dict[str, Any]:
    """Ask for long work, wait for its end, and return what it made."""
    job = ask(address, "POST", path, 202)
    ends = [job]

    def ended() -> bool:
        ends.append(ask(address, "GET", f"jobs/{job['id']}", 200))
        return ends[-1]["state"] not in ("waiting", "running")

    until(ended, 60)
    assert (ends[-1]["state"], ends[-1]["actor"]) == ("done", "robin")
    return dict(ends[-1]["result"])


def test_a_host_in_its_own_process_exports_and_shows_no_company_another(address: str, hub: Hub) -> None:
    """A worker plans and runs what its user asks for; what the hub refuses is an answer that says who must act."""
    plan = made_by(address, f"plans?{OCTOBER}")["plan"]
    refused = ask(address, "POST", f"plans/{plan}/run", 422, "sam")
    assert refused == {"text": f"There is no plan {plan} in company werf.", "who": "sender"}
    assert hub.review("kade", plan).released_by == ""
    run = hub.show("kade", made_by(address, f"plans/{plan}/run")["run"])
    assert (run.plan, run.state, run.counts) == (plan, "ready", {"ready": 2})
    assert hub.review("kade", plan).released_by == "robin"
    hub.switch("kade", "horecalonen", active=False)
    problem = ask(address, "POST", f"plans?{OCTOBER}", 409)
    assert (problem["who"], problem["text"].partition(":")[0]) == (
        "company admin",
        "kade has switched horecalonen off",
    )
