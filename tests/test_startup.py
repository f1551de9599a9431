"""What a command loads before it does anything: nothing heavy that it does not need, and no provider for a question."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

DATABASE = frozenset({"alembic", "sqlalchemy", "sqlmodel"})
WIRE = frozenset({"httpcore", "httpx", "lxml", "zeep"})
HEAVY = DATABASE | WIRE | {"cryptography", "pluggy"}


def loaded(folder: Path, *arguments: str) -> frozenset[str]:
    """Return the modules that Python says it imports when it runs this in a folder of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    command = [sys.executable, "-X", "importtime", *arguments]
    ran = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    lines = (line for line in ran.stderr.splitlines() if line.startswith("import time:"))
    return frozenset(line.rpartition("|")[2].strip() for line in lines)


def hub(folder: Path, *arguments: str) -> frozenset[str]:
    """Return what the console script imports for a command."""
    return loaded(folder, str(Path(sysconfig.get_path("scripts")) / "hub"), *arguments)


def of_plugins(modules: frozenset[str]) -> set[str]:
    """Return the modules that belong to a plugin."""
    return {one for one in modules if one.startswith("hub_")}


HELP = (["--help"], ["connect", "--help"], ["export", "--help"])


@pytest.mark.parametrize("arguments", HELP, ids=" ".join)
def test_help_loads_nothing_heavy_and_no_provider(tmp_path: Path, arguments: list[str]) -> None:
    modules = hub(tmp_path, *arguments)
    assert "typer" in modules  # so the list does tell
    assert modules & HEAVY == set()
    assert of_plugins(modules) == set()
    assert "hub.hub" not in modules


def test_the_list_of_commands_loads_no_models_and_no_log(tmp_path: Path) -> None:
    assert hub(tmp_path, "--help") & {"pydantic", "structlog", "hub.models", "hub.logs"} == set()


def test_the_list_of_commands_writes_nothing(tmp_path: Path) -> None:
    hub(tmp_path, "--help")
    assert list(tmp_path.iterdir()) == []


def test_listing_the_providers_loads_no_database_and_speaks_to_nobody(tmp_path: Path) -> None:
    modules = hub(tmp_path, "providers")
    assert "hub.registry" in modules
    assert modules & (HEAVY - {"pluggy"}) == set()
    assert list(tmp_path.iterdir()) == []


def test_importing_hub_loads_nothing_of_it(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "-c", "import hub")
    assert {one for one in modules if one.startswith("hub.")} == set()
    assert modules & HEAVY == set()


def test_a_public_name_loads_only_what_it_needs(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "-c", "from hub import Entry, Refused")
    assert modules & HEAVY == set()


def test_the_base_class_of_a_provider_loads_no_http_and_no_database(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "-c", "from hub import Provider, hookimpl")
    assert modules & (HEAVY - {"pluggy"}) == set()
