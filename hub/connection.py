"""One company × one provider. The only module that calls hooks: one pluggy manager and one provider instance each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any, get_args

import pluggy
from pydantic import SecretStr, ValidationError

from hub.bulkhead import Calls, PlacedDocument, PlacedPosting
from hub.destination import GuardedDocument, GuardedPosting
from hub.errors import ContractError, HubError, SettingsError, Unsupported
from hub.guard import Where, guarded
from hub.hookspecs import PROJECT, HubSpecs
from hub.models import (
    ActivateRequest,
    Activation,
    ExportRequest,
    Finding,
    Kind,
    Redirect,
    Severity,
    SyncRequest,
    ValidateRequest,
    Workforce,
)
from hub.provider import (
    Capability,
    Context,
    Document,
    InMemory,
    Posting,
    Provider,
    ProviderSettings,
    Renewal,
    Renewing,
    Support,
    utc_now,
)
from hub.transport import Http


@dataclass(frozen=True)
class Reach:
    """What the hub process lets a connection reach; the operator decides it, never a company."""

    allow_loopback: bool = False
    ca_file: str | None = None
    operation_seconds: float = 60


@dataclass
class Connection:
    """A company's own instance of a provider. Close it when done; it is also a context manager.

    `missing` are the capabilities that the rights found at activation take away; `rules` are a house's own plugins
    that also validate. `renewing` keeps the secrets that the provider changes; without it only the connection does.
    `calls` holds the places that each call into the provider takes: where none comes free in time, a method raises
    `Transient`, and a posting `NotSent`. Without it there are always some.
    """

    provider: type[Provider]
    settings: ProviderSettings
    reach: Reach = field(default_factory=Reach)
    missing: frozenset[str] = frozenset()
    rules: Mapping[str, object] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    renewing: Renewing | None = None
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        self.name = self.provider.name
        self.renewing = self.renewing or InMemory(split_settings(self.settings)[1])
        self._http = Http(
            self.provider.hosts,
            operation_seconds=self.reach.operation_seconds,
            allow_loopback=self.reach.allow_loopback,
            ca_file=self.reach.ca_file,
        )
        try:
            with self.calls.reading():
                self._manager = self._managed(Context(self.settings, self._http, self.now, self._renewing))
        except BaseException:
            self._http.close()
            raise

    def _managed(self, context: Context) -> pluggy.PluginManager:
        """Return a manager of its own that holds an instance of its own, and the rules."""
        own = type(self.provider.__name__, (self.provider,), {})  # so that what it sets on its class stays here too
        manager = _Manager(PROJECT)
        manager.add_hookspecs(HubSpecs)
        manager.register(guarded(Where(self.name, "constructor"), lambda: own(context), Provider), self.name)
        for name, rule in self.rules.items():
            _add_rule(manager, name, rule)
        return manager

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what its HTTP client has open; who uses the connection again opens anew."""
        self._http.close()

    def _renewing(self, name: str) -> AbstractContextManager[Renewal]:
        if name not in secret_names(self.provider) or self.renewing is None:
            raise ContractError(
                f"{self.provider.title} has no secret of the name to be renewed: its author must mend it."
            )
        return self.renewing(name)

    def can(self, capability: Capability) -> bool:
        """Tell whether this connection can do something: its provider can, and no right for it is missing."""
        able = self.provider.support(capability) in (Support.FULL, Support.EMULATED)
        return able and capability not in self.missing

    def activate(self, request: ActivateRequest) -> Activation | Redirect:
        """Prove that the credentials work and say what they reach."""
        return self._call("activate", request, Activation, Redirect)  # type: ignore[no-any-return]

    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Read the people and contracts. Raises `Unsupported` where the provider cannot tell its people."""
        self._need(Capability.SYNC_WORKFORCE)
        return self._call("sync_workforce", request, Workforce)  # type: ignore[no-any-return]

    def export(self, request: ExportRequest) -> GuardedPosting:
        """Open the destination of an export; every method of it is guarded like a hook."""
        destination = self._call("export_timecards", request, Posting)
        return PlacedPosting(self.name, destination, self.calls)

    def document(self, request: ExportRequest) -> GuardedDocument:
        """Open the file of an export, behind the same guard."""
        self._need(Capability.RENDER_FILE)
        return PlacedDocument(self.name, self._call("export_timecards", request, Document), self.calls)

    @property
    def renders(self) -> bool:
        """Whether what is exported goes into a file here, and not over the wire."""
        posts = any(self.can(Capability.to_post(kind)) for kind in Kind)
        return self.can(Capability.RENDER_FILE) and not posts

    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Ask the provider and every rule. One that fails gives a finding that blocks: not checked is not allowed.

        Raises `Transient` where the provider is busy: then nothing was asked.
        """
        with self.calls.reading():
            return self._validated(request)

    def _validated(self, request: ValidateRequest) -> tuple[Finding, ...]:
        findings: list[Finding] = []
        for implementation in self._manager.hook.validate.get_hookimpls():
            where = Where(implementation.plugin_name, "validate")
            try:
                findings.extend(_findings(where, implementation.function, request))
            except HubError as error:
                findings.append(_not_checked(where, error))
        return tuple(findings)

    def _need(self, capability: Capability) -> None:
        if not self.can(capability):
            why = "a right is missing at the provider" if capability in self.missing else "the provider cannot"
            raise Unsupported(f"{self.provider.title} cannot do {capability.replace('_', ' ')} here: {why}.")

    def _call(self, hook: str, request: object, *expected: type) -> Any:  # noqa: ANN401 - checked to be expected
        caller = getattr(self._manager.hook, hook)
        if not caller.get_hookimpls():
            raise Unsupported(f"{self.provider.title} has no {hook}.")
        with self.calls.reading():
            return guarded(Where(self.name, hook), lambda: caller(request=request), *expected)


