"""What crosses the contract between the hub and a provider: frozen models, JSON in and JSON out.

Amounts are whole hundredths (an hour is 100, a day is 100, a euro is 100), durations are whole minutes,
dates are calendar dates in Europe/Amsterdam. No model holds a float.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from hub.content import Content


class Model(BaseModel):
    """Base of every model here: frozen, strict about names, and silent about values when it refuses them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# -- words ------------------------------------------------------------------------------------------------------------


class PeriodType(StrEnum):
    """The length of a wage period, or of what is exported in its place."""

    MONTH = "month"
    FOUR_WEEKS = "four_weeks"
    WEEK = "week"
    RANGE = "range"  # any dates from and to, for payroll that takes a file of them


class ContractType(StrEnum):
    """What kind of contract a person works under."""

    ZERO_HOURS = "zero_hours"
    FIXED_HOURS = "fixed_hours"
    FREELANCE = "freelance"


class Kind(StrEnum):
    """What an entry is at the provider: hours, a wage component (an amount of money) or days."""

    HOURS = "hours"
    WAGE = "wage"
    DAYS = "days"


class Severity(StrEnum):
    """What a finding does: `block` keeps something out of the export, `warn` and `info` do not."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class WagePeriod(Model):
    """One wage period: `start` and `end` are its first and last business date."""

    type: PeriodType
    year: int
    number: int
    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        dates = f"{self.start} to {self.end}"
        return dates if self.type is PeriodType.RANGE else f"{self.year}-{self.number} ({dates})"


# -- activate ---------------------------------------------------------------------------------------------------------


class ActivateRequest(Model):
    """Ask a provider to prove its credentials. `returned` is what came back from a login at the provider."""

    today: date
    returned: dict[str, str] = Field(default_factory=dict)


class Code(Model):
    """A number under which the provider books an amount.

    `component` is what the hub books under it where the company has said nothing else.
    """

    kind: Kind
    code: str
    title: str = ""
    component: str = ""


class CostCentre(Model):
    """A cost centre of an administration; `id` is what the provider takes, `code` what people know it by."""

    id: str
    code: str = ""
    title: str = ""


class Administration(Model):
    """The provider's own record of an employer, with what can be booked in it.

    `any_code` tells that it takes codes beside those that are listed, as a file does.
    """

    id: str
    name: str
    number: str = ""
    period_type: PeriodType | None = None
    current_year: int | None = None
    current_number: int | None = None
    codes: tuple[Code, ...] = ()
    any_code: bool = False
    cost_centres: tuple[CostCentre, ...] = ()


class RightState(StrEnum):
    """What is known of a right: `unproven` is a right that cannot be tried without changing something."""

    GRANTED = "granted"
    MISSING = "missing"
    UNPROVEN = "unproven"


class Right(Model):
    """A right that the link needs. `name` is the provider's own name for it; `grant` says how to switch it on.

    `capabilities` lists what the connection cannot do without it.
    """

    name: str
    state: RightState
    capabilities: tuple[str, ...] = ()
    grant: str = ""


class Activation(Model):
    """What the credentials reach. `settings` are found settings (no secrets) to keep with the connection."""

    administrations: tuple[Administration, ...]
    rights: tuple[Right, ...] = ()
    settings: dict[str, str] = Field(default_factory=dict)


class Redirect(Model):
    """A person must log in at `url` first; `activate` is called again with what comes back.

    Whoever sends the person there compares the `state` that comes back with this one: the provider's instance is gone.
    """

    url: str
    state: str


# -- sync_workforce ---------------------------------------------------------------------------------------------------


class SyncRequest(Model):
    """Ask for the people of these administrations, as they are on `today`."""

    administrations: tuple[str, ...]
    today: date


class Contract(Model):
    """A contract: `weekly_hours` in hundredths of an hour; None where the provider does not say."""

    id: str
    start: date | None = None
    end: date | None = None
    weekly_hours: int | None = None
    type: ContractType | None = None


class Schedule(Model):
    """Agreed hours per day, in hundredths, Monday first; 7 days, or 14 for a two-week rota."""

    start: date | None = None
    hours: tuple[int, ...] = ()


class Wage(Model):
    """A wage in force from `start`: `amount` in euro cents, `per` hour or month."""

    start: date | None = None
    amount: int
    per: str


class Department(Model):
    """The department of an employee."""

    code: str
    title: str = ""


class Employee(Model):
    """A person in the provider's administration. Never holds a BSN or a bank account.

    `starts` and `ends` are the employment in force on the asked date, or the last one; `ends` is the last day worked.
    """

    id: str
    administration: str
    number: str = ""
    first_name: str = ""
    prefix: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    starts: date | None = None
    ends: date | None = None
    contracts: tuple[Contract, ...] = ()
    schedule: Schedule | None = None
    wage: Wage | None = None
    department: Department | None = None

    @property
    def name(self) -> str:
        """First name, prefix and last name in the order in which they are said."""
        return " ".join(part for part in (self.first_name, self.prefix, self.last_name) if part)


class Workforce(Model):
    """Every employee of the asked administrations: complete, or the provider raises."""

    employees: tuple[Employee, ...]


# -- export_timecards -------------------------------------------------------------------------------------------------


class ExportRequest(Model):
    """Open the place where the entries of one administration and wage period go.

    Where that place is a file, `layout` is its form, as JSON text: the company's own, or the provider's.
    """

    administration: Administration
    period: WagePeriod
    layout: str = ""


class Slot(Model):
    """Employee × wage period × kind at the provider: the unit of locking and of reading back."""

    administration: str
    employee: str
    period: WagePeriod
    kind: Kind


class Entry(Model):
    """One amount to be posted, in hundredths. `sets` means that the amount replaces what is there (days worked).

    `unprotected` is true only where the released plan permits a change in a past period.
    """

    slot: Slot
    code: str
    cost_centre: str | None = None
    amount: int
    sets: bool = False
    comment: str = ""
    unprotected: bool = False


class PostedEntry(Model):
    """A row as the provider holds it. `id` is empty where it has none; None where a reading does not tell."""

    id: str
    kind: Kind
    code: str
    amount: int
    cost_centre: str | None = None
    comment: str | None = None


class Pending(Model):
    """The provider accepted an entry and answers later; `id` is its receipt."""

    id: str
    slot: Slot


class Row(Model):
    """What one business day of one person gives to one entry of a file; the rows of an entry add up to its amount.

    `amount` is in hundredths, `minutes` the same in whole minutes where it is time; `pieces` tells that it is a number
    of things, though the code is one of hours. `bsn` is there only where the file
    needs it, and never shown otherwise.
    """

    entry: int
    employee: str
    name: str
    bsn: SecretStr | None = None
    date: date
    kind: Kind
    code: str
    cost_centre: str | None = None
    amount: int
    minutes: int | None = None
    pieces: bool = False


class RenderedFile(Model):
    """A whole file; its `content` is base64 in JSON. `rows` are its rows without header and totals."""

    extension: str
    content: Content = Field(repr=False)
    rows: int


# -- validate ---------------------------------------------------------------------------------------------------------


class Finding(Model):
    """One thing to say about a timecard, a person or an entry: what is wrong and what to do.

    `timecard`, `member` and `employee` hold ids and are empty where they do not apply; `entry` is the place of an
    entry in the request.
    """

    code: str
    severity: Severity
    text: str
    action: str
    timecard: str = ""
    member: str = ""
    employee: str = ""
    entry: int | None = None


class ValidateRequest(Model):
    """Ask what payroll would refuse of these entries. Offline, a provider may open no connection."""

    administration: Administration
    period: WagePeriod
    entries: tuple[Entry, ...]
    today: date
    online: bool = False
