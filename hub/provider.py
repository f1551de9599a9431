"""What a provider is: a class with a name, settings, graded capabilities and the four hooks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from hub.files.layout import Layout
from hub.models import ContractType, Kind, Right

if TYPE_CHECKING:
    from hub.models import Entry, Pending, PostedEntry, RenderedFile, Row, Slot
    from hub.transport import Http

API_VERSION = 1
"""The contract version of this hub; it runs providers of this version and of the one before."""

FIRST_API_VERSION = 1
"""The contract version that a provider is written for that states none: there was no number before it."""


class Support(StrEnum):
    """How far a provider does something."""

    FULL = "full"
    EMULATED = "emulated"
    NOT_BUILT = "not_built"
    NO = "no"


class Capability(StrEnum):
    """What a provider may be able to do. Posting, replacing and withdrawing are graded per kind."""

    SYNC_WORKFORCE = "sync_workforce"
    READ_BACK = "read_back"
    POST_HOURS = "post_hours"
    POST_WAGE = "post_wage"
    POST_DAYS = "post_days"
    REPLACE_HOURS = "replace_hours"
    REPLACE_WAGE = "replace_wage"
    REPLACE_DAYS = "replace_days"
    WITHDRAW_HOURS = "withdraw_hours"
    WITHDRAW_WAGE = "withdraw_wage"
    WITHDRAW_DAYS = "withdraw_days"
    PUT = "put"
    RENDER_FILE = "render_file"
    IDEMPOTENT = "idempotent"

    @classmethod
    def to_post(cls, kind: Kind) -> Capability:
        """Return the capability that posting this kind needs."""
        return cls(f"post_{kind}")

    @classmethod
    def to_replace(cls, kind: Kind) -> Capability:
        """Return the capability that changing a row of this kind needs."""
        return cls(f"replace_{kind}")

    @classmethod
    def to_withdraw(cls, kind: Kind) -> Capability:
        """Return the capability that taking away a row of this kind needs."""
        return cls(f"withdraw_{kind}")


class ProviderSettings(BaseModel):
    """Base of a provider's settings. Secrets are typed `SecretStr`; the JSON Schema of the class drives every form."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass
class Renewal:
    """A secret that is being renewed: `value` is the present one, empty where there is none, until it is set anew."""

    value: str = field(default="", repr=False)


Renewing = Callable[[str], AbstractContextManager[Renewal]]
"""Opens the renewal of the secret setting of this name; see `Context`."""


@dataclass(frozen=True, eq=False)
class InMemory:
    """Secrets that are renewed only for as long as a connection lasts, as while it is activated or in a test."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def __call__(self, name: str) -> Iterator[Renewal]:
        """Renew one; it stays as it was where the block raises."""
        with self._lock:
            renewal = Renewal(self.values.get(name, ""))
            yield renewal
            self.values[name] = renewal.value


@dataclass(frozen=True, eq=False)
class Context:
    """What a connection hands to its provider: resolved settings, an HTTP client and a clock. Never the store.

    `with renewing(NAME) as secret` is for a secret setting that the provider changes, such as a refresh token that
    serves once. In the block no other connection of the company can renew it; `secret.value` is the newest one, and
    what it is set to is sealed and committed when the block ends. Use what came with it only after the block; where
    that raises, nothing is changed. Do nothing else in it: on SQLite all writing waits until it ends.
    """

    settings: ProviderSettings
    http: Http
    now: Callable[[], datetime] = utc_now
    renewing: Renewing = field(default_factory=InMemory)


class Provider:
    """Base class of every provider. The hub makes one instance per connection.

    Subclasses set the class attributes and implement the hooks they support, each marked with `@hookimpl`.
    `hosts` are the only hosts its HTTP client may reach. `calls_per_second` is what all calls of the hub together keep
    to, and `concurrency` those of one company. `settle_seconds` is how long after a lost answer its effect may still
    come. `week53` is the provider's own rule for a long year of four weeks: `in_13` or `own_period`; None where it is
    not known and the user must choose. One that renders a file ships its `layout`, and says whether it `needs_bsn` of
    everybody in it. `contract_types` are those that go out where the company set nothing else. `api` is the contract
    version that it was written for. `rights` are those that its login needs, so that they can be read before anybody
    connects.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    api: ClassVar[int] = FIRST_API_VERSION  # never that of the hub: every provider would claim to be up to date
    hosts: ClassVar[tuple[str, ...]] = ()
    capabilities: ClassVar[Mapping[Capability, Support]] = {}
    calls_per_second: ClassVar[float | None] = None
    concurrency: ClassVar[int] = 8
    settle_seconds: ClassVar[float] = 900
    week53: ClassVar[str | None] = None
    layout: ClassVar[Layout | None] = None
    needs_bsn: ClassVar[bool] = False
    contract_types: ClassVar[tuple[ContractType, ...]] = (ContractType.ZERO_HOURS,)
    rights: ClassVar[tuple[Right, ...]] = ()
    Settings: ClassVar[type[ProviderSettings]] = ProviderSettings

    def __init__(self, context: Context) -> None:
        self.settings: Any = context.settings
        self.http = context.http
        self.now = context.now
        self.renewing = context.renewing

    @classmethod
    def support(cls, capability: Capability) -> Support:
        """Return how far this provider does something; what it does not declare it cannot do."""
        return cls.capabilities.get(capability, Support.NO)


@runtime_checkable
class Posting(Protocol):
    """A destination that takes entries one by one. Methods may be called from several threads for different slots.

    None of them retries or swallows an exception. `NotSent`, `NotExecuted` and `Refused` are certain; anything else
    that is raised means that the outcome is unknown.
    """

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Return every row of the slot, ours and foreign: complete, or it raises."""

    def post(self, entry: Entry, key: str) -> PostedEntry | Pending:
        """Add a row, or set an amount where `entry.sets`.

        `key` is this attempt's own; where posting is idempotent, the same key again does nothing twice.
        """


@runtime_checkable
class Replacing(Protocol):
    """A posting that can change a row of its own; graded per kind as `replace_…`."""

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Give the row `posted` the amount, code and cost centre of `entry`, and return it: its id may be another."""


@runtime_checkable
class Withdrawing(Protocol):
    """A posting that can take a row of its own away; graded per kind as `withdraw_…`."""

    def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
        """Take this one row away, and no other."""


@runtime_checkable
class Resolving(Protocol):
    """A posting that accepts first and answers later."""

    def resolve(self, pending: Pending) -> PostedEntry | Pending:
        """Ask what became of an entry that was accepted; changes nothing. Raises `Refused` where it came to nothing."""


@runtime_checkable
class Putting(Protocol):
    """A posting that writes a slot as a whole; graded as `put`."""

    def put(
        self, slot: Slot, before: tuple[PostedEntry, ...], entries: tuple[Entry, ...], key: str
    ) -> tuple[PostedEntry, ...]:
        """Make the slot hold `before`, unchanged, and a row for each of `entries`; return the new rows in their order.

        Raises `NotExecuted` where the slot no longer holds just `before`.
        """


@runtime_checkable
class Document(Protocol):
    """A destination that is a file for payroll to import."""

    def render(self, rows: Sequence[Row]) -> RenderedFile:
        """Write the rows to a file in memory: the same rows in any order give the same bytes.

        Raises `InputError` for what its layout cannot hold.
        """


Destination = Posting | Document
