"""The rights that the provider tells of itself are those that a connection tries, in the same words."""

from __future__ import annotations

from contextlib import closing
from datetime import date

from hub import ActivateRequest, Activation, Context, Http, RightState
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator


def test_what_is_told_before_connecting_is_what_is_tried_on_connecting(nmbrs: NmbrsSimulator) -> None:
    """The same rights in the same order, each with the same grant and capabilities; only the states are not known."""
    settings = NmbrsProvider.Settings.model_validate(nmbrs.connect_settings())
    with closing(Http((), allow_loopback=True)) as http:
        found = NmbrsProvider(Context(settings, http)).activate(ActivateRequest(today=date(2026, 11, 2)))
    assert isinstance(found, Activation)
    untried = [one.model_copy(update={"state": RightState.UNPROVEN}) for one in found.rights]
    assert list(NmbrsProvider.rights) == untried


def test_no_right_is_told_as_granted_before_anybody_tried_it() -> None:
    """Nothing is known of a login that nobody gave yet."""
    assert {one.state for one in NmbrsProvider.rights} == {RightState.UNPROVEN}
