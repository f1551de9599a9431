"""Switching a provider on for a company, and opening the connection again later with what was stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlmodel import and_, select

from hub.bulkhead import ASKED, Calls, Patience
from hub.connection import Connection, Reach, parse_settings, secret_names, split_settings
from hub.errors import HubError, NotThere, SettingsError, Unsupported
from hub.events.attention import notice, works_again
from hub.models import ActivateRequest, Activation, Redirect, Right, RightState
from hub.network import in_turn
from hub.opened import Connections, Opened, Stored, connections_of
from hub.process import Process
from hub.provider import InMemory, Provider, Renewal
from hub.registry import find
from hub.store.companies import Administration as AdministrationRow
from hub.store.companies import Connection as ConnectionRow
from hub.store.companies import Mapping as MappingRow
from hub.store.companies import Secret
from hub.store.database import Store
from hub.store.session import CompanySession
from hub.vault import Place, Vault


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
        pass
    connections = connections_of(store, process)
    calls = Calls(provider.title, connections.places(name))
    with calls.reading():
        settings = parse_settings(provider, values)
    plain, sealed = split_settings(settings)
    fresh = InMemory(sealed)
    made = Connection(provider, settings, reach_of(process), renewing=fresh, calls=calls)
    with made as connection, in_turn(store.turns.waiting(provider)):
        result = connection.activate(ActivateRequest(today=today, returned=dict(returned)))
    if isinstance(result, Activation):
        with store.write(company) as session:
            _keep(session, store, provider, {**plain, **result.settings}, fresh.values)
            keep_activation(session, name, result)
            session.audit(actor, "connected", name, administrations=len(result.administrations))
        connections.forget(company, name)
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
    works_again(session, provider)
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
        raise _not_connected(session.company, provider)
    return row


def _not_connected(company: str, provider: str) -> NotThere:
    return NotThere(
        f"{company} is not connected with {provider}: connect it.", command=f"`hub connect {company} {provider}`"
    )


class SwitchedOff(Unsupported):
    """The company switched the connection off: only it can switch that on again."""

    who = "company admin"


def active_connection(session: CompanySession, provider: str) -> ConnectionRow:
    """Return a stored connection that is in use. Raises `InputError` without one, `SwitchedOff` where it is not."""
    row = connection_row(session, provider)
    _check_active(row)
    return row


def _check_active(row: ConnectionRow) -> None:
    if not row.active:
        company, provider = row.company_id, row.provider
        raise SwitchedOff(
            f"{company} has switched {provider} off: switch it on.", command=f"`hub switch {company} {provider} on`"
        )


@contextmanager
def open_connection(
    store: Store, process: Process, company: str, name: str, patience: Patience = ASKED
) -> Iterator[Connection]:
    """Lend a stored connection: one that was made before, where nothing of what is stored has changed since.

    Raises `SwitchedOff` where the company switched it off, `InputError` without one, `Transient` where the provider is
    busy. `patience` is for how long its calls wait for a place. One that an exception leaves is not used again.
    """
    connections = connections_of(store, process)
    provider = find(name, process.providers)
    try:
        opened = _opened(connections, store, company, provider, reach_of(process))
    except HubError:
        connections.forget(company, name)
        raise
    opened.connection.calls.patience = patience
    with opened.connection as connection, in_turn(store.turns.waiting(provider)):
        yield connection
    connections.keep(company, opened)


def _opened(connections: Connections, store: Store, company: str, provider: type[Provider], reach: Reach) -> Opened:
    """Return the connection that is kept, or else a new one. No session is open while the provider is asked."""
    with store.read(company) as session:
        stored = _stored(session, provider, reach)
        kept = connections.lend(company, stored)
        if kept:
            return kept
        stored, secrets = _unsealed(store, session, stored)
    made = connections.now()
    watching = partial(notice, store, company, provider.name)
    calls = Calls(provider.title, connections.places(provider.name), noticing=watching)
    return Opened(_made(store, company, stored, secrets, calls), stored, made)


def _unsealed(store: Store, session: CompanySession, stored: Stored) -> tuple[Stored, dict[str, str]]:
    """Return the secrets, and what was stored when they were read: keys may be rotated just before they are held."""
    if not stored.sealed:
        return stored, {}
    vault = store.vault(session)  # from here on a rotation waits
    try:
        return stored, _secrets(vault, stored)
    except SettingsError:
        stored = _stored(session, stored.provider, stored.reach)
        return stored, _secrets(vault, stored)


def _secrets(vault: Vault, stored: Stored) -> dict[str, str]:
    """Open the secrets. Raises `SettingsError` for one that was not sealed with a key of now."""
    return {one: vault.open(secret_place(stored.provider.name, one), text) for one, text in stored.sealed}


def _stored(session: CompanySession, provider: type[Provider], reach: Reach) -> Stored:
    """Read what a connection is made from, all of one moment. Raises as `open_connection`."""
    both = select(ConnectionRow, Secret).outerjoin(
        Secret, and_(Secret.company_id == ConnectionRow.company_id, Secret.provider == ConnectionRow.provider)
    )
    rows = session.exec(
        both.where(ConnectionRow.provider == provider.name)
        .order_by(Secret.name)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        raise _not_connected(session.company, provider.name)
    row = rows[0][0]
    _check_active(row)
    sealed = tuple((one.name, one.sealed) for _, one in rows if one is not None)
    return Stored(provider, reach, row.settings, row.rights, sealed)


def _made(store: Store, company: str, stored: Stored, secrets: Mapping[str, str], calls: Calls) -> Connection:
    provider = stored.provider
    known = set(provider.Settings.model_fields) - secret_names(provider)
    values = {**{name: value for name, value in stored.settings.items() if name in known}, **secrets}
    rights = [Right.model_validate(one) for one in stored.rights]
    missing = {one for right in rights if right.state is RightState.MISSING for one in right.capabilities}
    renewing = partial(_renewing, store, company, provider.name)
    with calls.reading():
        settings = parse_settings(provider, values)
        return Connection(provider, settings, stored.reach, frozenset(missing), renewing=renewing, calls=calls)


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
