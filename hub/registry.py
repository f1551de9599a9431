"""Finds installed providers. Never raises; imports only what may run.

Every provider is listed with a status, so that a broken one is seen and stops nothing else. pluggy's own loader is not
used: it dies on the first broken plugin, lets the first claimant of a name win, and ignores unmet requirements.
"""

from __future__ import annotations

import inspect
import threading
from collections import ChainMap
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distributions, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hub.errors import ContractError, SettingsError, Unsupported
from hub.hookspecs import PROJECT, HubSpecs
from hub.models import Right
from hub.provider import API_VERSION, FIRST_API_VERSION, Capability, Provider, ProviderSettings, Support

PROVIDERS = "payroll_hub.providers"
SIMULATORS = "payroll_hub.simulators"
IMPORTERS = "payroll_hub.importers"
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
    found = sorted(_entries(PROVIDERS), key=lambda one: (one.name, one.distribution))
    names = [one.name for one in found]
    return tuple(_judge(one, names.count(one.name), allowed) for one in found)


def discover(allowed: Collection[str] | None = None) -> tuple[Installed, ...]:
    """List the installed providers by name, with the class of each that may run loaded and checked. Never raises.

    The first call looks, and every other thread that asks waits for it: a process looks once.
    """
    with _LOOKING:
        return _discover(None if allowed is None else frozenset(allowed))


_LOOKING = threading.RLock()  # again and again by one thread: a plugin that is being loaded may ask what there is


@cache
def _discover(allowed: frozenset[str] | None) -> tuple[Installed, ...]:
    return tuple(_load(one) for one in installed(allowed))


def forget() -> None:
    """Forget what was discovered, so that the next call looks again."""
    _discover.cache_clear()


def find(name: str, allowed: Collection[str] | None = None) -> type[Provider]:
    """Return the class of the provider of this name. Raises `SettingsError` saying what to do."""
    matching = [one for one in discover(allowed) if one.name == name]
    if not matching:
        known = ", ".join(sorted({one.name for one in discover(allowed)})) or "none"
        raise SettingsError(f"There is no provider {name} installed (installed: {known}).")
    if matching[0].provider is None:
        raise SettingsError(f"Provider {name} cannot run ({matching[0].status}): {matching[0].reason}")
    return matching[0].provider


def companions(group: str) -> tuple[str, ...]:
    """Return the names of the providers that ship something for a group, those called over the wire first."""
    wired = {one.name for one in _entries(SIMULATORS)}
    names = {one.name for one in _entries(group) if one.status is Status.OK}
    return tuple(sorted(names, key=lambda name: (name not in wired, name)))


def companion(group: str, name: str) -> Any:  # noqa: ANN401 - what a group holds is agreed per group
    """Return what a plugin ships beside its provider: a simulator or a story.

    Raises `Unsupported` if it ships none, `ContractError` if what it ships cannot be loaded.
    """
    kind = group.rpartition(".")[2]
    for one in _entries(group):
        if one.name == name and one.status is Status.OK:
            return _loaded(one, f"The {kind} of {name}")
    raise Unsupported(f"Provider {name} has no {kind} installed.")


def _loaded(one: Installed, what: str) -> Any:  # noqa: ANN401 - as above
    try:
        return one.entry.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's import may do anything
        failure = ContractError(f"{what} cannot be loaded ({_said(error)}): install {one.distribution} again.")
    raise failure


# -- what the metadata tells ------------------------------------------------------------------------------------------


def _entries(group: str) -> Iterator[Installed]:
    """Yield every claim on a group of entry points, also where the rest of the metadata cannot be read."""
    seen = set()
    for distribution in distributions():
        for one in _claims(distribution, group):
            # the same distribution can be listed twice, once for each place on the path that shows it
            mark = (one.distribution, one.name, one.entry.value)
            if mark not in seen:
                seen.add(mark)
                yield one


def _claims(distribution: Distribution, group: str) -> list[Installed]:
    try:
        entries = [one for one in distribution.entry_points if one.group == group]
    except Exception:  # noqa: BLE001 - importlib.metadata raises whatever a damaged file makes it raise
        entries = [EntryPoint(_folder(distribution), "", group)] if _mentions(distribution, group) else []
    return [_claim(distribution, one) for one in entries]


def _claim(distribution: Distribution, entry: EntryPoint) -> Installed:
    try:
        name, release = distribution.name, distribution.version
    except Exception:  # noqa: BLE001 - as above
        name = release = ""
    if name and release and entry.value:
        return Installed(entry.name, name, release, entry)
    reason = "its metadata cannot be read: install it again."
    return Installed(entry.name, name or _folder(distribution), release or "", entry, Status.BROKEN, reason)


def _mentions(distribution: Distribution, group: str) -> bool:
    """Tell whether a distribution's damaged entry points may be meant for this group."""
    try:
        return f"[{group}]" in (distribution.read_text("entry_points.txt") or "")
    except (OSError, UnicodeError):
        return group == PROVIDERS  # nobody can tell: better shown once than never


def _folder(distribution: Distribution) -> str:
    """Return the name of the folder that holds the metadata: all that is left to name it by."""
    return Path(str(getattr(distribution, "_path", "unknown"))).name  # there is no public name for it


def _judge(one: Installed, claims: int, allowed: Collection[str] | None) -> Installed:
    """Give the status that metadata alone tells."""
    if claims > 1:
        reason = f"{claims} distributions claim the name {one.name}: uninstall all but one."
        return replace(one, status=Status.DUPLICATE, reason=reason)
    if one.status is not Status.OK:
        return one
    if allowed is not None and one.name not in allowed:
        return replace(one, status=Status.NOT_ALLOWED, reason="not in HUB_PROVIDERS: the operator can add it.")
    unmet = _unmet(one)
    return replace(one, status=Status.INCOMPATIBLE, reason=unmet) if unmet else one


