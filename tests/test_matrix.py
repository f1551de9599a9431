"""The matrix of tox.ini: every pair of factors occurs, no provider is missing, the lowest hub is the one claimed."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from configparser import RawConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from hub.testing import fixtures
from hub.testing.conformance.registry import RULES

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(one.parent.name for one in ROOT.glob("plugins/*/pyproject.toml"))
PYTHONS = ("py311", "py312", "py313", "py314")
FACTORS = (("hub", *PLUGINS, "all"), PYTHONS, ("newest", "lowest"), ("sqlite", "postgresql"))
"""What the full environments are made of. `newest` is not written: it is what an environment is without `lowest`."""


def read(name: str) -> RawConfigParser:
    """Return an ini file of the project as it is written."""
    parser = RawConfigParser()
    parser.read(ROOT / name)
    return parser


TOX = read("tox.ini")


def expanded(text: str) -> list[str]:
    """Return the environments of a list, with every choice in braces made: `{a, b}-c` is `a-c` and `b-c`."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ["".join(made) for line in lines for made in itertools.product(*map(_choices, re.split(r"(\{.*?\})", line)))]


def _choices(part: str) -> list[str]:
    return [one.strip() for one in part.strip("{}").split(",")] if part.startswith("{") else [part]


ENVIRONMENTS = expanded(TOX["tox"]["env_list"])
FULL = [one for one in ENVIRONMENTS if not one.endswith("-quick") and not one.startswith("template-")]


def factors(environment: str) -> tuple[str, ...]:
    """Return who, Python, versions and database of an environment."""
    who, python, *rest = environment.split("-")
    return (who, python, *(rest if rest[0] == "lowest" else ["newest", *rest]))


def missing_pairs(environments: Iterable[str], pythons: Iterable[str] = PYTHONS) -> set[tuple[str, str]]:
    """Return the pairs of factors that occur in no environment."""
    wanted = (FACTORS[0], tuple(pythons), *FACTORS[2:])
    pairs = {pair for one, other in itertools.combinations(wanted, 2) for pair in itertools.product(one, other)}
    return pairs - {pair for one in environments for pair in itertools.combinations(factors(one), 2)}


def test_every_pair_of_factors_occurs() -> None:
    """Who with which Python, versions and database; and each of these with each other."""
    assert missing_pairs(FULL) == set()


def test_every_pair_occurs_where_the_newest_python_is_absent() -> None:
    """Its environments are skipped then, and the others must not lean on them."""
    assert missing_pairs([one for one in FULL if "py314" not in one], PYTHONS[:-1]) == set()


@pytest.mark.parametrize("environment", FULL)
def test_no_environment_can_go_without_a_pair_being_lost(environment: str) -> None:
    """So the test of the pairs does tell, and nothing is run for nothing."""
    who, python, *_ = factors(environment)
    assert (who, python) in missing_pairs([one for one in FULL if one != environment])


def test_every_full_environment_is_made_of_known_factors_and_occurs_once() -> None:
    """A mistyped factor would be an environment without a database or a provider."""
    assert len(set(ENVIRONMENTS)) == len(ENVIRONMENTS)
    unknown = [one for one in FULL if not all(map(lambda part, known: part in known, factors(one), FACTORS))]
    assert unknown == []


def test_every_folder_of_plugins_is_in_the_matrix_on_every_python() -> None:
    """A provider that nobody tests alone is one whose undeclared dependencies nobody sees."""
    folders = sorted(one.name for one in (ROOT / "plugins").iterdir() if one.is_dir() and not one.name.startswith("."))
    assert folders == PLUGINS
    for name, python in itertools.product(folders, PYTHONS):
        assert [one for one in FULL if one.startswith(f"{name}-{python}-")], (name, python)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_provider_is_installed_anew_alone_and_with_all_and_its_tests_are_run(plugin: str) -> None:
    """An environment whose provider is not built again would go on testing an older one."""
    before = {line.partition(":")[0]: line for line in TOX["testenv"]["commands_pre"].split("\n")}
    assert before[plugin].endswith(f" {{[install]hub}} {{tox_root}}/plugins/{plugin}")
    assert f"{{tox_root}}/plugins/{plugin}" in before["all"].split()
    assert f"--reinstall-package payroll-hub-{plugin}" in TOX["install"]["how"]
    assert f"{plugin}: pytest plugins/{plugin}/tests " in TOX["testenv"]["commands"]


