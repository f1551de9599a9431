"""What the registry demands of a provider's class, before any instance of it is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pluggy
import pytest

from hub import (
    ActivateRequest,
    Activation,
    Capability,
    ExportRequest,
    Finding,
    Posting,
    Provider,
    Support,
    SyncRequest,
    ValidateRequest,
    Workforce,
    hookimpl,
)
from hub.hookspecs import HubSpecs
from hub.registry import HOOKS, Status, check_class, vars_of

OTHER_MARKER = pluggy.HookimplMarker("another_project")


class Good(Provider):
    """A provider with every hook, all as agreed."""

    name = "good"
    title = "Good Payroll"
    capabilities = {Capability.SYNC_WORKFORCE: Support.FULL, Capability.POST_HOURS: Support.EMULATED}  # noqa: RUF012 - as providers write it

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Reach nothing."""
        return Activation(administrations=())

    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Hold nobody."""
        return Workforce(employees=())

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Find nothing."""
        return ()

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Posting:
        """Open nothing."""
        raise NotImplementedError


def changed(**attributes: Any) -> type[Provider]:
    """Return a subclass of the good provider with other attributes; None in place of a hook leaves it as it is."""
    return type("Changed", (Good,), attributes)


def without(hook: str) -> type[Provider]:
    """Return the good provider without one hook."""
    return type("Without", (Provider,), {name: value for name, value in vars(Good).items() if name != hook})


def reasons(provider: object) -> str:
    """Return what is wrong with a class that must be refused as broken."""
    status, reason = check_class(provider, "good")
    assert status is Status.BROKEN
    return reason


def test_a_class_as_agreed_is_ok() -> None:
    assert check_class(Good, "good") == (Status.OK, "")


def test_the_hooks_that_are_checked_are_those_of_the_contract() -> None:
    assert set(HOOKS) == {name for name in vars(HubSpecs) if not name.startswith("_")}


# -- hooks that pluggy would lose or call wrongly ---------------------------------------------------------------------


def _other_name(self: object, req: object) -> None: ...
def _default(self: object, request: object = None) -> None: ...
def _keyword_only(self: object, *, request: object) -> None: ...
def _positional_only(self: object, request: object, /) -> None: ...
def _extra(self: object, request: object, dry_run: object) -> None: ...
def _extra_default(self: object, request: object, dry_run: bool = False) -> None: ...
def _any_arguments(self: object, *request: object) -> None: ...
def _no_self(request: object) -> None: ...
async def _coroutine(self: object, request: object) -> None: ...
def _generator(self: object, request: object) -> Iterator[None]:
    yield


async def _asynchronous_generator(self: object, request: object) -> Any:
    yield


WRONG_SIGNATURES = (
    _other_name,
    _default,
    _keyword_only,
    _positional_only,
    _extra,
    _extra_default,
    _any_arguments,
    _no_self,
    _coroutine,
    _generator,
    _asynchronous_generator,
)


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("function", WRONG_SIGNATURES, ids=lambda one: one.__name__)
def test_a_hook_with_another_signature_is_refused(hook: str, function: Any) -> None:
    assert (
        reasons(changed(**{hook: hookimpl(function)})) == f"{hook} must be a plain method with exactly (self, request)"
    )


@pytest.mark.parametrize("kind", [staticmethod, classmethod, property])
def test_a_hook_that_is_no_plain_method_is_refused(kind: Any) -> None:
    assert reasons(changed(validate=kind(hookimpl(lambda self, request: ()))))


@pytest.mark.parametrize("hook", HOOKS)
def test_an_override_without_hookimpl_is_refused_because_pluggy_would_never_call_it(hook: str) -> None:
    assert f"{hook} lacks @hookimpl" in reasons(changed(**{hook: lambda self, request: None}))


def test_a_hook_marked_for_another_project_is_refused() -> None:
    assert "validate lacks @hookimpl" in reasons(changed(validate=OTHER_MARKER(lambda self, request: ())))


@pytest.mark.parametrize("option", [{"tryfirst": True}, {"wrapper": True}, {"specname": "activate"}], ids=str)
def test_a_hook_marked_with_options_is_refused(option: dict[str, Any]) -> None:
    marked = hookimpl(**option)(lambda self, request: ())
    assert reasons(changed(validate=marked)) == "validate must be marked with a plain @hookimpl, without options"


def test_a_hook_that_the_contract_does_not_know_is_refused() -> None:
    unknown = hookimpl(lambda self, request: None)
    assert reasons(changed(sync_workfroce=unknown)) == "sync_workfroce is marked as a hook, but there is no such hook"


