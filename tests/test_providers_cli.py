"""`hub providers show`: a provider is read, not run; what it tells is shown to a person, a script and a host's form."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import registry
from hub.process import Process
from hub.provider import Capability
from hub.testing.command import Told, hub
from hub.testing.distributions import GOOD_PROVIDER, Fake, Site

SETTINGS = """
from pydantic import Field, SecretStr
from hub import Capability, ContractType, Layout, Provider, ProviderSettings, Right, RightState, Support, hookimpl

class PayrollSettings(ProviderSettings):
    account: str = Field(title="Account", description="The number of the account.",
                         json_schema_extra={"nl": {"title": "Account", "description": "Het nummer van het account."}})
    token: SecretStr = Field(title="Token", description="The key of the account.")
    second: SecretStr | None = Field(default=None, title="Second", description="Another key.")
    environment: str = Field(default="live", title="Environment", description="live or test.")
"""

FULL_PROVIDER = f"""{SETTINGS}
class P(Provider):
    name = "NAME"
    title = "Full Payroll"
    api = 1
    hosts = ("api.payday.example", "login.payday.example")
    calls_per_second = 2.5
    concurrency = 3
    settle_seconds = 60.5
    week53 = "own_period"
    needs_bsn = True
    contract_types = (ContractType.ZERO_HOURS, ContractType.FIXED_HOURS)
    Settings = PayrollSettings
    columns = [{{"header": one, "source": one}} for one in ("bsn", "code", "amount")]
    layout = Layout.model_validate(dict(name="payday", version="3", grain="person_code", columns=columns))
    rights = (Right(name="People.Read", state=RightState.UNPROVEN, capabilities=("sync_workforce",),
                    grant="Ask the accountant to tick People.Read."),)
    capabilities = {{Capability.SYNC_WORKFORCE: Support.FULL, Capability.POST_HOURS: Support.NOT_BUILT}}

    def __init__(self, context):
        raise AssertionError("it was made")

    @hookimpl
    def activate(self, request):
        raise AssertionError("it was called")

    @hookimpl
    def sync_workforce(self, request):
        raise AssertionError("it was called")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give an empty folder that is on the path of this process, and in which it works; forget it afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    registry.forget()
    yield Site(tmp_path)
    registry.forget()
    for name in [name for name in sys.modules if name.startswith("fake_distribution_")]:
        del sys.modules[name]


def run(*words: object) -> Told:
    """Run `hub providers` with these words."""
    return hub(Process(), "providers", *words)


def shown(name: str, *words: object) -> Any:
    """Return what the command tells of a provider as JSON."""
    told = run("show", name, "--json", *words)
    assert (told.code, told.err) == (0, "")
    return told.data


def test_everything_that_a_provider_tells_is_shown(site: Site) -> None:
    """All of it, although to make an instance of this one is an error."""
    site.add("payday", Fake(FULL_PROVIDER))
    found = shown("payday")
    grades = {one.value: "no" for one in Capability} | {"sync_workforce": "full", "post_hours": "not_built"}
    assert found.pop("settings") != []
    assert found == {
        "name": "payday",
        "title": "Full Payroll",
        "distribution": "hub-payday",
        "version": "1.0",
        "status": "ok",
        "reason": "",
        "api": 1,
        "capabilities": grades,
        "rights": [
            {
                "name": "People.Read",
                "capabilities": ["sync_workforce"],
                "grant": "Ask the accountant to tick People.Read.",
            }
        ],
        "hosts": ["api.payday.example", "login.payday.example"],
        "calls_per_second": 2.5,
        "concurrency": 3,
        "settle_seconds": 60.5,
        "week53": "own_period",
        "contract_types": ["zero_hours", "fixed_hours"],
        "needs_bsn": True,
        "layout": {"name": "payday", "version": "3", "status": "unverified"},
        "conformance": [],
    }


def test_the_documentation_names_every_key(site: Site) -> None:
    """And no other, in the row of the command."""
    site.add("payday", Fake(FULL_PROVIDER))
    text = (Path(__file__).parents[1] / "docs" / "commands.md").read_text()
    (row,) = [line for line in text.splitlines() if line.startswith("| `hub providers show` |")]
    assert set(re.findall(r"`(\w+)`", row.split("|")[-2])) == set(shown("payday"))


