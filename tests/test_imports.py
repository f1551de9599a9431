"""Who may import whom: every contract of `.importlinter` holds, and finds an import that it forbids."""

from __future__ import annotations

import importlib.util
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("importlinter", reason="import-linter is for development only")
if importlib.util.find_spec("hub_nmbrs") is None:
    pytest.skip("the contracts are about the hub and a plugin together", allow_module_level=True)

import grimp
from importlinter import Contract
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

CONFIGURATION: dict[str, Any] = read_configuration(str(Path(__file__).parents[1] / ".importlinter"))
KINDS: dict[str, type[Contract]] = {
    "forbidden": ForbiddenContract,
    "layers": LayersContract,
    "protected": ProtectedContract,
}
CONTRACTS = {one["id"]: one for one in CONFIGURATION["contracts_options"]}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        *CONFIGURATION["session_options"]["root_packages"], include_external_packages=True, cache_dir=None
    )


def holds(contract: str, graph: grimp.ImportGraph) -> bool:
    """Tell whether a contract holds for a graph of imports."""
    options = CONTRACTS[contract]
    made = KINDS[options["type"]](options["name"], CONFIGURATION["session_options"], options)
    return made.check(deepcopy(graph), verbose=False).kept


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_holds(contract: str, graph: grimp.ImportGraph) -> None:
    assert holds(contract, graph)


VIOLATIONS = (
    ("hub-knows-no-plugin", "hub.demo", "hub_nmbrs.simulator"),
    ("plugins-import-public-names", "hub_nmbrs.soap", "hub.transport"),
    ("plugins-import-public-names", "hub_nmbrs.simulator.world", "hub.store.database"),
    ("plugins-import-public-names", "hub_nmbrs", "hub.a_module_added_later"),
    ("one-module-speaks-http", "hub.connection", "httpx"),
    ("one-module-speaks-http", "hub.network", "httpcore"),
    ("one-module-speaks-http", "hub_nmbrs.soap", "httpx"),
    ("layers", "hub.guard", "hub.connection"),
    ("layers", "hub.errors", "hub.transport"),
    ("layers", "hub.transport", "hub.hub"),
    ("nobody-imports-the-command-line", "hub.store.database", "hub.cli.output"),
    ("nobody-imports-the-command-line", "hub.a_module_added_later", "hub.cli"),
    ("the-facade-is-for-the-faces", "hub.vault", "hub.hub"),
    ("a-provider-knows-no-database", "hub.connection", "hub.store.session"),
    ("a-provider-knows-no-database", "hub.registry", "sqlmodel"),
)


@pytest.mark.parametrize(("contract", "importer", "imported"), VIOLATIONS)
def test_a_contract_finds_what_it_forbids(
    contract: str, importer: str, imported: str, graph: grimp.ImportGraph
) -> None:
    changed = deepcopy(graph)
    changed.add_import(importer=importer, imported=imported)
    assert not holds(contract, changed)


def test_every_contract_is_shown_to_find_something() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(CONTRACTS)


@pytest.mark.parametrize("imported", ["hub", "hub.testing", "hub.testing.a_module_added_later"])
def test_a_plugin_may_import_the_public_names_and_the_testing_kit(imported: str, graph: grimp.ImportGraph) -> None:
    changed = deepcopy(graph)
    changed.add_import(importer="hub_nmbrs.provider", imported=imported)
    assert holds("plugins-import-public-names", changed)