def _unmet(one: Installed) -> str:
    """Return the requirement on the hub that is not met, or an empty text. Checked before anything is imported."""
    try:
        here = version("payroll-hub")
        unmet = [need for need in _needs(one) if not need.specifier.contains(here, prereleases=True)]
    except PackageNotFoundError:
        return ""  # this hub runs from a checkout that was never installed
    except Exception:  # noqa: BLE001 - a damaged requirement must not stop the list
        return "what it requires cannot be read: its author must mend it."
    return f"needs {unmet[0]}, this hub is {here}: install a version of it made for this hub." if unmet else ""


def _needs(one: Installed) -> list[Requirement]:
    """Return what a distribution requires of the hub itself, here and without extras."""
    texts = (one.entry.dist.requires if one.entry.dist else None) or ()
    needs = [need for need in map(Requirement, texts) if canonicalize_name(need.name) == "payroll-hub"]
    return [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]


# -- what the class tells ---------------------------------------------------------------------------------------------


def _load(one: Installed) -> Installed:
    if one.status is not Status.OK:
        return one
    try:
        loaded = one.entry.load()
        status, reason = check_class(loaded, one.name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin's import may do anything; none may stop the hub
        return replace(one, status=Status.BROKEN, reason=_said(error))
    return replace(one, status=status, reason=reason, provider=loaded if status is Status.OK else None)


def _said(error: BaseException) -> str:
    """Return class and text of an exception in one line."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - an exception may fail to tell of itself
        text = ""
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def check_class(loaded: object, name: str) -> tuple[Status, str]:
    """Check that what an entry point names is a provider of the contract; return its status and what is wrong."""
    if not isinstance(loaded, type):  # without its repr: that of an instance may hold anything
        return Status.BROKEN, f"its entry point names a {type(loaded).__name__}, not a Provider class"
    if not issubclass(loaded, Provider):
        return Status.BROKEN, f"its class {loaded.__name__} is not a Provider subclass"
    if type(loaded.api) is not int:
        return Status.BROKEN, "its api is no whole number: its author must state the contract version"
    if unfit := _unfit(loaded.api):
        return Status.INCOMPATIBLE, unfit
    wrong = [*_wrong_attributes(loaded, name), *_wrong_hooks(loaded), *_wrong_grades(loaded)]
    return (Status.BROKEN, "; ".join(wrong)) if wrong else (Status.OK, "")


def contract_versions() -> range:
    """Return the contract versions that this hub runs: its own and the one before, where there was one."""
    return range(max(API_VERSION - 1, FIRST_API_VERSION), API_VERSION + 1)


def _unfit(api: int) -> str:
    """Say who must do what about a contract version that this hub does not run; empty for one that it runs."""
    runs = " and ".join(map(str, contract_versions()))
    told = f"it is made for contract {api}; this hub runs {runs}: "
    if api > API_VERSION:
        return told + "the operator must install a newer payroll-hub, or an older version of this provider"
    if api not in contract_versions():
        return told + "its author must move it to a contract of today; until then it runs on an older payroll-hub"
    return ""


def _wrong_attributes(provider: type[Provider], name: str) -> Iterator[str]:
    if getattr(provider, "name", None) != name:
        yield f"its entry point is called {name} and its class {getattr(provider, 'name', 'nothing')}"
    if not getattr(provider, "title", ""):
        yield "it has no title"
    if not isinstance(provider.hosts, tuple):
        yield "its hosts are no tuple of names"
    if not isinstance(provider.rights, tuple) or not all(isinstance(one, Right) for one in provider.rights):
        yield "its rights are no tuple of Right"
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
        if marked and any(getattr(value, f"{PROJECT}_impl").values()):
            yield f"{name} must be marked with a plain @hookimpl, without options"


def vars_of(provider: type[Provider]) -> Iterator[tuple[str, object]]:
    """Yield the attributes that a provider class has beyond the base class, each once, as they are found."""
    own = [dict(vars(base)) for base in provider.__mro__ if base not in Provider.__mro__]
    yield from ChainMap(*own).items()


def _exact(value: object, name: str) -> bool:
    """Compare with the specification: the same names, no defaults, no coroutine, no generator."""
    lazy = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if not inspect.isfunction(value) or any(one(value) for one in lazy):
        return False
    found = inspect.signature(value).parameters.values()
    wanted = inspect.signature(getattr(HubSpecs, name)).parameters.values()
    return [(p.name, p.kind, p.default) for p in found] == [(p.name, p.kind, p.default) for p in wanted]


def _wrong_grades(provider: type[Provider]) -> Iterator[str]:
    """Refuse what is declared and not implemented, what is implemented and not declared, and words of its own."""
    for capability, grade in provider.capabilities.items():
        if capability not in {*Capability} or grade not in {*Support}:
            yield f"its capabilities hold {capability}: {grade}, which the contract does not know"
    hooks = {name for name, _ in vars_of(provider)}
    can = {one for one in Capability if provider.support(one) in (Support.FULL, Support.EMULATED)}
    if "activate" not in hooks:
        yield "it has no activate"
    sends = any(one.startswith("post_") or one in (Capability.PUT, Capability.RENDER_FILE) for one in can)
    for hook, declared in (("sync_workforce", Capability.SYNC_WORKFORCE in can), ("export_timecards", sends)):
        if declared != (hook in hooks):
            yield f"{hook} is {'declared but missing' if declared else 'there but not declared in its capabilities'}"