def test_each_setting_says_what_it_is_in_both_languages_and_whether_it_is_secret(site: Site) -> None:
    """A secret that may be left out is one too."""
    site.add("payday", Fake(FULL_PROVIDER))
    settings = {one.pop("name"): one for one in shown("payday")["settings"]}
    assert settings["account"] == {
        "title": "Account",
        "description": "The number of the account.",
        "nl": {"title": "Account", "description": "Het nummer van het account."},
        "required": True,
        "secret": False,
        "default": None,
    }
    assert {name: (one["required"], one["secret"]) for name, one in settings.items()} == {
        "account": (True, False),
        "token": (True, True),
        "second": (False, True),
        "environment": (False, False),
    }
    assert settings["environment"]["default"] == "live"


def test_a_person_sees_all_of_it_on_one_page(site: Site) -> None:
    """In words, with nothing left out that JSON holds."""
    site.add("payday", Fake(FULL_PROVIDER))
    told = run("show", "payday")
    assert (told.code, told.err) == (0, "")
    page = " ".join(told.out.split())
    for text in (
        "provider payday (Full Payroll)",
        "distribution hub-payday 1.0",
        "status ok",
        "contract version 1",
        "hosts api.payday.example, login.payday.example",
        "calls 2.5 a second, 3 at a time",
        "settles 60.5 seconds after a lost answer",
        "week 53 own period",
        "contract types zero hours, fixed hours by default",
        "BSN needed of everybody in its file",
        "layout payday version 3, unverified",
        "sync workforce full",
        "post hours not built",
        "token secret, required Token: The key of the account.",
        "second secret Second: Another key.",
        "People.Read sync workforce",
        "conformance no results here: `--conformance FILE` names them",
    ):
        assert text in page


def test_a_provider_that_states_nothing_is_shown_with_what_that_means(site: Site) -> None:
    """Its class was written before there was anything to state."""
    site.add("plain", Fake(GOOD_PROVIDER))
    page = " ".join(run("show", "plain").out.split())
    for text in (
        "hosts none: it speaks to nobody",
        "calls any number a second",
        "week 53 not known: the company chooses",
        "BSN not needed",
    ):
        assert text in page
    assert not any(word in page for word in ("layout", "Settings", "Rights"))


# -- the schema -------------------------------------------------------------------------------------------------------


def test_the_schema_is_that_of_the_settings(site: Site) -> None:
    """With what a host's form needs: texts, what must be given, and what is secret."""
    site.add("payday", Fake(FULL_PROVIDER))
    schema = json.loads(run("show", "payday", "--schema").out)
    assert (schema["type"], schema["required"]) == ("object", ["account", "token"])
    assert schema["additionalProperties"] is False
    assert schema["properties"]["token"] == {
        "description": "The key of the account.",
        "format": "password",
        "title": "Token",
        "type": "string",
        "writeOnly": True,
    }
    assert schema["properties"]["account"]["nl"]["description"] == "Het nummer van het account."


def test_there_is_no_schema_of_what_cannot_run(site: Site) -> None:
    """Its class is not loaded; the reason is told."""
    site.add("raises", Fake("import zeeep\n"))
    told = run("show", "raises", "--schema")
    assert (told.code, told.out) == (1, "")
    assert told.err == "Provider raises cannot run (broken): ModuleNotFoundError: No module named 'zeeep'\n"


def test_settings_without_a_schema_are_for_the_author_to_mend(site: Site) -> None:
    """One sentence, and not a fault of the hub."""
    odd = "from collections.abc import Callable\n" + FULL_PROVIDER.replace(
        "    token:", "    ready: Callable[[], int]\n    token:"
    )
    site.add("odd", Fake(odd))
    for words in (("--schema",), ("--json",), ()):
        told = run("show", "odd", *words)
        assert (told.code, told.out) == (1, "")
        assert told.err == "The settings of odd have no JSON Schema: its author must mend them.\n"


# -- providers that cannot run ----------------------------------------------------------------------------------------


