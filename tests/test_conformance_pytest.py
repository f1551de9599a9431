"""The conformance kit in pytest: a test per rule, exemptions with reasons, and a file of what came of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from hub.errors import SettingsError
from hub.testing.conformance import ProviderConformance
from hub.testing.conformance.advice import ADVICE
from hub.testing.conformance.paper import FOLDER, renewed, renewed_site
from hub.testing.conformance.registry import RULES
from hub.testing.conformance.rule import Group
from hub.testing.conformance.rule_pages import pages
from hub.testing.distributions import Fake, Site

pytest_plugins = ["pytester"]

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PLUGIN = "hub.testing.conformance.plugin"
INSTALLED = any(one.value == PLUGIN for one in entry_points(group="pytest11"))

OF_OTHERS = {"put-keeps-the-others", "put-of-a-changed-slot-is-not-executed"}
OF_OTHERS |= {"same-key-adds-nothing", "resolve-tells-no-lie"}
"""Rules on what the good provider does not do."""

HEAD = """
from broken_providers.{module} import {name} as P
from broken_providers.good import GoodConformance
class TestGood(GoodConformance):
    provider = P
"""

NOT_BUILT = """
from hub import Support
P.capabilities = {one: Support.NOT_BUILT for one in P.capabilities if one.startswith("post")}
"""

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run the conformance file of a provider; return what came of its rules, by their ids, as the file tells it."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.syspath_prepend(str(pytester.path))

    def run_it(*arguments: str, module: str = "good", name: str = "GoodProvider", more: str = "") -> dict[str, Any]:
        Site(pytester.path).add("good", Fake(f"from broken_providers.{module} import {name} as P\n"))
        pytester.makepyfile(test_good=HEAD.format(module=module, name=name) + more)
        active = () if INSTALLED else ("-p", PLUGIN)
        pytester.runpytest_inprocess(*active, "--conformance-json", "out/c.json", "-p", "no:cacheprovider", *arguments)
        told = json.loads((pytester.path / "out" / "c.json").read_text())
        return dict(told["providers"].get("good", {}))

    yield run_it
    for one in [one for one in sys.modules if one.startswith(("broken_providers", "fake_distribution_"))]:
        del sys.modules[one]


def outcome(told: dict[str, Any], rule: str) -> tuple[str, str]:
    one = told["rules"][rule]
    return one["outcome"], one["reason"]


def exempt(pytester: pytest.Pytester, text: str) -> None:
    (pytester.path / "conformance.toml").write_text(text)


def test_every_rule_is_a_test_and_its_outcome_is_written(run: Run) -> None:
    """All pass for the good provider but those for files and other shapes, with its distribution and version."""
    told = run()
    assert (told["distribution"], told["version"]) == ("hub-good", "1.0")
    wanted = {one.id: "skipped" if one.group is Group.FILES or one.id in OF_OTHERS else "passed" for one in RULES}
    assert {name: one["outcome"] for name, one in told["rules"].items()} == wanted


@pytest.mark.parametrize(
    ("named", "told"), [("sqlite", "sqlite"), (" postgresql ", "postgresql"), ("sqlite, postgresql", ""), ("", "")]
)
def test_the_file_tells_the_database_that_the_run_was_limited_to(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, named: str, told: str
) -> None:
    """One, or none where it was on both: so that the matrix has it whatever the file is called."""
    monkeypatch.setenv("HUB_TEST_DATABASES", named)
    run("-k", "secrets-are-typed")
    assert json.loads((pytester.path / "out" / "c.json").read_text())["database"] == told


def test_one_rule_is_run_by_its_id(run: Run) -> None:
    """The others were not run, and the file says so."""
    told = run("-k", "posted-is-readable")
    ran = [name for name, one in told["rules"].items() if one["outcome"] != "not run"]
    assert ran == ["posted-is-readable"]


def test_a_rule_that_is_not_kept_fails_with_what_was_seen(run: Run) -> None:
    """And the file holds the sentence."""
    told = run("-k", "sync-", module="sync_is_complete", name="Broken")
    assert outcome(told, "sync-is-complete") == ("failed", "the sync holds 4 of 6 people")
    assert outcome(told, "sync-pages-to-the-end") == ("skipped", "it stands on sync-is-complete, which failed")
    assert told["rules"]["sync-is-complete"]["level"] == "required"


def test_a_recommended_rule_that_is_not_kept_does_not_end_the_run(run: Run) -> None:
    """It is failed in the file, and an expected failure of pytest."""
    told = run("-k", "dutch", module="settings_in_dutch_and_english", name="Broken")
    assert told["rules"]["settings-in-dutch-and-english"] == {
        "level": "recommended",
        "outcome": "failed",
        "reason": "the setting note is not described in Dutch and in English",
    }


def test_an_exemption_has_its_reason_in_the_file(run: Run, pytester: pytest.Pytester) -> None:
    """The rule is tried, not kept, and exempt."""
    exempt(pytester, '[exempt]\n"sync-is-complete" = "It cannot tell who left."\n')
    told = run("-k", "sync-is-complete", module="sync_is_complete", name="Broken")
    assert outcome(told, "sync-is-complete") == ("exempt", "It cannot tell who left.")


def test_an_exemption_that_is_not_needed_fails(run: Run, pytester: pytest.Pytester) -> None:
    """Otherwise a rule that is mended stays exempt for ever."""
    exempt(pytester, '[exempt]\n"sync-is-complete" = "It cannot tell who left."\n')
    told = run("-k", "sync-is-complete")
    text = "good keeps sync-is-complete: take it out of conformance.toml"
    assert outcome(told, "sync-is-complete") == ("failed", text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('[exempt]\n"sync-is-complete" = " "\n', "exempts sync-is-complete without a reason: give one."),
        ('[exempt]\n"no-such-rule" = "why"\n', "exempts no-such-rule, which is no rule: correct its name or take it"),
        ('[skip]\n"sync-is-complete" = "why"\n', "may hold only [exempt]"),
    ],
)
def test_an_exemption_needs_a_rule_and_a_reason(run: Run, pytester: pytest.Pytester, written: str, text: str) -> None:
    """Otherwise every rule fails, so that nobody can overlook it."""
    exempt(pytester, written)
    found, reason = outcome(run("-k", "posted-is-readable"), "posted-is-readable")
    assert (found, text in reason) == ("failed", True), reason


@pytest.mark.parametrize("own", ["test_rule", "pytest_generate_tests", "test_posted"])
def test_a_class_that_changes_the_kit_is_refused(own: str) -> None:
    """In whatever way it would get around a rule, and with what to do instead."""
    with pytest.raises(SettingsError, match=f"overrides {own} of the conformance kit: exempt a rule in conform"):
        type("TestAcme", (ProviderConformance,), {own: None})
    with pytest.raises(SettingsError, match=f"overrides {own} of the conformance kit: exempt a rule in conform"):
        type("TestAcme", (type("Mixin", (), {own: None}), ProviderConformance), {})


def test_no_rule_is_run_of_a_class_that_changes_the_kit(run: Run) -> None:
    """Its file cannot be imported, so that nothing of it passes."""
    assert run(more="    test_rule = None\n") == {}


def test_a_rule_on_what_is_not_built_is_skipped_with_the_grade(run: Run) -> None:
    """As the provider declares it."""
    told = run("-k", "exact", more=NOT_BUILT)
    why = "it declares post_hours not_built, post_wage not_built, post_days not_built"
    assert outcome(told, "amounts-are-exact") == ("skipped", why)


def test_without_a_remote_only_the_class_is_tried(run: Run) -> None:
    """A provider of files is not called over the wire."""
    told = run("-k", "activates or secrets-are-typed", more="    remote = None\n")
    assert outcome(told, "activates") == ("skipped", "it is not called over the wire")
    assert outcome(told, "secrets-are-typed") == ("passed", "")


def test_the_plugin_costs_other_runs_nothing() -> None:
    """Loading it, as pytest does in every run, imports neither the kit nor the hub's models."""
    code = f"import pytest, sys, {PLUGIN}; print(*(one for one in sys.modules if one.startswith(('hub', 'pydantic'))))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) == {"hub", "hub.testing", "hub.testing.conformance", PLUGIN}


