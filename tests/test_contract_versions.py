"""Contract versions: the hub's own and the one before run, all else is refused with who must do what.

The providers are real distributions in a folder on the path; the hub is made newer by giving it another version.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import registry
from hub.hub import Hub
from hub.process import Process
from hub.provider import API_VERSION, FIRST_API_VERSION, Provider
from hub.registry import Installed, Status
from hub.testing.distributions import GOOD_PROVIDER, Fake, Site

HUB = 5
"""The contract version that the hub of these tests runs, unless a test says otherwise."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give an empty folder on the path of this process, and forget afterwards what was found in it."""
    monkeypatch.syspath_prepend(tmp_path)
    registry.forget()
    yield Site(tmp_path)
    registry.forget()
    for name in [name for name in sys.modules if name.startswith("fake_distribution_")]:
        del sys.modules[name]


def stating(api: str) -> Fake:
    """Return a good provider that states a contract version."""
    return Fake(GOOD_PROVIDER.replace("title =", f"api = {api}\n    title ="))


def found(site: Site, fake: Fake) -> Installed:
    """Install a provider and return what the hub says of it."""
    site.add("payday", fake)
    (one,) = [one for one in registry.discover() if one.name == "payday"]
    return one


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this hub one that runs contract 5."""
    monkeypatch.setattr(registry, "API_VERSION", HUB)


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("api", [HUB, HUB - 1])
def test_the_contract_of_this_hub_and_the_one_before_run(site: Site, api: int) -> None:
    """An author has one whole contract version of time to move."""
    assert (found(site, stating(str(api))).status, registry.contract_versions()) == (Status.OK, range(4, 6))


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("api", [HUB + 1, HUB + 94])
def test_a_newer_contract_is_refused_and_the_operator_told_what_to_install(site: Site, api: int) -> None:
    """The provider may count on what this hub does not do."""
    one = found(site, stating(str(api)))
    assert (one.status, one.provider) == (Status.INCOMPATIBLE, None)
    assert one.reason == (
        f"it is made for contract {api}; this hub runs 4 and 5: "
        "the operator must install a newer payroll-hub, or an older version of this provider"
    )


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("api", [HUB - 2, 1, 0, -1])
def test_a_contract_that_is_no_longer_supported_is_refused_and_its_author_told_to_move(site: Site, api: int) -> None:
    """What it was promised is gone from this hub."""
    one = found(site, stating(str(api)))
    assert (one.status, one.provider) == (Status.INCOMPATIBLE, None)
    assert one.reason == (
        f"it is made for contract {api}; this hub runs 4 and 5: "
        "its author must move it to a contract of today; until then it runs on an older payroll-hub"
    )


@pytest.mark.usefixtures("later")
def test_a_provider_that_states_no_version_was_made_for_the_first(site: Site) -> None:
    """It must never pass for one of today because it says nothing."""
    assert "it is made for contract 1; this hub runs 4 and 5" in found(site, Fake()).reason


def test_the_first_hub_runs_no_contract_before_the_first(site: Site) -> None:
    """There never was a contract 0."""
    assert (API_VERSION, registry.contract_versions()) == (1, range(1, 2))
    assert found(site, stating("0")).reason.startswith("it is made for contract 0; this hub runs 1: its author must")


@pytest.mark.parametrize("api", ["'1'", "1.0", "True", "None"])
def test_a_version_that_is_no_whole_number_is_broken(site: Site, api: str) -> None:
    """True would pass for 1."""
    one = found(site, stating(api))
    assert (one.status, one.reason) == (
        Status.BROKEN,
        "its api is no whole number: its author must state the contract version",
    )


SINCE = (
    "calls_per_second",
    "concurrency",
    "contract_types",
    "hosts",
    "layout",
    "needs_bsn",
    "rights",
    "settle_seconds",
)
"""What a provider may be told without, because its class was written before there was such a field."""


def test_a_provider_without_what_was_added_since_its_class_was_written_still_runs(site: Site, process: Process) -> None:
    """It is connected and read as ever, by the hub of today, on its database."""
    provider = found(site, Fake()).provider
    assert provider is not None
    assert [one for one in (*SINCE, "api", "week53", "Settings") if one in vars(provider)] == []
    with Hub.open(process) as hub:
        hub.add_company("cafe", "Grand Cafe")
        hub.connect("cafe", "payday", {})
        assert hub.plan_sync("cafe", "payday").counts == {}


def test_every_field_of_a_provider_but_its_name_and_title_has_a_value_for_who_does_not_know_it() -> None:
    """A field without one would stop every provider that was written before it."""
    fields = [name for name in Provider.__annotations__ if name not in vars(Provider)]
    assert fields == ["name", "title"]


def test_a_provider_that_knows_of_a_field_to_come_still_runs(site: Site) -> None:
    """An attribute that this hub does not know does no harm: one version of a provider serves two of the hub."""
    assert found(site, Fake(GOOD_PROVIDER.replace("title =", "colour = 'green'\n    title ="))).status is Status.OK


def test_the_version_is_read_after_the_requirement_on_the_hub(site: Site) -> None:
    """Metadata is asked first, so that code for another hub is not even imported."""
    one = found(site, Fake(stating("9").source, requires=("payroll-hub>=99",)))
    assert one.reason.startswith("needs payroll-hub>=99")
    assert not site.imported("hub-payday")


def test_the_first_version_is_fixed_while_that_of_the_hub_moves() -> None:
    """The base class states the first version, whatever the hub runs."""
    assert (Provider.api, FIRST_API_VERSION) == (1, 1)
