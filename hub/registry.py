"""Finds installed providers. Never raises; imports only what may run.

Every provider is listed with a status, so that a broken one is seen and stops nothing else. pluggy's own loader is not
used: it dies on the first broken plugin, lets the first claimant of a name win, and ignores unmet requirements.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, distributions, entry_points, version
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from hub.errors import SettingsError, Unsupported
from hub.hookspecs import PROJECT, HubSpecs
from hub.provider import API_VERSION, Capability, Provider, ProviderSettings, Support

PROVIDERS = "payroll_hub.providers"
SIMULATORS = "payroll_hub.simulators"
STORIES = "payroll_hub.stories"
HOOKS = ("activate", "sync_workforce", "validate", "export_timecards")


class Status(StrEnum):
    """Whether a provider can be used, and if not, why."""

    OK = "ok"
    BROKEN = "broken"
    INCOMPATIBLE = "incompatible"
    DUPLICATE = "duplicate"
    NOT_ALLOWED = "not allowed"


@dataclass(frozen=True)
class Installed:
    """One installed provider. `provider` is its class once it was loaded; `reason` says why it cannot be used."""

    name: str
    distribution: str
    version: str
    entry: EntryPoint
    status: Status = Status.OK
    reason: str = ""
    provider: type[Provider] | None = None


def installed(allowed: Collection[str] | None = None) -> tuple[Installed, ...]:
    """List the installed providers by name from their metadata alone; imports none. `allowed` None allows all."""
    found = sorted(_entries(), key=lambda one: (one.name, one.distribution))
    names = [one.name for one in found]
    return tuple(_judge(one, names.count(one.name), allowed) for one in found)


def discover(allowed: Collection[str] | None = None) -> tuple[Installed, ...]:
    """List the installed providers by name, with the class of each that may run loaded and checked. Never raises."""
    return _discover(None if allowed is None else frozenset(allowed))


@cache
def _discover(allowed: frozenset[str] | None) -> tuple[Installed, ...]:
    return tuple(_load(one) for one in installed(allowed))


def forget() -> None:
    """Forget what was discovered, so that the next call looks again."""
    _discover.cache_clear()


def find(name: str, allowed: Collection[str] | None = None) -> type[Provider]:
    """Return the class of the provider of this name. Raises `Unsupported` or `SettingsError` saying what to do."""
    matching = [one for one in discover(allowed) if one.name == name]
    if not matching:
        known = ", ".join(sorted({one.name for one in discover(allowed)})) or "none"
        raise Unsupported(f"There is no provider {name} installed (installed: {known}).")
    if matching[0].provider is None:
        raise SettingsError(f"Provider {name} cannot run ({matching[0].status}): {matching[0].reason}")
    return matching[0].provider


def companion(group: str, name: str) -> Any:  # noqa: ANN401 - what a group holds is agreed per group
    """Return what a plugin ships beside its provider: a simulator or a story. Raises `Unsupported` if it ships none."""
    for entry in entry_points(group=group, name=name):
        return entry.load()
    raise Unsupported(f"Provider {name} has no {group.rpartition('.')[2]} installed.")


def _entries() -> Iterator[Installed]:
    seen = set()
    for distribution in distributions():
        for entry in distribution.entry_points:
            # the same distribution can be listed twice, once for each place on the path that shows it
            mark = (distribution.name, entry.name, entry.value)
            if entry.group == PROVIDERS and mark not in seen:
                seen.add(mark)
                yield Installed(entry.name, distribution.name, distribution.version, entry)


def _judge(one: Installed, claims: int, allowed: Collection[str] | None) -> Installed:
    """Give the status that metadata alone tells."""
    if claims > 1:
        reason = f"{claims} distributions claim the name {one.name}: uninstall all but one."
        return replace(one, status=Status.DUPLICATE, reason=reason)
    if allowed is not None and one.name not in allowed:
        return replace(one, status=Status.NOT_ALLOWED, reason="not in HUB_PROVIDERS: the operator can add it.")
    unmet = _unmet(one)
    if unmet:
        return replace(one, status=Status.INCOMPATIBLE, reason=unmet)
    return one


def _unmet(one: Installed) -> str:
    """Return the requirement on the hub that is not met, or an empty text. Checked before anything is imported."""
    try:
        here = version("payroll-hub")
    except PackageNotFoundError:
        return ""
    for text in (one.entry.dist.requires if one.entry.dist else None) or ():
        try:
            need = Requirement(text)
        except InvalidRequirement:
            return f"its requirement on {text.split()[0]} cannot be read"
        if need.name == "payroll-hub" and not need.specifier.contains(here, prereleases=True):
            return f"needs {need}, this hub is {here}: install a version of it made for this hub."
    return ""


def _load(one: Installed) -> Installed:
    if one.status is not Status.OK:
        return one
    try:
        loaded = one.entry.load()
        status, reason = check_class(loaded, one.name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's import may do anything; none may stop the hub
        return replace(one, status=Status.BROKEN, reason=f"{type(error).__name__}: {error}")
    return replace(one, status=status, reason=reason, provider=loaded if status is Status.OK else None)


def check_class(loaded: object, name: str) -> tuple[Status, str]:
    """Check that what an entry point names is a provider of the contract; return its status and what is wrong."""
    if not (isinstance(loaded, type) and issubclass(loaded, Provider)):
        return Status.BROKEN, f"{loaded!r} is not a Provider subclass"
    if loaded.api not in (API_VERSION, API_VERSION - 1):
        return Status.INCOMPATIBLE, f"it is made for contract {loaded.api}; this hub runs {API_VERSION}"
    wrong = [*_wrong_attributes(loaded, name), *_wrong_hooks(loaded), *_wrong_grades(loaded)]
    return (Status.BROKEN, "; ".join(wrong)) if wrong else (Status.OK, "")


def _wrong_attributes(provider: type[Provider], name: str) -> Iterator[str]:
    if getattr(provider, "name", None) != name:
        yield f"its entry point is called {name} and its class {getattr(provider, 'name', 'nothing')}"
    if not getattr(provider, "title", ""):
        yield "it has no title"
    if not issubclass(provider.Settings, ProviderSettings):
        yield "its Settings are no ProviderSettings"


def _wrong_hooks(provider: type[Provider]) -> Iterator[str]:
    """Name each hook that pluggy would lose or call wrongly: unmarked, or with another signature."""
    for name, value in vars_of(provider):
        marked = hasattr(value, f"{PROJECT}_impl")
        if marked and name not in HOOKS:
            yield f"{name} is marked as a hook, but there is no such hook"
        if name in HOOKS and not marked:
            yield f"{name} lacks @hookimpl and would never be called"
        if name in HOOKS and marked and not _exact(value, name):
            yield f"{name} must be a plain method with exactly (self, request)"


def vars_of(provider: type[Provider]) -> Iterator[tuple[str, object]]:
    """Yield the attributes that a provider class has beyond the base class, each once, as they are found."""
    seen = set()
    for base in provider.__mro__:
        if base in Provider.__mro__:
            return
        for name, value in vars(base).items():
            if name not in seen:
                seen.add(name)
                yield name, value


def _exact(value: object, name: str) -> bool:
    """Compare with the specification: the same names, no defaults, no coroutine, no generator."""
    if not inspect.isfunction(value) or inspect.iscoroutinefunction(value) or inspect.isgeneratorfunction(value):
        return False
    found = inspect.signature(value).parameters.values()
    wanted = inspect.signature(getattr(HubSpecs, name)).parameters.values()
    return [(p.name, p.kind, p.default) for p in found] == [(p.name, p.kind, p.default) for p in wanted]


def _wrong_grades(provider: type[Provider]) -> Iterator[str]:
    """Refuse what is declared and not implemented, and what is implemented and not declared."""
    hooks = {name for name, _ in vars_of(provider)}
    can = {one for one in Capability if provider.support(one) in (Support.FULL, Support.EMULATED)}
    if "activate" not in hooks:
        yield "it has no activate"
    sends = any(one.startswith("post_") or one in (Capability.PUT, Capability.RENDER_FILE) for one in can)
    for hook, declared in (("sync_workforce", Capability.SYNC_WORKFORCE in can), ("export_timecards", sends)):
        if declared != (hook in hooks):
            yield f"{hook} is {'declared but missing' if declared else 'there but not declared in its capabilities'}"
