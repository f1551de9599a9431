"""The blank file of a scope: its layout and period, who can be named in it, and the writing of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from hub.connection import Connection
from hub.export.handing.layouts import layout_of
from hub.export.handing.rows import Person, people_of
from hub.export.planning.basis import administration_of, period_of
from hub.export.scope import Scope
from hub.files.layout import Layout, Source
from hub.models import ExportRequest, RenderedFile, Row, WagePeriod
from hub.store.session import CompanySession
from hub.vault import Vault


class Sheet:
    """A file that is to be written for a scope."""

    def __init__(self, session: CompanySession, vault: Vault, connection: Connection, scope: Scope) -> None:
        self._session = session
        self._vault = vault
        self._connection = connection
        self._scope = scope

    @cached_property
    def layout(self) -> Layout:
        """The layout that is in use."""
        return layout_of(self._session, self._connection.provider)

    @cached_property
    def period(self) -> WagePeriod:
        """The dates of the file."""
        return period_of(self._session, self._scope, self._connection)

    def people(self, employees: Iterable[str]) -> dict[str, Person]:
        """Return who of these can be named in the file; a BSN is opened only for a layout that has one."""
        needs_bsn = Source.BSN in self.layout.sources
        found = people_of(self._session, self._vault if needs_bsn else None, self._scope.provider, employees)
        return {employee: person for employee, person in found.items() if person.bsn or not needs_bsn}

    def render(self, rows: Sequence[Row]) -> RenderedFile:
        """Write the rows. Raises `InputError` for what the layout cannot hold."""
        request = ExportRequest(
            administration=administration_of(self._session, self._scope),
            period=self.period,
            layout=self.layout.model_dump_json(),
        )
        return self._connection.document(request).render(rows)