def test_a_developer_runs_the_hub_and_every_provider() -> None:
    """`tox -m quick`, which is short because the long tests are left out."""
    labels = dict(line.split(" = ") for line in TOX["tox"]["labels"].strip().splitlines())
    assert expanded(labels["quick"]) == [one for one in ENVIRONMENTS if one.endswith("-quick")]
    assert sorted(one.partition("-")[0] for one in expanded(labels["quick"])) == sorted(["hub", *PLUGINS])
    assert expanded(labels["template"]) == [one for one in ENVIRONMENTS if one.startswith("template-")]


def claims() -> Iterator[tuple[str, Requirement]]:
    """Yield what every provider requires of the hub."""
    for plugin in PLUGINS:
        project = tomllib.loads((ROOT / "plugins" / plugin / "pyproject.toml").read_text())["project"]
        yield from ((plugin, need) for need in map(Requirement, project["dependencies"]) if need.name == "payroll-hub")


def test_the_lowest_hub_that_a_provider_claims_is_the_one_that_is_installed() -> None:
    """Fails when the hub gets a newer version: then tox.ini must name the older one in place of this checkout."""
    here = Version(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
    lowest = {(plugin, one.version) for plugin, need in claims() for one in need.specifier if one.operator == ">="}
    assert {plugin for plugin, _ in lowest} == set(PLUGINS)
    assert [(plugin, one) for plugin, one in lowest if Version(one) != here] == []


def test_tox_reads_the_list_of_environments_as_this_test_does() -> None:
    """Where tox is there: it is not in the environments that it makes."""
    pytest.importorskip("tox")
    command = [sys.executable, "-m", "tox", "list", "--no-desc", "-c", str(ROOT / "tox.ini")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ENVIRONMENTS


def test_no_rule_of_the_kit_is_left_out_with_the_long_tests(tmp_path: Path) -> None:
    """One of them has `crash` in its name, and so have long tests."""
    (tmp_path / "test_conformance.py").write_text(
        "import pytest\nfrom hub.testing.conformance.registry import RULES\n"
        "@pytest.mark.parametrize('rule', RULES, ids=[one.id for one in RULES])\n"
        "def test_rule(rule): ...\n"
        "def test_crashes(): ...\n"
    )
    (wanted,) = re.findall(r'-k "(.*)"', TOX["run"]["options"])
    wanted = wanted.replace("{[run]long}", TOX["run"]["long"].replace("\\\n", " "))
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-k", wanted, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert len(re.findall(r"::test_rule\[", told)) == len(RULES)
    assert "test_crashes" not in told


# -- the factor of the database ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "found"),
    [("", ("sqlite", "postgresql")), ("sqlite", ("sqlite",)), ("postgresql, sqlite", ("postgresql", "sqlite"))],
)
def test_a_run_can_be_limited_to_a_database(named: str, found: tuple[str, ...]) -> None:
    """And without a limit it is on both."""
    assert fixtures.databases(named) == found


def test_a_database_that_does_not_exist_stops_the_run() -> None:
    """A run without any database would pass."""
    with pytest.raises(pytest.UsageError, match="HUB_TEST_DATABASES may name sqlite and postgresql, not sqlit"):
        fixtures.databases("sqlit")


def test_the_databases_of_this_run_are_those_of_its_environment(database_url: str) -> None:
    """In an environment of tox that is one of the two."""
    assert database_url.partition(":")[0].partition("+")[0] in fixtures.DATABASES