# -- where hooks are found --------------------------------------------------------------------------------------------


def test_a_hook_that_is_inherited_counts() -> None:
    assert check_class(changed(), "good") == (Status.OK, "")


@pytest.mark.parametrize("bases", [("Exports", "Provider"), ("Provider", "Exports")], ids=str)
def test_a_hook_from_a_mixin_counts_on_either_side_of_provider(bases: tuple[str, str]) -> None:
    exports = type("Exports", (), {"export_timecards": vars(Good)["export_timecards"]})
    own = {
        name: value for name, value in vars(Good).items() if name not in ("export_timecards", "__dict__", "__weakref__")
    }
    mixed = type("Mixed", tuple({"Exports": exports, "Provider": Provider}[base] for base in bases), own)
    assert check_class(mixed, "good") == (Status.OK, "")


def test_each_attribute_is_seen_once_and_as_the_subclass_has_it() -> None:
    found = dict(vars_of(changed(title="Newer Payroll")))
    assert found["title"] == "Newer Payroll"
    assert found["name"] == "good"
    assert "support" not in found  # of the base class itself nothing is told


# -- what is declared and what is there -------------------------------------------------------------------------------


def test_a_provider_without_activate_is_refused() -> None:
    assert reasons(without("activate")) == "it has no activate"


def test_validate_may_be_left_out() -> None:
    assert check_class(without("validate"), "good") == (Status.OK, "")


@pytest.mark.parametrize("hook", ["sync_workforce", "export_timecards"])
def test_what_is_declared_but_missing_is_refused(hook: str) -> None:
    assert reasons(without(hook)) == f"{hook} is declared but missing"


@pytest.mark.parametrize("grade", [Support.NOT_BUILT, Support.NO])
def test_what_is_there_but_not_declared_is_refused(grade: Support) -> None:
    grades = {Capability.SYNC_WORKFORCE: grade, Capability.POST_HOURS: Support.FULL}
    assert reasons(changed(capabilities=grades)) == "sync_workforce is there but not declared in its capabilities"


@pytest.mark.parametrize("way", [Capability.POST_WAGE, Capability.POST_DAYS, Capability.PUT, Capability.RENDER_FILE])
def test_every_way_to_send_needs_the_hook_that_opens_its_destination(way: Capability) -> None:
    grades = {Capability.SYNC_WORKFORCE: Support.FULL, way: Support.FULL}
    assert check_class(changed(capabilities=grades), "good") == (Status.OK, "")
    del grades[way]
    assert "export_timecards is there but not declared" in reasons(changed(capabilities=grades))


@pytest.mark.parametrize("more", [{"post_huors": Support.FULL}, {Capability.PUT: "fully"}], ids=str)
def test_a_capability_or_grade_that_the_contract_does_not_know_is_refused(more: dict[Any, Any]) -> None:
    assert "which the contract does not know" in reasons(changed(capabilities={**Good.capabilities, **more}))


# -- the other attributes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["other", "", None])
def test_the_name_must_be_that_of_the_entry_point(name: str | None) -> None:
    assert f"its entry point is called good and its class {name}" in reasons(changed(name=name))


def test_a_provider_needs_a_title() -> None:
    assert reasons(without("title")) == "it has no title"


def test_settings_must_be_provider_settings() -> None:
    assert reasons(changed(Settings=dict)) == "its Settings are no ProviderSettings"


def test_hosts_must_be_a_tuple() -> None:
    """A single name in its place would be taken for a host per letter."""
    assert reasons(changed(hosts="api.example.test")) == "its hosts are no tuple of names"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert reasons(changed(name="other", title="")).count(";") == 1


@pytest.mark.parametrize("rights", ["Employee.Get", ("Employee.Get",)], ids=["text", "texts"])
def test_rights_must_be_a_tuple_of_rights(rights: object) -> None:
    """What a host shows before anybody connects must hold how each right is switched on."""
    assert reasons(changed(rights=rights)) == "its rights are no tuple of Right"


@pytest.mark.parametrize(
    "named", [Good.__new__(Good), pluggy, "good", None], ids=["instance", "module", "text", "nothing"]
)
def test_only_a_class_can_be_a_provider(named: object) -> None:
    assert reasons(named) == f"its entry point names a {type(named).__name__}, not a Provider class"


def test_a_class_of_something_else_is_no_provider() -> None:
    assert reasons(dict) == "its class dict is not a Provider subclass"


def test_the_base_class_itself_is_no_provider() -> None:
    assert "its class nothing" in reasons(Provider)
