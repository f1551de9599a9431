"""What crosses HTTP and is no model of the hub already: requests, and rows as they are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, StringConstraints

from hub.durations import YEARS
from hub.export.deciding.choices import Choice
from hub.jobs.schedule import TimeOfDay
from hub.models import Activation, Administration, ContractType, Model, PeriodType, Right
from hub.periods import Week53

Item = TypeVar("Item")

Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A name or an id: at most 100 characters on one line."""

Remark = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
"""A sentence or a few of somebody."""

Day = Annotated[date, Field(ge=date(YEARS.start, 1, 1), le=date(YEARS.stop - 1, 12, 31), examples=["2026-10-01"])]
"""A calendar date in a year that the hub knows."""


class Page(Model, Generic[Item]):
    """A part of a list; ask for the next one with `cursor=next`."""

    items: tuple[Item, ...]
    next: str = ""


class NewCompany(Model):
    """A company to add; a shift that starts before `new_day` belongs to the day before."""

    id: Word = Field(min_length=1, examples=["de-linde"])
    name: Word = Field(min_length=1, examples=["De Linde Horeca"])
    new_day: str = Field(default="05:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")


class CompanyShown(Model):
    """A company."""

    id: str
    name: str
    new_day: str


class ProviderShown(Model):
    """An installed provider; `settings_schema` drives a form, in the language of Accept-Language.

    `status` is `ok` for one that runs; `reason` says why another does not. `rights` are those that its log-in needs.
    """

    name: str
    title: str
    version: str
    status: str
    reason: str
    capabilities: dict[str, str]
    settings_schema: dict[str, Any]
    rights: tuple[Right, ...] = ()
    hosts: tuple[str, ...] = ()
    needs_bsn: bool = False
    takes_file: bool = False


Settings = dict[str, Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]]
"""What a company types, by the names that the provider's JSON Schema has."""


class NewConnection(Model):
    """What a company types to switch a provider on, or to reconnect it; secrets among it are never given back.

    After a log-in at the provider's own page it is sent again with `login` of the answer that asked for it, and what
    came back from that page, the `state` among it, as `returned`.
    """

    provider: Word = Field(examples=["horecalonen"])
    settings: Settings = Field(default_factory=dict, max_length=100)
    login: Remark = ""
    returned: Settings = Field(default_factory=dict, max_length=100)


class Trial(Model):
    """Settings to try without storing any of them."""

    provider: Word = Field(examples=["horecalonen"])
    settings: Settings = Field(default_factory=dict, max_length=100)


class Login(Model):
    """A person must log in at `url` first. `login` belongs to this company, provider, key and user, for an hour."""

    url: str
    login: str


class Tried(Model):
    """What came of a trial: what the settings reach, or that a person must log in first."""

    works: bool
    activation: Activation | None = None
    needs_login: bool = False


class ConnectionShown(Model):
    """A connection; nothing secret. `attention` says what somebody must do before it works again."""

    provider: str
    active: bool
    settings: dict[str, Any]
    rights: tuple[Right, ...]
    attention: str = ""
    kept_by_host: tuple[str, ...] = ()
    activated_at: datetime


class Disconnected(Model):
    """A connection was taken away; with `history`, what names its exports stays."""

    history: bool


class Switched(Model):
    """Whether something is in use."""

    active: bool


class AdministrationShown(Model):
    """An administration that a connection reaches, with its venues (venue → cost centre)."""

    administration: Administration
    active: bool
    venues: dict[str, str | None]


class VenueAssigned(Model):
    """Where the hours at a venue belong; the cost centre by its id or code."""

    administration: Word = Field(examples=["1"])
    cost_centre: Word | None = None


class NewMapping(Model):
    """The code under which a component is booked; `rate` is in euro cents a piece."""

    component: Word = Field(examples=["worked"])
    code: Word = Field(examples=["2100"])
    kind: Literal["", "hours", "wage", "days"] = ""
    rate: int | None = Field(default=None, ge=0, le=10_000_000)
    administration: Word = ""


class SuggestedCode(Model):
    """A code that a component could be booked under, and the reason: a person chooses.

    `told` by payroll itself, the `same name`, a `similar name`, or `used` in another connection of the company.
    """

    component: str
    code: str
    kind: str
    title: str
    reason: str


class MappingShown(Model):
    """The components of timecards that have no code yet, with suggestions, then what is mapped."""

    unmapped: tuple[str, ...]
    suggestions: tuple[SuggestedCode, ...]
    mapping: tuple[NewMapping, ...]


class VenuesShown(Model):
    """The venues that no administration has yet, and where the others belong."""

    unassigned: tuple[str, ...]
    assigned: dict[str, VenueAssigned]


class NewWagePeriod(Model):
    """How wage periods are counted in an administration."""

    type: PeriodType
    first_start: Day
    week53: Week53 | None = None
    contract_type: ContractType | None = None


class Kept(Model):
    """What storing a list did, in numbers; wrong and refused rows with their reasons."""

    new: int
    changed: int
    unchanged: int
    deleted: int
    wrong: tuple[dict[str, Any], ...] = ()
    refused: tuple[dict[str, str], ...] = ()


class NewSchedule(Model):
    """What is done by itself for a connection: times in Amsterdam, HH:MM, empty for never. The rest stays."""

    sync_at: TimeOfDay | None = Field(default=None, examples=["22:00"])
    check_at: TimeOfDay | None = None
    remind_at: TimeOfDay | None = None
    remind_days: int | None = Field(default=None, ge=0, le=14)


class NewPlan(Model):
    """What to plan: a wage period by year and number, or dates where payroll takes a file."""

    provider: Word = Field(examples=["nmbrs"])
    administration: Word = Field(examples=["1"])
    year: int = Field(default=0, ge=0, lt=YEARS.stop, examples=[2026])
    number: int = Field(default=0, ge=0, le=100, examples=[10])
    dates: tuple[Day, Day] | None = None
    contract_types: tuple[ContractType, ...] = Field(default=(), max_length=10)
    groups: tuple[Word, ...] = Field(default=(), max_length=10)
    past_period: bool = False
    days: Literal["ask", "keep", "overwrite"] = "ask"


class Named(Model):
    """The person in whose name something is done: the host's user, here or in Hub-Actor. A key is no person."""

    by: Word = Field(default="", examples=["Robin"])


class FileOutcome(Named):
    """What payroll said of a file; a rejection needs a reason."""

    outcome: Literal["imported", "rejected"]
    reason: Remark = ""


class Settlement(Named):
    """What a person decided of an entry."""

    choice: Choice
    reason: Remark = ""
    row: Word = ""


class Checked(Named):
    """Whether a person looked in payroll, where the hub cannot; then it says who."""

    checked: bool = False
