"""What the OpenAPI document tells a host platform beside fields and answers: tags, scopes, and Idempotency-Key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub.access import Scope, new_key
from hub.api.serving import serving
from hub.describing import schema_of
from hub.provider import ProviderSettings
from hub.testing.finding import known_providers
from hub.testing.host import ALL_SCOPES, Host
from hub.testing.ledger import LedgerProvider
from hub.testing.paper import PaperCompany, PaperProvider


@pytest.fixture
def address(paper: PaperCompany) -> Iterator[str]:
    with known_providers(), serving(paper.hub) as found:
        yield found


@pytest.fixture
def document(address: str) -> Any:
    return Host(address)("GET", "//openapi.json")


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each operation: its method, its address and what is documented of it."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield method.upper(), path, told


def test_every_tag_that_is_used_is_described(document: Any) -> None:
    """And none is described that no operation has."""
    used = {tag for _, _, told in operations(document) for tag in told["tags"]}
    assert {one["name"] for one in document["tags"]} == used
    assert all(one["description"] for one in document["tags"])


def test_every_operation_tells_its_scope(document: Any) -> None:
    """One of those that a key can have; only what asks for no key has none."""
    without = {path for _, path, told in operations(document) if "x-scope" not in told}
    assert without == {"/healthz", "/readyz"}
    assert {told["x-scope"] for _, _, told in operations(document) if "x-scope" in told} == set(map(str, Scope))
    told = {(method, path): one.get("x-scope") for method, path, one in operations(document)}
    assert told["GET", "/metrics"] == told["GET", "/v1/providers"] == "read"
    assert told["POST", "/v1/companies"] == told["DELETE", "/v1/companies/{company}"] == "settings"
    assert told["POST", "/v1/companies/{company}/plans"] == "export"
    assert told["POST", "/v1/webhooks"] == told["POST", "/v1/companies/{company}/webhooks"] == "settings"


KNOWN = {"company": "acme", "provider": "paper", "administration": "paper"}


def test_a_key_without_the_scope_that_is_told_is_refused(document: Any, paper: PaperCompany, address: str) -> None:
    """A key with every other scope is answered 403 by each operation, before anything is read of the request."""
    without = {
        scope: Host(address, new_key(paper.hub.store, f"no {scope}", [one for one in ALL_SCOPES if one != scope]))
        for scope in ALL_SCOPES
    }
    for method, path, told in operations(document):
        if "x-scope" not in told:
            continue
        names = {one["name"]: "1" for one in told.get("parameters", ()) if one["in"] == "path"}
        query = "?year=2026" if path.endswith("wage-periods") else ""
        target = path.format(**{**names, **KNOWN})
        target = target.removeprefix("/v1") if target.startswith("/v1") else f"/{target}"
        without[told["x-scope"]](method, f"{target}{query}", 403)


def test_every_post_takes_an_idempotency_key(document: Any) -> None:
    """Optional, with the longest that is taken; nothing else has it."""
    for method, path, told in operations(document):
        found = [one for one in told.get("parameters", ()) if one["name"] == "Idempotency-Key"]
        assert len(found) == (method == "POST"), (method, path)
        for one in found:
            assert (one["in"], one["required"], one["schema"]["maxLength"]) == ("header", False, 255)


def test_addresses_are_told_without_convertors(document: Any) -> None:
    """An id that may hold a slash is a part of an address like any other."""
    assert not [path for path in document["paths"] if ":" in path]
    parts = ("members/{member}", "members/{member}/held", "timecards/{timecard}")
    assert {f"/v1/companies/{{company}}/{one}" for one in parts} <= set(document["paths"])
    of_it = "/v1/companies/{company}/connections/{provider}"
    assert {f"{of_it}/venues/{{venue}}", f"{of_it}/employees/{{employee}}/link"} <= set(document["paths"])


def test_a_form_says_nothing_of_the_base_class() -> None:
    """A provider without settings of its own has no description; what a class of its own says is kept."""

    class Described(ProviderSettings):
        """What to type for this payroll."""

    class DescribedProvider(PaperProvider):
        Settings = Described

    assert "description" not in schema_of(PaperProvider)
    assert schema_of(PaperProvider)["type"] == "object"
    assert schema_of(DescribedProvider)["description"] == "What to type for this payroll."
    assert "book" in schema_of(LedgerProvider)["properties"]
