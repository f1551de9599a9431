"""The page of rules and providers is what the rules show today, tried on every provider of the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.registry import Status, installed
from hub.testing.conformance.paper import results
from hub.testing.conformance.registry import RULES

ROOT = Path(__file__).parent.parent
PROVIDERS = ("connexie", "horecalonen", "nmbrs")
ABSENT = sorted(set(PROVIDERS) - {one.name for one in installed() if one.status is Status.OK})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """Try every provider by all rules, each in a process of its own; yield the files of what came of them."""
    if ABSENT:
        pytest.skip(f"not installed here: {', '.join(ABSENT)}")
    folder = tmp_path_factory.mktemp("conformance")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    for name in PROVIDERS:
        command = [sys.executable, "-m", "pytest", f"plugins/{name}/tests/test_conformance.py", "-q"]
        command += ["-p", "no:cacheprovider", "--conformance-json", str(folder / f"{name}.json")]
        subprocess.run(command, cwd=ROOT, env=clean, check=True, capture_output=True, timeout=500)
    yield [folder / f"{name}.json" for name in PROVIDERS]


@pytest.mark.timeout(600)  # three runs of pytest, on machines that do other things too
def test_the_page_of_rules_and_providers_is_up_to_date(files: list[Path]) -> None:
    """Written anew it is what it was. To write it: see `hub.testing.conformance.paper`."""
    assert (ROOT / "docs" / "conformance-results.md").read_text() == results(files)


def test_no_provider_of_the_repository_is_left_out() -> None:
    """Every folder of plugins is a provider of the page."""
    assert sorted(one.name for one in (ROOT / "plugins").iterdir() if (one / "pyproject.toml").exists()) == [*PROVIDERS]


@pytest.mark.parametrize("outcome", ["exempt", "failed"])
def test_what_is_not_kept_stands_on_the_page_with_its_reason(
    tmp_path: Path, outcome: str, told: Callable[[str], str]
) -> None:
    """In the table, and below it with the reason."""
    file = tmp_path / "acme.json"
    file.write_text(told(outcome))
    page = results([file])
    assert f"| `sync-is-repeatable` | {outcome} |" in page
    assert f"- {outcome}, because it numbers people anew: `sync-is-repeatable`" in page
    assert "| **passed** | **" in page


@pytest.fixture
def told() -> Callable[[str], str]:
    """Return what a run tells of a provider that keeps all rules but one."""

    def write(outcome: str) -> str:
        rules = {one.id: {"level": "required", "outcome": "passed", "reason": ""} for one in RULES}
        rules["sync-is-repeatable"] |= {"outcome": outcome, "reason": "it numbers people anew"}
        return json.dumps({"providers": {"acme": {"rules": rules}}})

    return write
