"""A payroll in memory, as a provider: for tests of what stands around a provider, where no wire is the point.

Whoever connects with the same `book` shares its rows; `script` says what the next postings do instead of succeeding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import Field

from hub.errors import AuthError, NotExecuted, NotSent, Refused
from hub.hookspecs import hookimpl
from hub.models import (
    ActivateRequest,
    Activation,
    Administration,
    Code,
    CostCentre,
    Employee,
    Entry,
    ExportRequest,
    Finding,
    Kind,
    PeriodType,
    PostedEntry,
    SyncRequest,
    ValidateRequest,
    Workforce,
)
from hub.models import Slot as SlotModel
from hub.provider import Capability, Posting, Provider, ProviderSettings, Support

CODES = (
    Code(kind=Kind.HOURS, code="100", title="Worked"),
    Code(kind=Kind.HOURS, code="150", title="Sunday"),
    Code(kind=Kind.HOURS, code="200", title="Meals"),
    Code(kind=Kind.WAGE, code="300", title="Travel"),
    Code(kind=Kind.DAYS, code="days", title="Days worked"),
)


@dataclass
class Ledger:
    """What the payroll holds, and what it does next.

    A word of `script` applies to one posting: `lost` (done, no answer), `vanished` (not done, no answer), `not sent`,
    `not executed`, `refused`, `same id` (done, with an id that was given before). `watch` is called before each.
    """

    rows: dict[SlotModel, list[PostedEntry]] = field(default_factory=lambda: defaultdict(list))
    employees: list[Employee] = field(default_factory=list)
    codes: tuple[Code, ...] = CODES
    script: list[str] = field(default_factory=list)
    posted: list[Entry] = field(default_factory=list)
    watch: Callable[[Entry, str], None] = lambda entry, key: None
    readable: bool = True
    current: int = 10
    _last: int = 0

    def put(self, entry: Entry, *, again: bool = False) -> PostedEntry:
        """Write an entry down as a new row, or set it."""
        self.posted.append(entry)
        if entry.sets:
            self.rows[entry.slot] = []
        elif not again:
            self._last += 1
        row = PostedEntry(
            id="" if entry.sets else str(self._last),
            kind=entry.slot.kind,
            code=entry.code,
            amount=entry.amount,
            cost_centre=entry.cost_centre,
        )
        self.rows[entry.slot].append(row)
        return row

    def change(self, slot: SlotModel, posted: PostedEntry, entry: Entry | None) -> PostedEntry:
        """Give a row what an entry says, or take it away. Raises `Refused` where there is no such row."""
        rows = self.rows[slot]
        place = next((n for n, row in enumerate(rows) if row.id == posted.id), None)
        if place is None:
            raise Refused("unknown", "The ledger has no such row.")
        if entry is None:
            return rows.pop(place)
        rows[place] = rows[place].model_copy(
            update={"amount": entry.amount, "code": entry.code, "cost_centre": entry.cost_centre}
        )
        return rows[place]

    def totals(self) -> dict[tuple[str, str], int]:
        """Return hundredths per employee and code."""
        totals: dict[tuple[str, str], int] = defaultdict(int)
        for slot, rows in self.rows.items():
            for row in rows:
                totals[slot.employee, row.code] += row.amount
        return dict(totals)


BOOKS: dict[str, Ledger] = defaultdict(Ledger)
"""The ledgers by the name that a connection gives."""


class LedgerSettings(ProviderSettings):
    """Which ledger to use."""

    book: str = Field(title="Book")


class LedgerProvider(Provider):
    """A provider whose payroll is in this process."""

    name = "ledger"
    title = "Ledger"
    Settings = LedgerSettings
    concurrency = 1
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        Capability.SYNC_WORKFORCE: Support.FULL,
        Capability.READ_BACK: Support.FULL,
        Capability.POST_HOURS: Support.FULL,
        Capability.POST_WAGE: Support.FULL,
        Capability.POST_DAYS: Support.FULL,
        Capability.REPLACE_HOURS: Support.FULL,
        Capability.WITHDRAW_HOURS: Support.FULL,
        Capability.WITHDRAW_WAGE: Support.FULL,
    }

    @property
    def ledger(self) -> Ledger:
        """The ledger of this connection."""
        return BOOKS[self.settings.book]

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Say that there is one administration, paid by the month, with two cost centres."""
        centres = (CostCentre(id="1", code="A", title="Bar"), CostCentre(id="2", code="B", title="Kitchen"))
        one = Administration(
            id="1",
            name="The one",
            period_type=PeriodType.MONTH,
            current_year=2026,
            current_number=self.ledger.current,
            codes=self.ledger.codes,
            cost_centres=centres,
        )
        return Activation(administrations=(one,))

    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Return the employees of the ledger."""
        return Workforce(employees=tuple(self.ledger.employees))

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Find nothing."""
        return ()

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Posting:
        """Open the ledger."""
        return LedgerPosting(self.ledger)


class LedgerPosting:
    """Posts into a ledger, as its script says."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self, slot: SlotModel) -> tuple[PostedEntry, ...]:
        """Return the rows of a slot."""
        if not self._ledger.readable:
            raise NotSent("The ledger cannot be reached.")
        return tuple(self._ledger.rows[slot])

    def post(self, entry: Entry, key: str) -> PostedEntry:
        """Post, or do what the script says."""
        self._ledger.watch(entry, key)
        return self._done(lambda word: self._ledger.put(entry, again=word == "same id"))

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Change a row under the same id, or do what the script says."""
        self._ledger.watch(entry, "")
        return self._done(lambda word: self._ledger.change(entry.slot, posted, entry))

    def withdraw(self, slot: SlotModel, posted: PostedEntry) -> None:
        """Take a row away, or do what the script says."""
        self._done(lambda word: self._ledger.change(slot, posted, None))

    def _done(self, effect: Callable[[str], PostedEntry]) -> PostedEntry:
        word = self._ledger.script.pop(0) if self._ledger.script else ""
        match word:
            case "not sent":
                raise NotSent("The ledger cannot be reached.")
            case "not executed":
                raise NotExecuted(AuthError("The ledger does not know you: reconnect."))
            case "refused":
                raise Refused("closed", "The ledger refuses this.")
            case "vanished":
                raise ConnectionResetError
        row = effect(word)
        if word == "lost":
            raise ConnectionResetError
        return row
