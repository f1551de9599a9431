"""The provider Connexie: what it says of itself, installed alone beside the hub."""

from __future__ import annotations

from hub import Capability, ContractType, Support
from hub.registry import find, installed
from hub_connexie.provider import ConnexieProvider


def test_it_is_found_by_its_name_and_can_run() -> None:
    """The entry point loads, and the class passes every check of the registry."""
    assert find("connexie") is ConnexieProvider
    assert [one.status for one in installed() if one.name == "connexie"] == ["ok"]


def test_it_is_activated_by_its_name_alone() -> None:
    """No setting is needed, and none is secret."""
    assert ConnexieProvider.Settings().model_dump() == {"channel": "file"}


def test_it_says_honestly_what_it_can_do() -> None:
    """A file is all; what no public contract tells is not claimed."""
    grades = {one: ConnexieProvider.support(one) for one in Capability}
    assert {one for one, grade in grades.items() if grade is Support.FULL} == {Capability.RENDER_FILE}
    assert {one for one, grade in grades.items() if grade is Support.NOT_BUILT} == {
        Capability.SYNC_WORKFORCE,
        Capability.READ_BACK,
        Capability.POST_HOURS,
        Capability.POST_WAGE,
        Capability.POST_DAYS,
    }


def test_its_layout_is_there_and_says_that_nobody_verified_it() -> None:
    """Everybody who is employed goes out, and needs a BSN."""
    layout = ConnexieProvider.layout
    assert layout is not None
    assert (layout.name, layout.status) == ("connexie", "unverified")
    assert ConnexieProvider.needs_bsn
    assert ConnexieProvider.contract_types == (ContractType.ZERO_HOURS, ContractType.FIXED_HOURS)
