"""One company × one provider. The only module that calls hooks: one pluggy manager and one provider instance each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pluggy
from pydantic import SecretStr, ValidationError

from hub.errors import ContractError, HubError, SettingsError, Unsupported
from hub.guard import Where, guarded
from hub.hookspecs import PROJECT, HubSpecs
from hub.models import (
    ActivateRequest,
    Activation,
    Entry,
    ExportRequest,
    Finding,
    Pending,
    PostedEntry,
    Redirect,
    Severity,
    Slot,
    SyncRequest,
    ValidateRequest,
    Workforce,
)
from hub.provider import Capability, Context, Posting, Provider, ProviderSettings, Support, utc_now
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
    that also validate.
    """

    provider: type[Provider]
    settings: ProviderSettings
    reach: Reach = field(default_factory=Reach)
    missing: frozenset[str] = frozenset()
    rules: Mapping[str, object] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now

    def __post_init__(self) -> None:
        self.name = self.provider.name
        self._http = Http(
            self.provider.hosts,
            operation_seconds=self.reach.operation_seconds,
            allow_loopback=self.reach.allow_loopback,
            ca_file=self.reach.ca_file,
        )
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(HubSpecs)
        context = Context(self.settings, self._http, self.now)
        instance = guarded(Where(self.name, "constructor"), lambda: self.provider(context), Provider)
        for name, plugin in {self.name: instance, **self.rules}.items():
            self._manager.register(plugin, name)
        self._manager.check_pending()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection's HTTP client."""
        self._http.close()

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
        return GuardedPosting(self.name, destination)

    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Ask the provider and every rule. One that fails gives a finding that blocks: not checked is not allowed."""
        findings: list[Finding] = []
        for implementation in self._manager.hook.validate.get_hookimpls():
            where = Where(implementation.plugin_name, "validate")
            ask = implementation.function
            try:
                findings.extend(guarded(where, lambda ask=ask: ask(request), tuple))  # type: ignore[misc]
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
        return guarded(Where(self.name, hook), lambda: caller(request=request), *expected)


def _not_checked(where: Where, error: HubError) -> Finding:
    return Finding(
        code="not_checked",
        severity=Severity.BLOCK,
        text=f"{where.plugin} could not check this export: {error.text}",
        action="Solve that first, then validate again.",
    )


class GuardedPosting:
    """A destination behind the guard: a reading raises errors of the hub, a posting only certain ones or *unknown*."""

    def __init__(self, plugin: str, destination: Posting) -> None:
        self._plugin = plugin
        self._destination = destination

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Return every row of the slot."""
        rows = guarded(Where(self._plugin, "read"), lambda: self._destination.read(slot), tuple)
        if not all(isinstance(row, PostedEntry) for row in rows):
            raise ContractError(f"{self._plugin}.read returned rows that are no PostedEntry: its author must mend it.")
        return rows

    def post(self, entry: Entry, key: str) -> PostedEntry | Pending:
        """Post one entry. Raises `NotSent`, `NotExecuted`, `Refused` or `UnknownOutcome`."""
        where = Where(self._plugin, "post", changes=True)
        return guarded(where, lambda: self._destination.post(entry, key), PostedEntry, Pending)


def parse_settings(provider: type[Provider], values: Mapping[str, str]) -> ProviderSettings:
    """Check a connection's settings. Raises `SettingsError` naming each field that is missing, unknown or wrong."""
    try:
        return provider.Settings.model_validate(dict(values))
    except ValidationError as error:
        problems = "; ".join(_problem(one["loc"], one["type"], one["msg"]) for one in error.errors(include_input=False))
        raise SettingsError(f"{provider.title}: {problems}.") from None


def _problem(place: Sequence[int | str], kind: str, message: str) -> str:
    name = ".".join(str(part) for part in place) or "the settings"
    if kind == "missing":
        return f"give {name} (with --set {name}=… or --secret {name}=-)"
    return f"there is no setting {name}" if kind == "extra_forbidden" else f"{name}: {message}"


def secret_names(provider: type[Provider]) -> frozenset[str]:
    """Return the names of the settings that are secrets, by their type."""
    fields = provider.Settings.model_fields
    return frozenset(name for name, one in fields.items() if "SecretStr" in str(one.annotation))


def split_settings(settings: ProviderSettings) -> tuple[dict[str, Any], dict[str, str]]:
    """Split settings into what may be stored as it is and what must be sealed; None is left out."""
    plain, sealed = {}, {}
    for name, value in settings:
        if isinstance(value, SecretStr):
            sealed[name] = value.get_secret_value()
        elif value is not None:
            plain[name] = value
    return plain, sealed
