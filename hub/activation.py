"""Switching a provider on for a company, and opening the connection again later with what was stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlmodel import select

from hub.connection import Connection, Reach, parse_settings, secret_names, split_settings
from hub.errors import InputError, SettingsError, Unsupported
from hub.models import ActivateRequest, Activation, Redirect, Right, RightState
from hub.process import Process
from hub.provider import InMemory, Provider, Renewal
from hub.registry import find
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Connection as ConnectionRow
from hub.store.companies import Mapping as MappingRow
from hub.store.companies import Secret
from hub.store.database import Store
from hub.store.session import CompanySession
from hub.vault import Place


def reach_of(process: Process) -> Reach:
    """Return what the operator lets connections reach."""
    return Reach(
        allow_loopback=process.allow_loopback, ca_file=process.ca_file, operation_seconds=process.operation_seconds
    )


def connect(
    store: Store,
    process: Process,
    company: str,
    name: str,
    values: Mapping[str, str],
    today: date,
    actor: str,
    returned: Mapping[str, str] = MappingProxyType({}),
) -> Activation | Redirect:
    """Activate a provider for a company; nothing is stored unless the provider accepts the settings.

    `returned` is what came back from a log-in that it asked for before. Connecting again keeps administrations,
    links and history. Raises what the provider says is wrong.
    """
    provider = find(name, process.providers)
    _check_names(provider, values)
    with store.read(company):
        settings = parse_settings(provider, values)
    plain, sealed = split_settings(settings)
    fresh = InMemory(sealed)
    with Connection(provider, settings, reach_of(process), renewing=fresh) as connection:
        result = connection.activate(ActivateRequest(today=today, returned=dict(returned)))
    if isinstance(result, Activation):
        with store.write(company) as session:
            _keep(session, store, provider, {**plain, **result.settings}, fresh.values)
            keep_activation(session, name, result)
            session.audit(actor, "connected", name, administrations=len(result.administrations))
    return result


def _check_names(provider: type[Provider], values: Mapping[str, str]) -> None:
    """Refuse a setting that there is not, without quoting it: a secret may stand where its name belongs."""
    known = provider.Settings.model_fields
    if not set(values) <= set(known):
        raise SettingsError(f"{provider.title} has no setting of a name that was given; it has: {', '.join(known)}.")


def _keep(
    session: CompanySession, store: Store, provider: type[Provider], plain: Mapping[str, Any], sealed: Mapping[str, str]
) -> None:
    row = session.find(ConnectionRow, provider.name) or _new_row(session, provider)
    row.settings, row.active = dict(plain), True
    session.add(row)
    session.flush()
    vault = store.vault(session)
    for old in session.all(Secret, Secret.provider == provider.name):
        session.delete(old)
    session.flush()
    for name, text in sealed.items():
        place = secret_place(provider.name, name)
        session.add(
            Secret(company_id=session.company, provider=provider.name, name=name, sealed=vault.seal(place, text))
        )


def _new_row(session: CompanySession, provider: type[Provider]) -> ConnectionRow:
    """Return a connection that exports what its provider says, until the company chooses otherwise."""
    export = {"contract_types": list(provider.contract_types)}
    usual = provider.contract_types == Provider.contract_types
    return ConnectionRow(company_id=session.company, provider=provider.name, export={} if usual else export)


def secret_place(provider: str, name: str) -> Place:
    """Return where a secret of a connection lives."""
    return Place("secret", "sealed", f"{provider}/{name}")


def keep_activation(session: CompanySession, provider: str, activation: Activation) -> None:
    """Store what the credentials reach; an administration that is no longer reached becomes inactive."""
    row = session.need(ConnectionRow, f"The connection with {provider}", provider)
    row.rights = [right.model_dump(mode="json") for right in activation.rights]
    session.add(row)
    known = {one.id: one for one in session.all(AdministrationRow, AdministrationRow.provider == provider)}
    for one in activation.administrations:
        found = known.pop(one.id, None) or AdministrationRow(company_id=session.company, provider=provider, id=one.id)
        found.body = one.model_dump(mode="json")
        session.add(found)
    for lost in known.values():
        lost.active = False
        session.add(lost)
    _map_what_is_told(session, provider, activation)


def _map_what_is_told(session: CompanySession, provider: str, activation: Activation) -> None:
    """Book components as the provider says, where the company has not said anything yet."""
    mapped = {row.component for row in session.all(MappingRow, MappingRow.provider == provider)}
    told = {code.component: code for one in activation.administrations for code in one.codes if code.component}
    for component, code in told.items():
        if component not in mapped and component != "days":
            session.add(
                MappingRow(
                    company_id=session.company, provider=provider, component=component, kind=code.kind, code=code.code
                )
            )


def connection_row(session: CompanySession, provider: str) -> ConnectionRow:
    """Return the stored connection. Raises `InputError` if the company never switched the provider on."""
    row = session.find(ConnectionRow, provider)
    if row is None:
        raise InputError(
            f"{session.company} is not connected with {provider}: "
            f"connect it with `hub connect {session.company} {provider}`."
        )
    return row


def open_connection(store: Store, process: Process, company: str, name: str) -> Connection:
    """Open a stored connection. Raises `Unsupported` where the company switched it off, `InputError` without one."""
    provider = find(name, process.providers)
    with store.read(company) as session:
        row = connection_row(session, name)
        if not row.active:
            raise Unsupported(f"{company} has switched {name} off: switch it on with `hub switch {company} {name} on`.")
        vault = store.vault(session)
        secrets = {
            one.name: vault.open(secret_place(name, one.name), one.sealed)
            for one in session.all(Secret, Secret.provider == name)
        }
    known = set(provider.Settings.model_fields) - secret_names(provider)
    settings = parse_settings(provider, {**{k: v for k, v in row.settings.items() if k in known}, **secrets})
    rights = [Right.model_validate(one) for one in row.rights]
    missing = {one for right in rights if right.state is RightState.MISSING for one in right.capabilities}
    renewing = partial(_renewing, store, company, name)
    return Connection(provider, settings, reach_of(process), frozenset(missing), renewing=renewing)


@contextmanager
def _renewing(store: Store, company: str, provider: str, name: str) -> Iterator[Renewal]:
    """Renew a stored secret: the connection's row is held meanwhile, so that no two offer the same value."""
    with store.write(company) as session:
        session.exec(select(ConnectionRow).where(ConnectionRow.provider == provider).with_for_update()).one()
        vault, place = store.vault(session), secret_place(provider, name)
        row = session.find(Secret, provider, name)
        renewal = Renewal(vault.open(place, row.sealed) if row else "")
        yield renewal
        row = row or Secret(company_id=session.company, provider=provider, name=name, sealed=b"")
        row.sealed = vault.seal(place, renewal.value)
        session.add(row)