def test_a_broken_provider_is_shown_with_its_reason_and_what_metadata_tells(site: Site) -> None:
    """That is what somebody looks for who asks why it does not work."""
    site.add("raises", Fake("import zeeep\n"))
    assert shown("raises") == {
        "name": "raises",
        "distribution": "hub-raises",
        "version": "1.0",
        "status": "broken",
        "reason": "ModuleNotFoundError: No module named 'zeeep'",
        "conformance": [],
    }
    assert "status          broken: ModuleNotFoundError: No module named 'zeeep'\n" in run("show", "raises").out


def test_both_claimants_of_a_name_are_shown(site: Site) -> None:
    """Else nobody knows what to uninstall."""
    site.add("twice", distribution="hub-twice-a")
    site.add("twice", distribution="hub-twice-b")
    found = shown("twice")
    assert (found["status"], found["distribution"], found["version"]) == (
        "duplicate",
        "hub-twice-a, hub-twice-b",
        "1.0, 1.0",
    )


def test_a_provider_that_the_operator_does_not_allow_is_not_imported(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read is not to run."""
    monkeypatch.setenv("HUB_PROVIDERS", "another")
    site.add("payday", Fake(FULL_PROVIDER))
    assert shown("payday")["status"] == "not allowed"
    assert not site.imported("hub-payday")


def test_a_name_that_nobody_claims_is_refused(site: Site) -> None:
    """With the names that there are."""
    site.add("payday", Fake(FULL_PROVIDER))
    told = run("show", "paydya")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("There is no provider paydya installed (installed: ")
    assert "payday" in told.err


# -- conformance ------------------------------------------------------------------------------------------------------


def results(folder: Path, name: str) -> Path:
    """Write what a run of two providers wrote."""
    rules = {"a": {"outcome": "passed"}, "b": {"outcome": "passed"}, "c": {"outcome": "exempt"}}
    told = {"version": "1.0", "rules": rules}
    content = {"hub": "0.1.0", "python": "3.11.7", "providers": {"payday": told, "other": told}}
    file = folder / name
    file.write_text(json.dumps(content))
    return file


COUNTED = {"passed": 2, "failed": 0, "exempt": 1, "skipped": 0, "not_run": 0}
CELL = {"version": "1.0", "python": "3.11.7", "hub": "0.1.0", "database": "?"}


def test_the_results_in_the_working_directory_are_shown(site: Site) -> None:
    """Those of this provider, and of no other."""
    site.add("payday", Fake(FULL_PROVIDER))
    results(site.folder, "conformance.json")
    assert shown("payday")["conformance"] == [CELL | COUNTED]
    assert "Conformance" in run("show", "payday").out


def test_results_that_are_named_go_before_those_that_lie_here(site: Site) -> None:
    """And the name of the file tells the database."""
    site.add("payday", Fake(FULL_PROVIDER))
    (site.folder / "conformance.json").write_text("torn")
    file = results(site.folder, "payday-py311-sqlite.json")
    assert shown("payday", "--conformance", file)["conformance"] == [CELL | {"database": "sqlite"} | COUNTED]


def test_a_file_that_is_not_there_is_refused(site: Site) -> None:
    """In one sentence."""
    site.add("payday", Fake(FULL_PROVIDER))
    told = run("show", "payday", "--conformance", "gone.json")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("gone.json cannot be read (No such file or directory)")


# -- the list ---------------------------------------------------------------------------------------------------------


def test_without_a_word_behind_it_the_providers_are_listed(site: Site) -> None:
    """As before there was something to show."""
    site.add("payday", Fake(FULL_PROVIDER))
    told = run("--json")
    (row,) = [one for one in told.data if one["name"] == "payday"]
    assert (told.code, row["title"], row["status"]) == (0, "Full Payroll", "ok")
    assert [line for line in run().out.splitlines() if line.split()[:3] == ["payday", "1.0", "ok"]]


def test_another_word_is_a_wrong_command_line(site: Site) -> None:
    """And no list."""
    told = run("sow", "payday")
    assert (told.code, told.out, told.err.partition(".")[0]) == (2, "", "No such command 'sow'")