def test_the_documentation_holds_the_rules_of_today() -> None:
    """Written anew, the page is what it was."""
    page = (DOCS / "conformance.md").read_text()
    assert renewed(page) == page
    assert all(f"]({FOLDER}/{one.id}.md)" in page for one in RULES)


def test_every_rule_has_a_page_of_today() -> None:
    """Written anew they are what they were, and there is no other; `hub.testing.conformance.paper` writes them."""
    made = pages(HERE / "broken_providers")
    assert {file.name: file.read_text() for file in (DOCS / FOLDER).glob("*")} == made
    assert sorted(made) == sorted(f"{one.id}.md" for one in RULES)


def test_the_site_has_every_rule_in_its_navigation() -> None:
    """Written anew, it is what it was."""
    site = (HERE.parent / "zensical.toml").read_text()
    assert renewed_site(site) == site
    assert all(f'"{FOLDER}/{one.id}.md"' in site for one in RULES)


def test_every_rule_says_what_a_provider_must_do() -> None:
    """In a sentence, and nothing is said of a rule that is gone."""
    assert set(ADVICE) == {one.id for one in RULES}
    assert all(one.endswith(".") for one in ADVICE.values())


@pytest.mark.parametrize("id", ["sync-is-complete", "timeout-is-unknown", "settings-in-dutch-and-english"])
def test_a_page_tells_the_rule_its_check_and_who_fails_it(id: str) -> None:
    """Also of a rule that is made by a function, and of one that is only recommended."""
    (rule,) = (one for one in RULES if one.id == id)
    page = pages(HERE / "broken_providers")[f"{id}.md"]
    found = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert [language for language, _ in found] == ["python", "python", "toml"]
    (_, check), (_, broken), (_, exempt) = found
    assert check.startswith("def ")
    assert "bench" in check
    assert broken.startswith("class Broken(Good")
    assert tomllib.loads(exempt)["exempt"].keys() == {id}
    assert all(text in page for text in (rule.reason, rule.holds, ADVICE[id], str(rule.level).capitalize()))
    assert f"tests/broken_providers/{id.replace('-', '_')}.py" in page
