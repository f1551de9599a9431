"""The OpenAPI document is whole, and the API keeps to it whatever is sent: schemathesis over every operation."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is for development only")

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hub.access import new_key
from hub.api.app import make_app
from hub.process import Process
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, card
from hub.testing.finding import known_providers
from hub.testing.fixtures import SECRET_KEY
from hub.testing.host import ALL_SCOPES
from hub.testing.paper import PaperCompany, paper_company

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
KNOWN = {
    "company": "acme",
    "provider": "paper",
    "administration": "paper",
    "member": "m1",
    "timecard": "t1",
    "plan": 1,
    "run": 1,
    "venue": "terras",
}
"""What there is, so that what is sent does not always end at a name that there is not."""


@pytest.fixture(scope="module")
def company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaperCompany]:
    """Yield a company on SQLite with a run whose file is ready."""
    folder = tmp_path_factory.mktemp("openapi")
    (folder / "hub.db").write_bytes(sqlite_template.read_bytes())
    process = Process(
        database_url=f"sqlite:///{folder / 'hub.db'}", secret_key=SECRET_KEY, providers=frozenset({"paper"})
    )
    with paper_company(process, folder, FakeClock(NOW)) as made, known_providers():
        made.cards(card("t1"), card("t2", "m2"))
        made.made()
        yield made


@pytest.fixture(scope="module")
def document(company: PaperCompany) -> Any:
    return make_app(company.hub).openapi()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each operation: its method, its address and what is documented of it."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield method.upper(), path, told


def test_every_operation_is_documented_whole(document: Any) -> None:
    """Each has a name of its own, a summary, a tag, a key unless it is open to all, and its problems by one model."""
    names = [told["operationId"] for _, _, told in operations(document)]
    assert len(set(names)) == len(names) > 80
    for method, path, told in operations(document):
        assert told["summary"], path
        assert told["description"], path
        assert told["tags"], path
        assert bool(told.get("security")) == (path not in ("/healthz", "/readyz")), path
        problems = [one for code, one in told["responses"].items() if code >= "400"]
        assert problems, (method, path)
        for one in problems:
            assert one["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), (method, path)
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail", "who"]


def test_every_body_has_an_example(document: Any) -> None:
    """Whoever reads the document sees what to send: an example of the body, or of one of its fields."""
    for method, path, told in operations(document):
        for kind, body in told.get("requestBody", {}).get("content", {}).items():
            shape = body["schema"]
            found = document["components"]["schemas"][shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
            fields = found.get("properties", {}).values()
            assert "example" in body or any(_shows(one) for one in fields), (method, path, kind)


def _shows(field: Any) -> bool:
    return any(word in json.dumps(field) for word in ('"examples"', '"enum"', '"$ref"', '"boolean"'))


def test_every_list_that_grows_comes_by_page_and_as_csv(document: Any) -> None:
    """Companies, members, employees, timecards, plans, entries, decisions and the audit trail."""
    csv = {
        path
        for _, path, told in operations(document)
        if "text/csv" in told["responses"].get("200", {}).get("content", {})
    }
    lists = {one.rpartition("/")[2] for one in csv}
    assert lists >= {"companies", "members", "employees", "timecards", "plans", "entries", "decisions", "audit"}


Modes = tuple[schemathesis.GenerationMode, ...]
RIGHT, WRONG = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE


def tried(company: PaperCompany, headers: dict[str, str], modes: Modes, examples: int) -> dict[str, set[int]]:
    """Send requests of all sorts to every operation, and return the statuses that each gave."""
    found: dict[str, set[int]] = {}
    every = [one.ok() for one in from_asgi("/openapi.json", make_app(company.hub)).get_all_operations()]
    for operation in sorted(every, key=lambda one: one.method == "delete"):  # what takes things away comes last
        company.hub.switch("acme", "paper", True)
        statuses = found.setdefault(operation.label, set())
        for mode in modes:
            _try(operation, mode, headers, examples, statuses)
    return found


def _try(operation: Any, mode: Any, headers: dict[str, str], examples: int, statuses: set[int]) -> None:
    """Send some requests to one operation, right or wrong ones, mostly about what there is, and check each answer."""

    @seed(20261120)
    @settings(max_examples=examples, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), known=st.integers(0, 9))
    def one(case: Any, known: int) -> None:
        if known or mode is RIGHT:
            names = case.path_parameters or {}
            case.path_parameters = {name: KNOWN.get(name, value) for name, value in names.items()}
        case.headers = {**(case.headers or {}), **headers}
        response = case.call()
        statuses.add(response.status_code)
        case.validate_response(response, checks=list(CHECKS))

    with contextlib.nullcontext() if mode is RIGHT else contextlib.suppress(Unsatisfiable):
        one()  # nothing can be wrong with a request that holds nothing


@pytest.mark.timeout(300)
def test_whatever_a_key_sends_the_answer_is_as_documented(company: PaperCompany) -> None:
    """No 500, no status, type, header or shape of an answer that the document does not tell; on every operation."""
    key = new_key(company.hub.store, "platform", ALL_SCOPES)
    found = tried(company, {"Authorization": f"Bearer {key}", "Hub-Actor": "Robin"}, (RIGHT, WRONG), 3)
    assert set(found) == {f"{method} {path}" for method, path, _ in operations(make_app(company.hub).openapi())}
    assert all(found.values())
    assert {label for label, statuses in found.items() if statuses & {401, 403}} == set()


@pytest.mark.timeout(300)
def test_whatever_is_sent_without_a_key_is_refused(company: PaperCompany) -> None:
    """Every operation but the two that are open to all answers 401 to what fits, and nothing else."""
    found = tried(company, {}, (RIGHT,), 1)
    opened = {label: statuses for label, statuses in found.items() if statuses != {401}}
    assert opened == {"GET /healthz": {200}, "GET /readyz": {200}}
