"""What `hub new-provider` makes is as clean as the hub's own code, and its tests pass, each on its own."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.scaffold import Flavour, NewPlugin, write_plugin
from hub.scaffold.writing import TEMPLATES, files_of
from hub.testing.shell import HUB, Done, compiled_once, environment  # noqa: F401 - pytest finds the fixture by name

REPOSITORY = Path(__file__).parents[1]

USUAL = (
    NewPlugin("acme", Flavour.API, "Acme Payroll"),
    NewPlugin("paper_pay", Flavour.FILE),
)
AWKWARD = (
    NewPlugin("z", Flavour.API),
    NewPlugin("y", Flavour.FILE),
    NewPlugin(f"{'w' * 14}_{'w' * 15}", Flavour.API, "W" * 40),
    NewPlugin(f"{'v' * 14}_{'v' * 15}", Flavour.FILE, "V" * 40),
)
"""The shortest and the longest names, with which lines are the shortest and the longest."""


@pytest.fixture(scope="module", name="site")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make all plugins, and install the usual ones in a folder for PYTHONPATH: their metadata, and a link to them."""
    site = tmp_path_factory.mktemp("site")
    for plugin in USUAL:
        install(plugin, site)
    for plugin in AWKWARD:
        write_plugin(plugin, site / plugin.name)
    return site


def install(plugin: NewPlugin, site: Path) -> None:
    """Make a plugin in a site, and what an installer makes of it: a package, and metadata of its pyproject.toml."""
    write_plugin(plugin, site / plugin.name)
    package = f"hub_{plugin.name}"
    (site / package).symlink_to(site / plugin.name / package)
    project = tomllib.loads((site / plugin.name / "pyproject.toml").read_text())["project"]
    folder = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    folder.mkdir()
    lines = [f"Requires-Dist: {one}" for one in project["dependencies"]]
    about = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}", *lines]
    (folder / "METADATA").write_text("\n".join(about) + "\n")
    points = [
        f"[{group}]\n" + "\n".join(f"{name} = {target}" for name, target in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (folder / "entry_points.txt").write_text("\n".join(points) + "\n")


def started(arguments: Sequence[object], folder: Path, **settings: str) -> Done:
    """Run a command in a folder to its end."""
    command = [str(one) for one in arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**settings), capture_output=True, text=True, timeout=110, check=False
    )


def run_tests(plugin: Path, site: Path, *options: str) -> Done:
    """Run the tests of a plugin, against what is installed in the site."""
    command = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *options]
    return started(command, plugin, PYTHONPATH=str(site), PYTEST_ADDOPTS="")


