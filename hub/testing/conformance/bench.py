"""The bench on which a rule tries a provider: its remote on a real socket, and guarded connections to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hub.connection import Connection, Reach, parse_settings
from hub.destination import GuardedPosting
from hub.errors import HubError
from hub.models import (
    ActivateRequest,
    Activation,
    Administration,
    Entry,
    ExportRequest,
    Kind,
    Pending,
    PeriodType,
    PostedEntry,
    Redirect,
    Slot,
    SyncRequest,
    WagePeriod,
    Workforce,
)
from hub.periods import Calendar, Week53, range_of
from hub.provider import Capability, Provider, Renewing
from hub.testing.conformance.rule import NotApplicable, NotConforming, can, expect
from hub.testing.simulator import Simulator

if TYPE_CHECKING:
    from hub.testing.conformance.kit import ProviderConformance

TODAY = date(2026, 10, 20)
FEW = 6
"""How many people work at a remote, where a rule wants no other number."""

SAYS_WHAT_TO_DO = re.compile(r".{5,}: .{5,}\.", re.DOTALL)
"""The form of an error for a person: what happened, a colon, and what to do."""

_COUNTS = frozenset({"calls", "seconds", "departures", "errors"})
_ANSWERS = 20


@dataclass
class Opened:
    """One connection to one remote. It was activated, and keeps what that found."""

    kit: ProviderConformance
    remote: Simulator
    connection: Connection
    activation: Activation
    _writes: dict[Kind, tuple[str, ...]] = field(default_factory=dict)

    # -- what there is ------------------------------------------------------------------------------------------------

    @cached_property
    def workforce(self) -> Workforce:
        """Everybody in all administrations, as they were found first."""
        return self.sync()

    def sync(self) -> Workforce:
        """Return everybody in all administrations."""
        ids = tuple(one.id for one in self.activation.administrations)
        return self.connection.sync_workforce(SyncRequest(administrations=ids, today=TODAY))

    @cached_property
    def employee(self) -> str:
        """An employee that exists: the kit's own, or the first that is found."""
        if self.kit.employee or not can(self.kit.provider, Capability.SYNC_WORKFORCE):
            expect(self.kit.employee, "give `employee`, the id of an employee that exists at the remote")
            return self.kit.employee
        return next(one.id for one in self.workforce.employees if one.administration == self.administration.id)

    @property
    def administration(self) -> Administration:
        """The first administration that was found."""
        return self.activation.administrations[0]

    @property
    def period(self) -> WagePeriod:
        """The current wage period of the administration, or October 2026 where that is not told."""
        one = self.administration
        if one.period_type is PeriodType.RANGE:
            return range_of(date(2026, 10, 1), date(2026, 10, 31))
        if one.current_year is None or one.current_number is None:
            return self.calendar.dates_of(self.calendar.first_start.year, 10)
        return self.calendar.dates_of(one.current_year, one.current_number)

    @property
    def calendar(self) -> Calendar:
        """How the administration counts its periods, as far as it is told."""
        kind, year = self.administration.period_type or PeriodType.MONTH, self.administration.current_year or 2026
        start = date(year, 1, 1) if kind is PeriodType.MONTH else date.fromisocalendar(year, 1, 1)
        return Calendar(type=kind, first_start=start, week53=Week53.IN_13)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that can be posted; at least one."""
        return tuple(kind for kind in Kind if can(self.kit.provider, Capability.to_post(kind)))

    def slot(self, kind: Kind) -> Slot:
        """Return the slot of the employee in the current period."""
        return Slot(administration=self.administration.id, employee=self.employee, period=self.period, kind=kind)

    def entry(self, kind: Kind, amount: int = 700, **changes: Any) -> Entry:  # noqa: ANN401 - the fields of Entry
        """Return an entry of so many hundredths, on the first code of its kind; days are set."""
        code = next((one.code for one in self.administration.codes if one.kind is kind), "")
        expect(code, f"activate tells no code for {kind}, which the provider says it can post")
        made = {"slot": self.slot(kind), "code": code, "amount": amount, "sets": kind is Kind.DAYS, **changes}
        return Entry.model_validate(made)

    # -- what is done -------------------------------------------------------------------------------------------------

    @cached_property
    def posting(self) -> GuardedPosting:
        """The destination of an export of the administration and period."""
        return self.connection.export(ExportRequest(administration=self.administration, period=self.period))

    def read(self, kind: Kind) -> tuple[PostedEntry, ...]:
        """Return the rows of the slot."""
        return self.posting.read(self.slot(kind))

    def post(self, entry: Entry) -> PostedEntry:
        """Post an entry, and wait for the answer where the remote accepts first and answers later."""
        return self.settled(self.send(entry))

    def settled(self, answer: PostedEntry | Pending) -> PostedEntry:
        """Return the row of an answer; ask for it where the remote accepts first and answers later."""
        for _ in range(_ANSWERS):
            if isinstance(answer, PostedEntry):
                return answer
            answer = self.posting.resolve(answer)
        raise NotConforming(f"an entry that was accepted is still pending after it was asked for {_ANSWERS} times")

    def send(self, entry: Entry) -> PostedEntry | Pending:
        """Send an entry as the hub does: with its slot as a whole, where the provider writes that."""
        return self.sending(entry)()

    def sending(self, entry: Entry) -> Callable[[], PostedEntry | Pending]:
        """Return a call that sends an entry, each time under the same key and on the rows of now."""
        key = f"conformance-{self.calls.total()}"
        if not can(self.kit.provider, Capability.PUT):
            return lambda: self.posting.post(entry, key)
        before = () if entry.sets else self.posting.read(entry.slot)
        return lambda: self.posting.put(entry.slot, before, (entry,), key)[0]

    def writes(self, kind: Kind) -> tuple[str, ...]:
        """Return the operations of the remote that a posting calls and a reading does not."""
        if kind not in self._writes:
            self.post(self.entry(kind))  # what it does but once, such as a log-in, is over then
            read = self.calling(lambda: self.read(kind)) if can(self.kit.provider, Capability.READ_BACK) else Counter()
            posted = self.calling(lambda: self.post(self.entry(kind)))
            self._writes[kind] = self.kit.writes or tuple(posted.keys() - read.keys()) or tuple(posted)
            expect(self._writes[kind], f"posting {kind} called nothing at the remote")
        return self._writes[kind]

    def spoilt_post(self, kind: Kind, fault: str) -> HubError:
        """Return the error of a posting whose every answer is spoilt. Raises `NotConforming` where there is none."""
        with self.spoilt(fault, self.writes(kind)):
            return raised(lambda: self.send(self.entry(kind)), f"a posting answered by {fault}")

    @contextmanager
    def spoilt(self, fault: str, operations: Collection[str] = ("",)) -> Iterator[None]:
        """Let the remote make a fault of every answer, or of those to some operations."""
        self.remote.inject(*(f"{fault}@{one}" if one else fault for one in operations))
        try:
            yield
        finally:
            self.remote.heal()

    # -- what the remote saw ------------------------------------------------------------------------------------------

    @property
    def calls(self) -> Counter[str]:
        """How often each operation of the remote was called."""
        return Counter(self.remote.state()["calls"])

    @property
    def held(self) -> Mapping[str, Any]:
        """What the remote holds: all of its state but the counts."""
        return held(self.remote)

    def calling(self, act: Callable[[], object]) -> Counter[str]:
        """Return the calls that something makes."""
        before = self.calls
        act()
        return self.calls - before


class Bench:
    """What a rule is given: ways to start the provider's remote and to connect to it. All ends with the rule."""

    def __init__(self, kit: ProviderConformance, ends: ExitStack) -> None:
        self.kit = kit
        self.provider: type[Provider] = kit.provider
        self._ends = ends
        self._remotes: list[Simulator] = []

    def remote(self, employees: int = FEW, **options: Any) -> Simulator:  # noqa: ANN401 - what its constructor takes
        """Start a remote of its own."""
        if self.kit.remote is None:
            raise NotApplicable("it is not called over the wire")
        self._remotes.append(self._ends.enter_context(self.kit.remote(employees=employees, **options)))
        return self._remotes[-1]

    @property
    def failures(self) -> list[str]:
        """The errors of the remotes themselves, which are bugs of the simulator."""
        return [text for one in self._remotes for text in one.state()["errors"]]

    def settings(self, remote: Simulator) -> dict[str, str]:
        """Return what a company types to connect with a remote."""
        return remote.connect_settings()

    def connect(
        self,
        settings: Mapping[str, str],
        *,
        seconds: float = 10,
        loopback: bool = True,
        renewing: Renewing | None = None,
    ) -> Connection:
        """Open a connection that was not activated. A call on it ends within so many seconds."""
        reach = Reach(allow_loopback=loopback, operation_seconds=seconds)
        parsed = parse_settings(self.provider, settings)
        return self._ends.enter_context(Connection(self.provider, parsed, reach, renewing=renewing))

    def open(self, remote: Simulator | None = None, *, seconds: float = 10) -> Opened:
        """Connect with a remote, by default a new one, and activate."""
        remote = remote or self.remote()
        connection = self.connect(self.settings(remote), seconds=seconds)
        return Opened(self.kit, remote, connection, self.activation(remote, connection))

    def again(self, opened: Opened) -> Opened:
        """Connect anew with the same remote, without activation: with what activation found, as the hub does."""
        settings = {**self.settings(opened.remote), **opened.activation.settings}
        connection = self.connect(settings, renewing=opened.connection.renewing)
        return Opened(self.kit, opened.remote, connection, opened.activation)

    def activation(self, remote: Simulator | None, connection: Connection) -> Activation:
        """Activate a connection, also where a person must log in at the remote in between."""
        found = connection.activate(ActivateRequest(today=TODAY))
        if isinstance(found, Redirect) and remote is not None:
            returned = self.kit.logged_in(remote, found)
            found = connection.activate(ActivateRequest(today=TODAY, returned=returned))
        if isinstance(found, Redirect):
            raise NotConforming("activate asks for another log-in after one that succeeded")
        return found


def held(remote: Simulator) -> Mapping[str, Any]:
    """Return what a remote holds: all of its state but the counts."""
    return {name: value for name, value in remote.state().items() if name not in _COUNTS}


def raised(act: Callable[[], object], what: str) -> HubError:
    """Return the error that something raises. Raises `NotConforming` where it raises none."""
    try:
        answer = act()
    except HubError as error:
        return error
    pending = " as accepted" if isinstance(answer, Pending) else ""
    raise NotConforming(f"{what} was taken{pending}, where an error must be raised")