class _Manager(pluggy.PluginManager):
    """Looks for hooks among public names only: most of what an object has is Python's own."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Return how a method is marked as a hook, None where it is none."""
        return None if name.startswith("_") else super().parse_hookimpl_opts(plugin, name)

    def parse_hookspec_opts(self, module_or_class: ModuleType | type, name: str) -> pluggy.HookspecOpts | None:
        """Return how a method is marked as the specification of a hook, None where it is none."""
        return None if name.startswith("_") else super().parse_hookspec_opts(module_or_class, name)


def _add_rule(manager: pluggy.PluginManager, name: str, rule: object) -> None:
    """Register a house's own rule. Raises `SettingsError` unless all it does is validate: it may not export."""
    try:
        manager.register(rule, name)
        manager.check_pending()
        hooks = {caller.name for caller in manager.get_hookcallers(rule) or ()}
    except (ValueError, pluggy.PluginValidationError):  # the name is taken, or a hook is not as agreed
        hooks = set()
    if hooks != {"validate"} or isinstance(rule, type):
        raise SettingsError(
            f"Rule {name} must be an object under a name of its own with one hook, validate(self, request), "
            "marked with @hookimpl: its author must mend it."
        )


def _findings(where: Where, ask: Callable[..., Any], request: ValidateRequest) -> tuple[Finding, ...]:
    found: tuple[Finding, ...] = guarded(where, lambda: ask(request), tuple)
    if not all(isinstance(one, Finding) for one in found):
        raise ContractError(f"{where.plugin}.validate returned what is no Finding: its author must mend it.")
    return found


def _not_checked(where: Where, error: HubError) -> Finding:
    return Finding(
        code="not_checked",
        severity=Severity.BLOCK,
        text=f"{where.plugin} could not check this export: {error.text}",
        action="Solve that first, then validate again.",
    )


def parse_settings(provider: type[Provider], values: Mapping[str, str]) -> ProviderSettings:
    """Check a connection's settings. Raises `SettingsError` naming each field that is missing, unknown or wrong."""
    secrets = secret_names(provider)
    hidden = [value for name, value in values.items() if name in secrets and value]
    try:
        return provider.Settings.model_validate(dict(values))
    except ValidationError as error:
        wrong = sorted(error.errors(include_input=False), key=lambda one: one["type"] == "missing")
    problems = [_problem(one["loc"], one["type"], one["msg"], secrets, hidden) for one in wrong]
    missing = [_place(one["loc"]) for one in wrong if one["type"] == "missing"]
    options = [f"--secret {name}=-" if name in secrets else f"--set {name}=…" for name in missing]
    raise SettingsError(f"{provider.title}: {'; '.join(problems)}.", command=" ".join(options))


def _problem(place: Sequence[int | str], kind: str, said: str, secrets: Collection[str], hidden: Sequence[str]) -> str:
    name = _place(place)
    if kind == "missing":
        return f"give {name}"
    if kind == "extra_forbidden":
        return f"there is no setting {name}"
    # What is said of a secret, or quotes one, may come from the provider's own check: only its kind is told.
    silent = name.partition(".")[0] in secrets or any(value in said for value in hidden)
    return f"{name}: not accepted ({kind.replace('_', ' ')})" if silent else f"{name}: {said}"


def _place(place: Sequence[int | str]) -> str:
    return ".".join(map(str, place)) or "the settings"


def secret_names(provider: type[Provider]) -> frozenset[str]:
    """Return the names of the settings that are secrets, by their type."""
    return frozenset(name for name, one in provider.Settings.model_fields.items() if _is_secret(one.annotation))


def _is_secret(annotation: Any) -> bool:  # noqa: ANN401 - a type, a union or an alias
    if isinstance(annotation, type) and issubclass(annotation, SecretStr):
        return True
    return any(_is_secret(one) for one in get_args(annotation))


def split_settings(settings: ProviderSettings) -> tuple[dict[str, Any], dict[str, str]]:
    """Split settings into what may be stored as it is and what must be sealed; None is left out."""
    sealed = {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    return settings.model_dump(mode="json", exclude=set(sealed), exclude_none=True), sealed