def tool(name: str) -> list[str]:
    """Return the command of a tool, or skip the test where it is not installed."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is for development only")
    return [sys.executable, "-m", name]


# -- the generated tests ----------------------------------------------------------------------------------------------


AUTHORS = sorted(["`leavers`", "`refusals`", "`rehired`", "`suspended`", "`undated`"])
"""What only the author can name: the made-up people and answers of the simulator that these rules are about."""


@pytest.mark.parametrize("plugin", USUAL, ids=lambda plugin: plugin.flavour)
def test_every_generated_test_passes(plugin: NewPlugin, site: Path) -> None:
    """Rules are skipped for what the provider is, or for made-up people and answers that only its author can name."""
    done = run_tests(site / plugin.name, site)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    reasons = re.findall(r"^SKIPPED .*?reporting\.py:\d+: (.*)$", done.stdout, re.MULTILINE)
    assert reasons
    asked = [one.rpartition(": give ")[2] for one in reasons if not one.startswith("it ")]
    assert sorted(asked) == (AUTHORS if plugin.flavour == "api" else ["`importer`"])
    own = re.findall(r"^def test_", dict(files_of(plugin))["tests/test_provider.py"], re.MULTILINE)
    assert int(re.findall(r"(\d+) passed", done.stdout)[-1]) > len(own) > 0


BROKEN = (
    (USUAL[0], "mapping.py", "scaleb(-2)", "scaleb(-1)"),
    (USUAL[0], "mapping.py", "id: int = Field(gt=0)", "id: int"),
    (USUAL[0], "provider.py", "POST_WAGE: Support.NOT_BUILT", "POST_WAGE: Support.FULL"),
    (USUAL[1], "layout.toml", 'header = "Van"', 'header = "Vanaf"'),
)


@pytest.mark.parametrize(("plugin", "file", "right", "wrong"), BROKEN)
def test_the_generated_tests_find_what_is_broken(
    plugin: NewPlugin, file: str, right: str, wrong: str, tmp_path: Path
) -> None:
    """A plugin with one mistake in it does not pass."""
    install(plugin, tmp_path)
    broken = tmp_path / f"hub_{plugin.name}" / file
    source = broken.read_text()
    assert source.count(right) == 1
    broken.write_text(source.replace(right, wrong))
    done = run_tests(tmp_path / plugin.name, tmp_path, "--exitfirst")
    assert (done.returncode, len(re.findall(r"^FAILED ", done.stdout, re.MULTILINE))) == (1, 1), done.stdout


def test_the_hub_lists_both_as_ok(site: Path) -> None:
    """By name, title and version, with what they can do."""
    done = started([HUB, "providers", "--json"], site, PYTHONPATH=str(site))
    rows = {one["name"]: one for one in json.loads(done.stdout)}
    for plugin in USUAL:
        row = rows[plugin.name]
        found = [row[key] for key in ("title", "distribution", "version", "status", "reason")]
        assert found == [plugin.shown_title, plugin.distribution, "0.1.0", "ok", ""]
    able = {name: {one for one, grade in rows[name]["capabilities"].items() if grade == "full"} for name in rows}
    assert (able["acme"], able["paper_pay"]) == ({"sync_workforce", "read_back", "post_hours"}, {"render_file"})


# -- style and types --------------------------------------------------------------------------------------------------


def test_the_rules_of_style_are_those_of_the_hub() -> None:
    """What a plugin is checked by is what the hub is checked by."""
    own, hubs = (
        tomllib.loads(text)["tool"]
        for text in (dict(files_of(USUAL[0]))["pyproject.toml"], (REPOSITORY / "pyproject.toml").read_text())
    )
    shared = (("ruff", ("line-length", "target-version")), ("mypy", ("strict", "plugins")))
    assert [own[tool][one] for tool, names in shared for one in names] == [
        hubs[tool][one] for tool, names in shared for one in names
    ]
    for one in ("select", "ignore"):
        assert own["ruff"]["lint"][one] == hubs["ruff"]["lint"][one]


@pytest.mark.parametrize("check", [["check"], ["format", "--check"]], ids=lambda check: check[0])
def test_ruff_finds_nothing_however_long_the_names_are(check: list[str], site: Path) -> None:
    """Style and form are right with the shortest and the longest names and titles."""
    names = [one.name for one in (*USUAL, *AWKWARD)]
    done = started([*tool("ruff"), *check, "--no-cache", *names], site)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("plugin", USUAL, ids=lambda plugin: plugin.flavour)
def test_mypy_finds_nothing(plugin: NewPlugin, site: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Package and tests are typed, strictly."""
    cache = tmp_path_factory.getbasetemp() / "mypy"
    done = started([*tool("mypy"), "--cache-dir", cache], site / plugin.name)
    assert done.stdout.startswith("Success: no issues found in "), done.stdout


# -- packaging --------------------------------------------------------------------------------------------------------


def test_the_templates_are_in_the_wheel_of_the_hub(tmp_path: Path) -> None:
    """Whoever installed the hub can make a provider."""
    done = started([*tool("hatchling"), "build", "-t", "wheel", "-d", tmp_path], REPOSITORY)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = {one for one in zipfile.ZipFile(wheel).namelist() if one.startswith("hub/scaffold/templates/")}
    here = {f"hub/scaffold/templates/{one.relative_to(TEMPLATES).as_posix()}" for one in TEMPLATES.rglob("*.tmpl")}
    assert packed == here


@pytest.mark.parametrize("plugin", USUAL, ids=lambda plugin: plugin.flavour)
def test_the_wheel_of_a_plugin_holds_its_whole_package(plugin: NewPlugin, site: Path, tmp_path: Path) -> None:
    """Also what is no Python: a layout, and the mark that it is typed; and its entry points."""
    done = started([*tool("hatchling"), "build", "-t", "wheel", "-d", tmp_path], site / plugin.name)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = {one for one in zipfile.ZipFile(wheel).namelist() if one.startswith("hub_")}
    package = f"hub_{plugin.name}/"
    assert packed == {path for path, _ in files_of(plugin) if path.startswith(package)}
