"""The conformance kit is tested itself: the good provider keeps every rule, each broken one breaks just its own."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from hub import Provider
from hub.testing.conformance import ProviderConformance
from hub.testing.conformance.judging import Outcome, Verdict, judge
from hub.testing.conformance.registry import RULES
from hub.testing.conformance.rule import FIRST, Group
from hub.testing.distributions import Fake, Site

HERE = Path(__file__).parent
FOLDER = HERE / "broken_providers"
SHARED = {"__init__", "good", "good_file", "shapes", "simulator"}
FILES = {rule.id: "it declares render_file no" for rule in RULES if rule.group is Group.FILES}
WIRE = {rule.id: "it is not called over the wire" for rule in RULES if rule.wire}
AT_ONCE = {"resolve-tells-no-lie": "it answers at once"}
KEYS = {"same-key-adds-nothing": "it declares idempotent no"}
PUT = dict.fromkeys(("put-keeps-the-others", "put-of-a-changed-slot-is-not-executed"), "it declares put no")
CORRECTIONS = {
    f"{way}-its-own-row": f"it declares {grades}"
    for verb, way in (("replace", "replace-touches"), ("withdraw", "withdraw-touches"))
    for grades in (", ".join(f"{verb}_{kind} no" for kind in ("hours", "wage", "days")),)
} | {f"correction-{verb}s-its-own-row": f"it declares {verb}_hours no" for verb in ("replace", "withdraw")}
GOOD = {
    ("good", "GoodProvider"): FILES | AT_ONCE | KEYS | PUT,
    ("good_file", "GoodFileProvider"): WIRE,
    ("shapes", "PutProvider"): FILES | AT_ONCE | KEYS | CORRECTIONS,
    ("shapes", "PatientProvider"): FILES | KEYS | PUT,
    ("shapes", "KeyedProvider"): FILES | AT_ONCE | PUT,
}
"""What the good providers have nothing to do with, and why; together they are tried by every rule."""

MUTANTS = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem not in SHARED)
IDS = [rule.id for rule in RULES]
MOST_LINES = 10

Judged = Callable[[str, str], dict[str, Verdict]]


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Judged]:
    """Install a provider of `broken_providers` under the name good, and judge it by every rule."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.syspath_prepend(str(tmp_path))

    def judge_it(module: str, name: str) -> dict[str, Verdict]:
        source = f"from broken_providers.{module} import {name} as P\n"
        Site(tmp_path).add("good", Fake(source))
        found: type[Provider] = getattr(import_module(f"broken_providers.{module}"), name)
        good, conformance = ("good_file", "GoodFileConformance") if found.layout else ("good", "GoodConformance")
        base: type[ProviderConformance] = getattr(import_module(f"broken_providers.{good}"), conformance)
        return judge(type("Conformance", (base,), {"provider": found})(), RULES)

    yield judge_it
    for name in [one for one in sys.modules if one.startswith(("broken_providers", "fake_distribution_"))]:
        del sys.modules[name]


def with_outcome(verdicts: dict[str, Verdict], outcome: Outcome) -> dict[str, str]:
    return {id: one.reason for id, one in verdicts.items() if one.outcome is outcome}


@pytest.mark.parametrize(("module", "name"), GOOD)
def test_a_good_provider_keeps_every_rule(judged: Judged, module: str, name: str) -> None:
    """None fails. Skipped are just those that its shape has nothing to do with."""
    verdicts = judged(module, name)
    assert with_outcome(verdicts, Outcome.FAILED) == {}
    assert with_outcome(verdicts, Outcome.SKIPPED) == GOOD[module, name]
    assert list(verdicts) == IDS


def test_no_rule_is_skipped_for_all_good_providers() -> None:
    """One that is would never be seen to pass."""
    assert set.intersection(*(set(skipped) for skipped in GOOD.values())) == set()


def base_of(mutant: str) -> dict[str, str]:
    """Return what the good provider that a broken one is made of has nothing to do with."""
    bases = sys.modules[f"broken_providers.{mutant}"].Broken.__mro__
    return next(GOOD[key] for one in bases for key in GOOD if key[1] == one.__name__)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_provider_breaks_its_rule_and_no_other(judged: Judged, mutant: str) -> None:
    """Just the rule of its name fails; what stands on that is skipped and says so."""
    verdicts = judged(mutant, "Broken")
    rule = mutant.replace("_", "-")
    failed = with_outcome(verdicts, Outcome.FAILED)
    assert list(failed) == [rule], failed
    assert failed[rule].startswith(("NotConforming: ", "ContractError: ")), failed  # and by no accident of the kit
    skipped = dict(with_outcome(verdicts, Outcome.SKIPPED).items() - base_of(mutant).items())
    assert set(skipped.values()) <= {f"it stands on {rule}, which failed"}


def test_a_remote_that_fails_itself_is_no_fault_of_the_provider(judged: Judged) -> None:
    """Its author is told that the simulator has a bug, and which."""
    judged("good", "GoodProvider")
    base: type[ProviderConformance] = sys.modules["broken_providers.good"].GoodConformance
    assert base.remote is not None
    remote = type("Remote", (base.remote,), {"_administration": lambda self, fault: 1 // 0})
    verdicts = judge(type("Conformance", (base,), {"remote": remote})(), [one for one in RULES if one.id == FIRST])
    text = "RuntimeError: the remote itself failed, not the provider: ZeroDivisionError: "
    assert verdicts[FIRST].outcome is Outcome.FAILED
    assert verdicts[FIRST].reason.startswith(text)


def test_every_rule_has_its_broken_provider(record_property: Callable[[str, object], None]) -> None:
    """As many rules as broken providers, by the same names; both counts are printed."""
    record_property("conformance-kit", f"{len(RULES)} rules, {len(MUTANTS)} broken providers")
    assert sorted(id.replace("-", "_") for id in IDS) == MUTANTS
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_provider_differs_by_a_few_lines(mutant: str) -> None:
    """At most ten lines of its own: without imports, docstrings and blank lines."""
    tree = ast.parse((FOLDER / f"{mutant}.py").read_text())
    (broken,) = (one for one in tree.body if isinstance(one, ast.ClassDef))
    own = [line for line in ast.unparse(broken).splitlines()[1:] if line.strip() and '"""' not in line]
    assert 0 < len(own) <= MOST_LINES, own
    rest = [one for one in tree.body if one is not broken]
    assert all(isinstance(one, ast.Import | ast.ImportFrom | ast.Expr) for one in rest)


def test_a_rule_stands_only_on_rules_before_it() -> None:
    """Otherwise it would be tried before it is known whether it means anything."""
    for place, rule in enumerate(RULES):
        assert set(rule.stands_on) <= set(IDS[:place]), rule.id


def test_every_rule_says_why_and_what_must_hold() -> None:
    """In sentences: the documentation is made of them."""
    for rule in RULES:
        assert rule.reason.endswith("."), rule.id
        assert rule.holds.endswith("."), rule.id
