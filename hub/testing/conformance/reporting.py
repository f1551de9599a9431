"""From a rule to a test of pytest: passed, failed, skipped with the reason, or exempt with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.errors import SettingsError
from hub.testing.conformance.judging import check
from hub.testing.conformance.kit import ProviderConformance
from hub.testing.conformance.registry import RULES
from hub.testing.conformance.rule import Level, NotApplicable, NotConforming, Rule

PROPERTY = "conformance"
EXEMPTIONS = "conformance.toml"


def exemptions(folder: Path) -> dict[str, str]:
    """Return the reasons by the ids of the rules that a provider is exempt from, as `conformance.toml` gives them.

    Raises `SettingsError` for a rule that does not exist and for one without a reason.
    """
    file = folder / EXEMPTIONS
    given = tomllib.loads(file.read_text()) if file.exists() else {}
    exempt = given.get("exempt", {})
    if given.keys() - {"exempt"} or not isinstance(exempt, dict):
        raise SettingsError(f'{EXEMPTIONS} may hold only [exempt], with lines such as "a-rule" = "the reason".')
    known = {one.id for one in RULES}
    for id, reason in exempt.items():
        if id not in known:
            raise SettingsError(f"{EXEMPTIONS} exempts {id}, which is no rule: correct its name or take it out.")
        if not isinstance(reason, str) or not reason.strip():
            raise SettingsError(f"{EXEMPTIONS} exempts {id} without a reason: give one.")
    return exempt


def run_as_test(
    kit: ProviderConformance, rule: Rule, folder: Path, record_property: Callable[[str, object], None]
) -> None:
    """Try a provider by a rule and let pytest tell. An exemption that is not needed any more fails."""
    told = {"provider": kit.provider.name, "rule": rule.id, "level": str(rule.level), "exempt": "", "reason": ""}
    record_property(PROPERTY, told)
    try:
        told["exempt"] = exemptions(folder).get(rule.id, "")
        check(rule, kit, kit.failed)
    except NotApplicable as reason:
        told["reason"] = str(reason)
        pytest.skip(told["reason"])
    except Exception as error:
        kit.failed.add(rule.id)
        told["reason"] = told["exempt"] or str(error)
        _not_kept(kit, rule, told, error)
        raise
    if told["exempt"]:
        told["reason"] = f"{kit.provider.name} keeps {rule.id}: take it out of {EXEMPTIONS}"
        pytest.fail(told["reason"], pytrace=False)


def _not_kept(kit: ProviderConformance, rule: Rule, told: dict[str, str], error: Exception) -> None:
    """Say so, as mildly as the rule is; return where the error is nothing that the kit foresees."""
    if told["exempt"]:
        pytest.xfail(f"exempt: {told['exempt']}")
    if rule.level is Level.RECOMMENDED:
        pytest.xfail(f"recommended: {error}")
    if isinstance(error, NotConforming):
        seen = f"{kit.provider.name} does not keep {rule.id}: {error}"
        pytest.fail(f"{seen}\n  What must hold: {rule.holds}\n  Why: {rule.reason}", pytrace=False)
