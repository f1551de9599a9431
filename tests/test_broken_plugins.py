"""Plugins that are broken in every way: each is listed with what is wrong, and none stops the hub or another plugin.

They are real distributions in a folder on the path, and tell whether they were imported.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub import registry
from hub.errors import ContractError, SettingsError, Unsupported
from hub.registry import SIMULATORS, Installed, Status
from hub.testing.distributions import GOOD_PROVIDER as GOOD
from hub.testing.distributions import Fake, Site

INSTANCE = "from types import SimpleNamespace\nP = SimpleNamespace(key='hunter2')\n"

KINDS: dict[str, tuple[Fake, Status, str]] = {
    "good": (Fake(), Status.OK, ""),
    "raises": (Fake("import zeeep\n"), Status.BROKEN, "ModuleNotFoundError: No module named 'zeeep'"),
    "wordy": (Fake("raise RuntimeError('first\\nsecond ' + 'x' * 999)\n"), Status.BROKEN, "RuntimeError: first second"),
    "exits": (Fake("raise SystemExit(4)\n"), Status.BROKEN, "SystemExit: 4"),
    "cancels": (Fake("import asyncio\nraise asyncio.CancelledError\n"), Status.BROKEN, "CancelledError"),
    "garbled": (Fake("class P(:\n"), Status.BROKEN, "SyntaxError"),
    "instance": (Fake(INSTANCE), Status.BROKEN, "names a SimpleNamespace, not a Provider class"),
    "module": (Fake("import string\nP = string\n"), Status.BROKEN, "names a module, not a Provider class"),
    "stranger": (Fake("class P: pass\n"), Status.BROKEN, "its class P is not a Provider subclass"),
    "absent": (Fake("", target="Gone"), Status.BROKEN, "has no attribute 'Gone'"),
    "misnamed": (Fake(GOOD.replace("NAME", "other")), Status.BROKEN, "is called misnamed and its class other"),
    "untitled": (Fake(GOOD.replace("Good Payroll", "")), Status.BROKEN, "it has no title"),
    "ahead": (Fake(GOOD.replace("title =", "api = 99\n    title =")), Status.INCOMPATIBLE, "made for contract 99"),
    "later": (Fake(requires=("payroll-hub>=99",)), Status.INCOMPATIBLE, "needs payroll-hub>=99"),
    "spelled": (Fake(requires=("Payroll_Hub >= 99",)), Status.INCOMPATIBLE, "needs Payroll_Hub>=99"),
    "extra": (Fake(requires=("payroll-hub>=99; extra == 'later'",)), Status.OK, ""),
    "nonsense": (Fake(requires=("!?",)), Status.INCOMPATIBLE, "what it requires cannot be read"),
    "unmarked": (Fake(GOOD.replace("@hookimpl", "", 1)), Status.BROKEN, "activate lacks @hookimpl"),
    "waits": (Fake(GOOD.replace("def act", "async def act")), Status.BROKEN, "activate must be a plain method"),
    "nameless": (Fake(metadata="Metadata-Version: 2.1\nVersion: 1.0\n"), Status.BROKEN, "its metadata cannot be read"),
    "bare": (Fake(metadata=""), Status.BROKEN, "its metadata cannot be read"),
    "binary": (Fake(metadata="\udcff\udcfe Name: {distribution}"), Status.BROKEN, "its metadata cannot be read"),
}  # fmt: skip
"""Every kind of provider with the status and the reason it must get; each name is also that of its entry point."""

NEVER_IMPORTED = {"later", "spelled", "nonsense", "nameless", "bare", "binary", "twice"}
"""The kinds that metadata alone rules out: their code must not run at all."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give an empty folder on the path of this process, and forget afterwards what was found in it."""
    monkeypatch.syspath_prepend(tmp_path)
    registry.forget()
    yield Site(tmp_path)
    registry.forget()
    for name in [name for name in sys.modules if name.startswith("fake_distribution_")]:
        del sys.modules[name]


def row(name: str, allowed: frozenset[str] | None = None) -> Installed:
    """Return what discover() says of the only claimant of a name."""
    (found,) = [one for one in registry.discover(allowed) if one.name == name]
    return found


# -- in this process --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_gets_its_status_and_a_reason_in_one_line(site: Site, name: str) -> None:
    fake, status, reason = KINDS[name]
    site.add(name, fake)
    found = row(name)
    assert (found.status, found.provider is not None) == (status, status is Status.OK)
    assert reason in found.reason
    assert "\n" not in found.reason
    assert len(found.reason) < 250
    assert "hunter2" not in found.reason


@pytest.mark.parametrize("name", KINDS)
def test_code_runs_only_where_the_metadata_allows_it(site: Site, name: str) -> None:
    site.add(name, KINDS[name][0])
    registry.discover()
    silent = NEVER_IMPORTED | {"garbled"}  # of what cannot be compiled no line runs
    assert site.imported(f"hub-{name}") is (name not in silent)


@pytest.mark.parametrize("name", KINDS)
def test_listing_imports_nothing(site: Site, name: str) -> None:
    site.add(name, KINDS[name][0])
    assert name in {one.name for one in registry.installed()}
    assert not site.imported(f"hub-{name}")


