"""Good providers of other shapes: one that writes a slot as a whole, one that accepts first and answers later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from broken_providers.good import GoodPosting, GoodProvider
from hub import Capability, Entry, Pending, PostedEntry, Slot, Support


class PutPosting(GoodPosting):
    """Writes a slot as a whole."""

    def put(
        self, slot: Slot, before: tuple[PostedEntry, ...], entries: tuple[Entry, ...], key: str
    ) -> tuple[PostedEntry, ...]:
        """Add the rows that are new; this payroll keeps the others by itself."""
        return tuple(super(PutPosting, self).post(entry, key) for entry in entries)

    def post(self, entry: Entry, key: str) -> PostedEntry:
        """Never be called: the hub writes the slot."""
        raise NotImplementedError


class PutProvider(GoodProvider):
    """Good Payroll, where a slot is written as a whole."""

    capabilities: ClassVar[Mapping[Capability, Support]] = {
        **GoodProvider.capabilities,
        Capability.PUT: Support.FULL,
        Capability.REPLACE_HOURS: Support.NO,  # what the hub puts tells of new rows only
        Capability.WITHDRAW_HOURS: Support.NO,
    }
    Posting = PutPosting


class PatientPosting(GoodPosting):
    """Accepts first and answers later."""

    def post(self, entry: Entry, key: str) -> Pending:
        """Accept a row; the receipt is its id."""
        return Pending(id=super().post(entry, key).id, slot=entry.slot)

    def resolve(self, pending: Pending) -> PostedEntry:
        """Tell what became of it, to whoever asks and whenever."""
        return next(row for row in self.read(pending.slot) if row.id == pending.id)


class PatientProvider(GoodProvider):
    """Good Payroll, where a row is accepted first and told later."""

    Posting = PatientPosting
