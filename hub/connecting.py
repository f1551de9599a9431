"""The part of `hub.hub.Hub` that tries a connection out and takes one away; `Hub.connect` makes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlmodel import col, func, select

from hub.activation import connection_row, open_connection, reach_of
from hub.bulkhead import Calls
from hub.connection import Connection, parse_settings, split_settings
from hub.errors import InputError
from hub.export.states import UNSETTLED
from hub.models import ActivateRequest, Activation, Redirect
from hub.opened import connections_of
from hub.process import Process
from hub.provider import InMemory
from hub.registry import find
from hub.store.companies import Connection as ConnectionRow
from hub.store.companies import Secret
from hub.store.database import Store
from hub.store.exports import Entry, Plan
from hub.store.session import CompanySession


class Connecting:
    """What a hub can do with connections beside making them. `Hub` is one of these; nothing else is."""

    store: Store
    process: Process

    @property
    def today(self) -> date:
        """The calendar date in Amsterdam."""
        raise NotImplementedError

    def connection(self, company: str, provider: str) -> ConnectionRow:
        """Return a stored connection; nothing of it is secret. Raises `InputError` without one."""
        with self.store.read(company) as session:
            return connection_row(session, provider)

    def try_settings(self, company: str, provider: str, values: Mapping[str, str]) -> Activation | Redirect:
        """Ask the provider whether it accepts these settings; nothing is stored. Raises what it says is wrong.

        A provider that gives a new secret for an old one at each log-in gives one for this too: it is not kept.
        """
        with self.store.read(company):
            pass
        kind = find(provider, self.process.providers)
        if not set(values) <= set(kind.Settings.model_fields):
            raise InputError(f"{kind.title} has no setting of a name that was given: see its JSON Schema.")
        settings = parse_settings(kind, values)
        calls = Calls(kind.title, connections_of(self.store, self.process).places(provider))
        renewing = InMemory(split_settings(settings)[1])
        with Connection(kind, settings, reach_of(self.process), renewing=renewing, calls=calls) as connection:
            return connection.activate(ActivateRequest(today=self.today))

    def test_connection(self, company: str, provider: str) -> Activation | Redirect:
        """Ask the provider whether a stored connection still works; changes nothing. Raises what it says is wrong."""
        with open_connection(self.store, self.process, company, provider) as connection:
            return connection.activate(ActivateRequest(today=self.today))

    def disconnect(self, company: str, provider: str, actor: str = "host") -> bool:
        """Take a connection away with its secrets and settings; return whether its history stays.

        Where anything was ever planned, what names that history stays: links, administrations, the mapping. Raises
        `InputError` while payroll may or may not hold something: that must be settled first.
        """
        with self.store.write(company) as session:
            row = connection_row(session, provider)
            _check_settled(session, provider)
            history = session.exec(select(Plan.id).where(Plan.provider == provider).limit(1)).first() is not None
            for secret in session.all(Secret, Secret.provider == provider):
                session.delete(secret)
            session.flush()
            if history:
                row.active, row.settings, row.rights, row.attention = False, {}, [], ""
                session.add(row)
            else:
                session.delete(row)
            session.audit(actor, "connection removed", provider, history=history)
        return history


def _check_settled(session: CompanySession, provider: str) -> None:
    doubtful = select(func.count()).select_from(Entry).where(Entry.provider == provider)
    number = session.exec(doubtful.where(col(Entry.state).in_(sorted(UNSETTLED)))).one()
    if number:
        raise InputError(
            f"Of {number} entries payroll may or may not hold the amount: run them to their end, or decide, and then "
            "remove the connection."
        )
