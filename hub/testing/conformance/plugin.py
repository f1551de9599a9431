"""The pytest plugin: sums up what came of the rules, and with `--conformance-json PATH` writes it to a file.

Both are made of what the tests of this run showed, and of nothing that a provider says of itself.

It imports nothing of the kit: pytest loads it in every run, also in those that test no provider.
"""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "conformance"
KIT = "conformance-kit"
"""What a test of the kit itself records: how many rules there are, and how many broken providers prove them."""

VARIABLE = "HUB_CONFORMANCE_JSON"
DATABASES = "HUB_TEST_DATABASES"
_RANK = ("passed", "skipped", "exempt", "failed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the path of the file; the environment may give it too."""
    group = parser.getgroup("payroll-hub")
    text = f"write what came of the rules for providers to this file (or set {VARIABLE})"
    group.addoption("--conformance-json", metavar="PATH", default=os.environ.get(VARIABLE, ""), help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Collect in the process that hears of all tests: where workers share them, that is the one above them."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(config.getoption("--conformance-json")), "payroll-hub-conformance")


class Collector:
    """Hears of every test, prints a line for each provider at the end, and writes the file where `path` names one."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._kit = ""
        self._providers: dict[str, dict[str, dict[str, str]]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what came of a rule; where it was tried more than once, the worst counts."""
        properties = dict(report.user_properties)
        self._kit = str(properties.get(KIT, self._kit))
        told = properties.get(PROPERTY)
        if not isinstance(told, dict) or (report.when != "call" and not report.failed):
            return
        outcome = _outcome(report, told)
        reason = told["reason"] or report.longreprtext.strip().rpartition("\n")[2]
        rules = self._providers.setdefault(told["provider"], {})
        before = rules.get(told["rule"], {}).get("outcome", _RANK[0])
        if _RANK.index(outcome) >= _RANK.index(before):
            rules[told["rule"]] = {"level": told["level"], "outcome": outcome, "reason": reason}

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        if self._path:
            self._write(Path(self._path))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print how many rules each provider passed, failed, and so on."""
        if self._kit:
            terminalreporter.write_line(f"conformance kit: {self._kit}")
        for name, rules in sorted(self._providers.items()):
            counts = Counter(one["outcome"] for one in rules.values())
            told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in _RANK if counts[outcome])
            terminalreporter.write_line(f"conformance: {name}: {len(rules)} rules, {told}")

    def _write(self, path: Path) -> None:
        rules = {} if not self._providers else _all_rules()
        providers = {
            name: {**_installed(name), "rules": {**rules, **found}} for name, found in sorted(self._providers.items())
        }
        about = {"hub": _version("payroll-hub"), "python": platform.python_version(), "database": _database()}
        content = {**about, "providers": providers}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n")


def _outcome(report: pytest.TestReport, told: dict[str, str]) -> str:
    """Return what a report says of a rule: one that is expected to fail is exempt, or only recommended."""
    if hasattr(report, "wasxfail"):
        return "exempt" if told["exempt"] else "failed"
    return report.outcome


def _all_rules() -> dict[str, dict[str, str]]:
    from hub.testing.conformance.registry import RULES

    return {one.id: {"level": str(one.level), "outcome": "not run", "reason": ""} for one in RULES}


def _installed(name: str) -> dict[str, Any]:
    """Return the distribution and version of a provider; empty where it is not installed."""
    for one in entry_points(group="payroll_hub.providers"):
        if one.name == name and one.dist is not None:
            return {"distribution": one.dist.name, "version": one.dist.version}
    return {"distribution": "", "version": ""}


def _database() -> str:
    """Return the database that the environment limits this run to; empty where it names none, or more."""
    named = [one.strip() for one in os.environ.get(DATABASES, "").split(",") if one.strip()]
    return named[0] if len(named) == 1 else ""


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
