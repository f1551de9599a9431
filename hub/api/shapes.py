"""What crosses HTTP and is no model of the hub already: requests, and rows as they are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from hub.export.deciding.choices import Choice
from hub.models import Administration, ContractType, Model, PeriodType, Right
from hub.periods import Week53

Item = TypeVar("Item")


class Page(Model, Generic[Item]):
    """A part of a list; ask for the next one with `cursor=next`."""

    items: tuple[Item, ...]
    next: str = ""


class NewCompany(Model):
    """A company to add; a shift that starts before `new_day` belongs to the day before."""

    id: str = Field(max_length=100, examples=["de-linde"])
    name: str = Field(max_length=100, examples=["De Linde Horeca"])
    new_day: str = Field(default="05:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")


class CompanyShown(Model):
    """A company."""

    id: str
    name: str
    new_day: str


class ProviderShown(Model):
    """An installed provider; `settings_schema` drives a form."""

    name: str
    title: str
    version: str
    status: str
    reason: str
    capabilities: dict[str, str]
    settings_schema: dict[str, Any]


class NewConnection(Model):
    """What a company types to switch a provider on, or to reconnect it; secrets among it are never given back."""

    provider: str = Field(max_length=100, examples=["horecalonen"])
    settings: dict[str, str] = Field(default_factory=dict)


class ConnectionShown(Model):
    """A connection; nothing secret."""

    provider: str
    active: bool
    settings: dict[str, Any]
    rights: tuple[Right, ...]


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

    administration: str = Field(max_length=100)
    cost_centre: str | None = Field(default=None, max_length=100)


class NewMapping(Model):
    """The code under which a component is booked; `rate` is in euro cents a piece."""

    component: str = Field(max_length=100, examples=["worked"])
    code: str = Field(max_length=100, examples=["2100"])
    kind: Literal["", "hours", "wage", "days"] = ""
    rate: int | None = None
    administration: str = ""


class MappingShown(Model):
    """What is mapped, and the components of timecards that are not."""

    mapping: tuple[NewMapping, ...]
    unmapped: tuple[str, ...]


class NewWagePeriod(Model):
    """How wage periods are counted in an administration."""

    type: PeriodType
    first_start: date
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


class MemberShown(Model):
    """A team member; no BSN is ever given back."""

    id: str
    name: str
    email: str
    contract_type: str | None
    venue: str
    source: str


class Synced(Model):
    """What a sync would do or did: counts, and who needs somebody."""

    applied: bool
    counts: dict[str, int]
    conflicts: tuple[dict[str, str], ...]


class CardShown(Model):
    """A timecard and how far it is."""

    id: str
    revision: int
    member: str
    venue: str
    date: date
    minutes: int
    status: str
    exported_revision: int | None
    exported_by: str
    deleted: bool


class NewPlan(Model):
    """What to plan: a wage period by year and number, or dates where payroll takes a file."""

    provider: str = Field(max_length=100)
    administration: str = Field(max_length=100)
    year: int = 0
    number: int = 0
    dates: tuple[date, date] | None = None
    contract_types: tuple[ContractType, ...] = ()
    groups: tuple[str, ...] = ()
    past_period: bool = False
    days: Literal["ask", "keep", "overwrite"] = "ask"


class Named(Model):
    """The person in whose name something is done."""

    by: str = Field(min_length=1, max_length=100, examples=["Robin"])


class FileOutcome(Named):
    """What payroll said of a file; a rejection needs a reason."""

    outcome: Literal["imported", "rejected"]
    reason: str = Field(default="", max_length=1000)


class Settlement(Named):
    """What a person decided of an entry."""

    choice: Choice
    reason: str = Field(default="", max_length=1000)
    row: str = Field(default="", max_length=100)


class AuditShown(Model):
    """Who did what, and when (UTC)."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
