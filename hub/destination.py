"""Where an export goes, behind the guard: a provider's live object, every call of which is checked and classified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hub.errors import ContractError, UnknownOutcome, Unsupported
from hub.guard import Where, guarded
from hub.models import Entry, Pending, PostedEntry, RenderedFile, Row, Slot
from hub.provider import Document, Posting, Putting, Replacing, Resolving, Withdrawing

Able = TypeVar("Able")
Rows = tuple[PostedEntry, ...]


class GuardedPosting:
    """A destination behind the guard: a reading raises errors of the hub, a posting only certain ones or *unknown*."""

    def __init__(self, plugin: str, destination: Posting) -> None:
        self._plugin = plugin
        self._destination = destination

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Return every row of the slot."""
        where = Where(self._plugin, "read")
        return guarded(where, lambda: _checked(where, self._destination.read(slot)), tuple)

    def post(self, entry: Entry, key: str) -> PostedEntry | Pending:
        """Post one entry. Raises `NotSent`, `NotExecuted`, `Refused` or `UnknownOutcome`."""
        where = Where(self._plugin, "post", changes=True)
        return guarded(where, lambda: self._destination.post(entry, key), PostedEntry, Pending)

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Change one row. Raises as `post`, and `Unsupported` where the destination cannot."""
        able = self._able(Replacing)  # type: ignore[type-abstract]  # it is only asked for
        return guarded(Where(self._plugin, "replace", changes=True), lambda: able.replace(posted, entry), PostedEntry)

    def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
        """Take one row away. Raises as `post`, and `Unsupported` where the destination cannot."""
        able = self._able(Withdrawing)  # type: ignore[type-abstract]  # it is only asked for
        guarded(Where(self._plugin, "withdraw", changes=True), lambda: able.withdraw(slot, posted), type(None))

    def resolve(self, pending: Pending) -> PostedEntry | Pending:
        """Ask what became of a posting. Raises `Refused` if it came to nothing, else as `read`."""
        able = self._able(Resolving)  # type: ignore[type-abstract]  # it is only asked for
        return guarded(Where(self._plugin, "resolve"), lambda: able.resolve(pending), PostedEntry, Pending)

    def put(
        self, slot: Slot, before: tuple[PostedEntry, ...], entries: tuple[Entry, ...], key: str
    ) -> tuple[PostedEntry, ...]:
        """Write a slot as a whole. Raises as `post`, and `Unsupported` where the destination cannot."""
        able = self._able(Putting)  # type: ignore[type-abstract]  # it is only asked for
        where = Where(self._plugin, "put", changes=True)
        rows = guarded(where, lambda: _checked(where, able.put(slot, before, entries, key)), tuple)
        if len(rows) != len(entries):
            raise UnknownOutcome(f"{self._plugin} told of {len(rows)} rows where {len(entries)} were sent.")
        return rows

    def _able(self, protocol: type[Able]) -> Able:
        if not isinstance(self._destination, protocol):
            raise Unsupported(f"{self._plugin} cannot do that: its destination is not {protocol.__name__}.")
        return self._destination


class GuardedDocument:
    """A file behind the guard."""

    def __init__(self, plugin: str, destination: Document) -> None:
        self._plugin = plugin
        self._destination = destination

    def render(self, rows: Sequence[Row]) -> RenderedFile:
        """Write the rows to a file in memory. Raises `InputError`, and `ContractError` for what is no file."""
        return guarded(Where(self._plugin, "render"), lambda: self._destination.render(rows), RenderedFile)


def _checked(where: Where, rows: Rows) -> Rows:
    if isinstance(rows, tuple) and not all(isinstance(row, PostedEntry) for row in rows):
        raise ContractError(
            f"{where.plugin}.{where.call} returned rows that are no PostedEntry: its author must mend it."
        )
    return rows
