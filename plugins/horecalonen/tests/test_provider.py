"""The provider Horecalonen: what it says of itself, installed alone beside the hub."""

from __future__ import annotations

from hub import Capability, ContractType, Support
from hub.registry import find, installed
from hub_horecalonen.provider import HorecalonenProvider


def test_it_is_found_by_its_name_and_can_run() -> None:
    """The entry point loads, and the class passes every check of the registry."""
    assert find("horecalonen") is HorecalonenProvider
    assert [one.status for one in installed() if one.name == "horecalonen"] == ["ok"]


def test_it_is_activated_by_its_name_alone() -> None:
    """No setting is needed, and none is secret."""
    assert HorecalonenProvider.Settings().model_dump() == {}


def test_it_says_honestly_what_it_can_do() -> None:
    """A file is all; what no public contract tells is not claimed."""
    grades = {one: HorecalonenProvider.support(one) for one in Capability}
    assert {one for one, grade in grades.items() if grade is Support.FULL} == {Capability.RENDER_FILE}
    assert {one for one, grade in grades.items() if grade is Support.NOT_BUILT} == set()


def test_its_layout_is_there_and_says_that_nobody_verified_it() -> None:
    """Everybody who is employed goes out, and needs a BSN."""
    layout = HorecalonenProvider.layout
    assert layout is not None
    assert (layout.name, layout.status) == ("horecalonen", "unverified")
    assert HorecalonenProvider.needs_bsn
    assert HorecalonenProvider.contract_types == (ContractType.ZERO_HOURS, ContractType.FIXED_HOURS)