def test_a_good_provider_can_be_found(site: Site) -> None:
    site.add("good")
    assert registry.find("good").title == "Good Payroll"


def test_a_broken_provider_cannot_be_used_and_the_error_says_why(site: Site) -> None:
    site.add("raises", KINDS["raises"][0])
    with pytest.raises(
        SettingsError, match=r"raises cannot run .broken.: ModuleNotFoundError: No module named 'zeeep'"
    ):
        registry.find("raises")


def test_an_unknown_provider_is_refused_and_the_error_names_those_that_are_there(site: Site) -> None:
    site.add("good")
    with pytest.raises(SettingsError, match=r"no provider godo installed .installed: .*good"):
        registry.find("godo")


def test_of_two_claimants_of_nmbrs_none_is_used_and_none_is_imported(site: Site) -> None:
    """Otherwise the order of the path would decide who receives the salaries."""
    site.add("nmbrs", distribution="hub-honest")
    site.add("nmbrs", distribution="hub-other")
    claims = [one for one in registry.discover() if one.name == "nmbrs"]
    assert len(claims) >= 2  # a real one may be installed too
    assert {one.status for one in claims} == {Status.DUPLICATE}
    assert all(one.provider is None and "uninstall all but one" in one.reason for one in claims)
    assert not site.imported("hub-honest")
    assert not site.imported("hub-other")
    with pytest.raises(SettingsError, match="claim the name nmbrs"):
        registry.find("nmbrs")


def test_an_unreadable_claimant_still_makes_a_name_a_duplicate(site: Site) -> None:
    site.add("good")
    site.add("good", Fake(metadata=""), distribution="hub-unreadable")
    assert [one.status for one in registry.discover() if one.name == "good"] == [Status.DUPLICATE] * 2


