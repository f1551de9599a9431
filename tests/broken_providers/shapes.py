"""Good providers of other shapes: with keys, one that writes a slot as a whole, one that accepts first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from broken_providers.good import GoodPosting, GoodProvider
from hub import Capability, Entry, NotExecuted, Pending, PostedEntry, Slot, Support, Transient


class PutPosting(GoodPosting):
    """Writes a slot as a whole."""

    def put(
        self, slot: Slot, before: tuple[PostedEntry, ...], entries: tuple[Entry, ...], key: str
    ) -> tuple[PostedEntry, ...]:
        """Add the rows that are new, where nobody came in between; this payroll keeps the others by itself."""
        if self.moved(slot, before):
            raise NotExecuted(Transient("Somebody changed these rows just now: run the export again."))
        return tuple(super(PutPosting, self).post(entry, key) for entry in entries)

    def moved(self, slot: Slot, before: tuple[PostedEntry, ...]) -> bool:
        """Tell whether there are other rows than there were."""
        return set(self.read(slot)) != set(before)

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

    def resolve(self, pending: Pending) -> PostedEntry | Pending:
        """Tell what became of it, to whoever asks and whenever: nothing yet, or a row."""
        return next((row for row in self.read(pending.slot) if row.id == pending.id), pending)


class PatientProvider(GoodProvider):
    """Good Payroll, where a row is accepted first and told later."""

    Posting = PatientPosting


class KeyedPosting(GoodPosting):
    """Hands the key on."""

    def post(self, entry: Entry, key: str) -> PostedEntry:
        """Add a row, or find the one that was added under this key."""
        return self.proven(self.row(self.api.write("POST", f"/rows?key={key}", self.body(entry))))


class KeyedProvider(GoodProvider):
    """Good Payroll, where the same key again adds nothing."""

    capabilities: ClassVar[Mapping[Capability, Support]] = {
        **GoodProvider.capabilities,
        Capability.IDEMPOTENT: Support.FULL,
    }
    Posting = KeyedPosting