def test_a_distribution_that_the_path_shows_twice_is_one_claimant(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.add("good")
    monkeypatch.setattr(sys, "path", [*sys.path, f"{site.folder}/."])
    assert row("good").status is Status.OK


def test_what_is_not_on_the_allow_list_is_listed_and_not_imported(site: Site) -> None:
    site.add("good")
    assert row("good", frozenset({"nmbrs"})).status is Status.NOT_ALLOWED
    assert not site.imported("hub-good")
    assert row("good", frozenset({"good"})).status is Status.OK


def test_discovery_is_done_once_until_it_is_forgotten(site: Site) -> None:
    before = registry.discover()
    site.add("good")
    assert registry.discover() is before
    registry.forget()
    assert row("good").status is Status.OK


# -- damaged lists of entry points ------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["garbage without an equals sign\n", "\udcff\udcfe\n"], ids=["garbage", "binary"])
def test_a_damaged_list_of_entry_points_is_shown_under_the_name_of_its_folder(site: Site, damage: str) -> None:
    site.add("good")
    site.add("lost", Fake(entry_points="[{group}]\nlost = {module}:P\n" + damage))
    found = row("hub_lost-1.0.dist-info")
    assert (found.status, found.reason) == (Status.BROKEN, "its metadata cannot be read: install it again.")
    assert not site.imported("hub-lost")
    assert row("good").status is Status.OK


def test_a_damaged_distribution_that_claims_no_provider_is_no_concern_here(site: Site) -> None:
    site.add("lost", Fake(entry_points="[console_scripts]\nlost = {module}:P\ngarbage\n"))
    assert not [one for one in registry.discover() if "lost" in one.distribution]


# -- what a plugin ships beside its provider --------------------------------------------------------------------------


def test_a_companion_is_found_beside_damaged_distributions(site: Site) -> None:
    site.add("lost", Fake(entry_points="[x]\ngarbage\n", metadata=""))
    site.add("good", Fake("P = 'the simulator'\n", group=SIMULATORS))
    assert registry.companion(SIMULATORS, "good") == "the simulator"


def test_a_missing_companion_is_unsupported(site: Site) -> None:
    site.add("good")
    with pytest.raises(Unsupported, match="Provider good has no simulators installed"):
        registry.companion(SIMULATORS, "good")


def test_a_companion_that_cannot_be_loaded_is_an_error_of_the_contract(site: Site) -> None:
    site.add("exits", Fake("raise SystemExit(4)\n", group=SIMULATORS))
    with pytest.raises(ContractError, match=r"simulators of exits cannot be loaded .SystemExit: 4.: install hub-exits"):
        registry.companion(SIMULATORS, "exits")


# -- the real command line, with all of them installed at once --------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        """The rows that it printed."""
        rows: list[dict[str, Any]] = json.loads(self.out)
        return rows


@dataclass(frozen=True)
class Machine:
    """A machine where every kind is installed, and two that claim the same name."""

    site: Site

    def hub(self, *arguments: str, **environment: str) -> Ran:
        """Run the console script in a process of its own."""
        script = Path(sysconfig.get_path("scripts")) / "hub"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        env = kept | {"PYTHONPATH": str(self.site.folder)} | environment
        done = subprocess.run(
            [sys.executable, str(script), *arguments], env=env, cwd=self.site.folder, capture_output=True, text=True
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    site = Site(tmp_path_factory.mktemp("site"))
    for name, (fake, _, _) in KINDS.items():
        site.add(name, fake)
    site.add("twice", distribution="hub-twice-a")
    site.add("twice", distribution="hub-twice-b")
    return Machine(site)


@pytest.fixture(scope="module")
def doctor(machine: Machine) -> Ran:
    return machine.hub("doctor", "--json")


@pytest.fixture(scope="module")
def listed(machine: Machine) -> Ran:
    return machine.hub("providers", "--json")


def test_hub_doctor_fails_without_a_traceback(doctor: Ran) -> None:
    assert (doctor.code, doctor.err) == (1, "")


def test_hub_doctor_imports_no_provider(tmp_path: Path) -> None:
    machine = Machine(Site(tmp_path))
    machine.site.add("good")
    machine.hub("doctor")
    assert not machine.site.imported("hub-good")
    machine.hub("providers")
    assert machine.site.imported("hub-good")  # so the file does tell


def test_hub_doctor_makes_no_database(tmp_path: Path) -> None:
    """Who looks at an installation must not change it."""
    machine = Machine(Site(tmp_path))
    (database,) = [one for one in machine.hub("doctor", "--json").json if one["check"] == "database"]
    assert database == {"check": "database", "ok": True, "text": "none yet: it is made on first use"}
    assert not list(tmp_path.rglob("*.db"))


def test_hub_doctor_tells_of_each_provider_what_metadata_tells(doctor: Ran) -> None:
    rows = {one["check"]: one for one in doctor.json}
    for name, (_, _, reason) in KINDS.items():
        found = rows[f"provider {name}"]
        assert found["ok"] is (name not in NEVER_IMPORTED)
        assert name not in NEVER_IMPORTED or reason in found["text"]
        assert "\n" not in found["text"]
    twice = [one for one in doctor.json if one["check"] == "provider twice"]
    assert [one["ok"] for one in twice] == [False, False]


def test_hub_doctor_still_looks_at_the_database(doctor: Ran) -> None:
    (found,) = [one for one in doctor.json if one["check"] == "database"]
    assert found["ok"] is True


def test_hub_providers_lists_every_kind_with_its_status_and_ends_well(listed: Ran) -> None:
    assert (listed.code, listed.err) == (0, "")
    rows = {one["name"]: one for one in listed.json if one["name"] != "twice"}
    for name, (_, status, reason) in KINDS.items():
        assert rows[name]["status"] == status
        assert reason in rows[name]["reason"]
        assert "\n" not in rows[name]["reason"]
    assert [one["status"] for one in listed.json if one["name"] == "twice"] == ["duplicate", "duplicate"]


def test_hub_providers_runs_no_code_that_metadata_rules_out(machine: Machine, listed: Ran) -> None:
    ruled_out = [f"hub-{name}" for name in NEVER_IMPORTED - {"twice"}] + ["hub-twice-a", "hub-twice-b"]
    assert [name for name in ruled_out if machine.site.imported(name)] == []
    assert machine.site.imported("hub-good")


def test_a_provider_that_is_well_installed_stays_ok_beside_them(listed: Ran) -> None:
    fakes = {*KINDS, "twice"}
    others = [one["status"] for one in listed.json if one["name"] not in fakes]
    assert set(others) <= {"ok"}


@pytest.mark.parametrize("command", ["providers", "doctor"])
def test_the_table_for_a_person_names_every_provider(machine: Machine, listed: Ran, command: str) -> None:
    ran = machine.hub(command)
    assert (ran.code, ran.err) == (1 if command == "doctor" else 0, "")
    told = re.findall(r"[\w.-]+", ran.out)
    assert [name for name in KINDS if name not in told] == []
    assert told.count("twice") >= 2
    assert "Traceback" not in ran.out


def test_strict_providers_fail_the_command_after_the_list(machine: Machine, listed: Ran) -> None:
    ran = machine.hub("providers", "--json", HUB_STRICT_PROVIDERS="1")
    assert (ran.code, ran.err) == (1, "A provider is not ok (HUB_STRICT_PROVIDERS=1): see the list above.\n")
    assert ran.json == listed.json


def test_strict_providers_are_content_when_all_are_ok(tmp_path: Path) -> None:
    machine = Machine(Site(tmp_path))
    machine.site.add("good")
    ran = machine.hub("providers", "--json", HUB_STRICT_PROVIDERS="1")
    assert (ran.code, ran.err) == (0, "")


def test_the_allow_list_of_the_environment_keeps_code_from_running(tmp_path: Path) -> None:
    machine = Machine(Site(tmp_path))
    machine.site.add("good")
    machine.site.add("other")
    rows = {one["name"]: one["status"] for one in machine.hub("providers", "--json", HUB_PROVIDERS="good").json}
    assert (rows["good"], rows["other"]) == ("ok", "not allowed")
    assert (machine.site.imported("hub-good"), machine.site.imported("hub-other")) == (True, False)
