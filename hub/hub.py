"""Hub: what a Python host platform holds. Every other face (command line, HTTP, console) is thin over it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from types import MappingProxyType

from sqlmodel import col

from hub import administrations as settings
from hub import workforce
from hub.activation import connect, connection_row, open_connection
from hub.administrations import Booking, Reached
from hub.asking import Asking
from hub.clock import Clock, SystemClock
from hub.connecting import Connecting
from hub.durations import AMSTERDAM
from hub.errors import InputError
from hub.exporting import Exporting
from hub.filing import Filing
from hub.intake.keep import Kept, keep_members, keep_timecards
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.intake.shapes import Deletion, Timecard, plain
from hub.kept import Keeping
from hub.looking import Looking
from hub.models import Activation, ContractType, Redirect, SyncRequest, WagePeriod
from hub.periods import Calendar
from hub.process import Process
from hub.provider import utc_now
from hub.receiving import Receiving
from hub.registry import Installed, discover
from hub.store.companies import Audit, Company, Connection, DataKey
from hub.store.companies import Mapping as MappingRow
from hub.store.database import Store, companies
from hub.store.people import TeamMember
from hub.store.people import Timecard as TimecardRow
from hub.suggesting import Suggesting
from hub.telling import Telling
from hub.workforce import SyncPlan


class Hub(Asking, Keeping, Exporting, Filing, Telling, Connecting, Looking, Receiving, Suggesting):
    """The hub on one database. Make it with `Hub.open`, close it when done; it is also a context manager.

    `actor` names who does it, for the audit trail. Methods raise the errors of `hub.errors`, each with a text for a
    person. Dates are calendar dates in Europe/Amsterdam.
    """

    def __init__(
        self, store: Store, process: Process, now: Callable[[], datetime] = utc_now, clock: Clock | None = None
    ) -> None:
        self.store = store
        self.process = process
        self.clock: Clock = clock or SystemClock()
        self._now = now

    @classmethod
    def open(
        cls, process: Process | None = None, now: Callable[[], datetime] = utc_now, clock: Clock | None = None
    ) -> Hub:
        """Open the database that the process settings name, by default those of the environment.

        `now` says which day it is, `clock` is what everything that waits or expires goes by.
        """
        process = process or Process.from_environment()
        return cls(Store.open(process), process, now, clock)

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    @property
    def today(self) -> date:
        """The calendar date in Amsterdam."""
        return self._now().astimezone(AMSTERDAM).date()

    # -- companies and connections ------------------------------------------------------------------------------------

    def providers(self) -> tuple[Installed, ...]:
        """List the installed providers with the status of each."""
        return discover(self.process.providers)

    def add_company(self, company: str, name: str, new_day: time = time(5), actor: str = "host") -> None:
        """Add a company with a data key of its own. A shift that starts before `new_day` is the day before's.

        Raises `InputError` for an id that is taken, holds a `/`, or is `.` or `..`: it is a part of addresses.
        """
        _check_name("id", company)
        if "/" in company or company in (".", ".."):
            raise InputError("The id of a company is a part of addresses: choose one without a slash, not . or ..")
        _check_name("name", name)
        with self.store.everywhere() as session:
            if session.get(Company, company):
                raise InputError(f"There is a company {company} already: choose another id.")
            session.add(Company(id=company, name=name, new_day=f"{new_day:%H:%M}"))
            session.flush()
            session.add(DataKey(company_id=company, version=1, wrapped=self.store.master.new_data_key(company, 1)))
            session.add(Audit(company_id=company, actor=actor, action="company added", subject=company))

    def companies(self) -> list[Company]:
        """List the companies."""
        with self.store.everywhere() as session:
            return companies(session)

    def connect(
        self,
        company: str,
        provider: str,
        values: Mapping[str, str],
        actor: str = "host",
        *,
        returned: Mapping[str, str] = MappingProxyType({}),
    ) -> Activation | Redirect:
        """Switch a provider on for a company, or reconnect it. Nothing is stored unless the provider accepts it.

        Where that gives a `Redirect`, a person logs in at its address. Call it again with the same values and with what
        came back there as `returned`, but only if the `state` in it is that of the redirect of this person's session.
        """
        return connect(self.store, self.process, company, provider, values, self.today, actor, returned)

    def connections(self, company: str) -> list[Connection]:
        """List what a company was ever connected with, switched off or not; none of it is secret."""
        with self.store.read(company) as session:
            return session.all(Connection)

    def switch(self, company: str, provider: str, active: bool, actor: str = "host") -> None:
        """Switch a connection off or on again, at once; settings, links and history stay."""
        with self.store.write(company) as session:
            row = connection_row(session, provider)
            row.active = active
            session.add(row)
            session.audit(actor, "connection switched on" if active else "connection switched off", provider)

    # -- what a connection needs to know ------------------------------------------------------------------------------

    def administrations(self, company: str, provider: str) -> tuple[Reached, ...]:
        """List the administrations that a connection reaches, with their venues."""
        with self.store.read(company) as session:
            connection_row(session, provider)
            return settings.reached(session, provider)

    def use_administration(
        self, company: str, provider: str, administration: str, active: bool, actor: str = "host"
    ) -> None:
        """Take an administration in use, or leave it alone from now on."""
        with self.store.write(company) as session:
            settings.switch(session, provider, administration, active, actor)

    def assign_venue(
        self,
        company: str,
        provider: str,
        venue: str,
        administration: str,
        cost_centre: str | None = None,
        actor: str = "host",
    ) -> None:
        """Assign a venue to an administration and, by id or code, to a cost centre."""
        with self.store.write(company) as session:
            settings.assign(session, provider, venue, administration, cost_centre, actor)

    def unassigned_venues(self, company: str, provider: str) -> tuple[str, ...]:
        """List the venues that people or timecards name and that no administration has."""
        with self.store.read(company) as session:
            return settings.unassigned_venues(session, provider)

    def map(self, company: str, provider: str, booking: Booking, actor: str = "host") -> MappingRow:
        """Map a component to a provider's code."""
        with self.store.write(company) as session:
            connection_row(session, provider)
            return settings.map_component(session, provider, booking, actor)

    def mappings(self, company: str, provider: str) -> list[MappingRow]:
        """List the mapping of components to codes."""
        with self.store.read(company) as session:
            return settings.mappings(session, provider)

    def unmapped(self, company: str, provider: str) -> tuple[str, ...]:
        """List the components that timecards hold and that have no code yet."""
        with self.store.read(company) as session:
            return settings.unmapped(session, provider)

    def set_wage_period(
        self,
        company: str,
        provider: str,
        administration: str,
        calendar: Calendar,
        contract_type: ContractType | None = None,
        actor: str = "host",
    ) -> None:
        """Set how wage periods are counted in an administration, for one contract type or for all."""
        with self.store.write(company) as session:
            settings.set_wage_period(session, provider, administration, calendar, contract_type, actor)

    def wage_periods(self, company: str, provider: str, administration: str, year: int) -> tuple[WagePeriod, ...]:
        """List the wage periods of a year."""
        with self.store.read(company) as session:
            return settings.wage_periods(session, provider, administration, year)

    def wage_period(self, company: str, provider: str, administration: str, year: int, number: int) -> WagePeriod:
        """Return one wage period. Raises `InputError` where the year has none of this number."""
        for one in self.wage_periods(company, provider, administration, year):
            if one.number == number:
                return one
        raise InputError(f"{year} has no wage period {number} in administration {administration}.")

    # -- people -------------------------------------------------------------------------------------------------------

    def import_members(self, company: str, reading: Reading[Member], actor: str = "host") -> Kept:
        """Store the host's team members; a BSN is encrypted on arrival."""
        with self.store.write(company) as session:
            return keep_members(session, self.store.vault(session), reading.good, actor)

    def members(self, company: str) -> list[TeamMember]:
        """List the team members."""
        with self.store.read(company) as session:
            return session.all(TeamMember)

    def plan_sync(self, company: str, provider: str) -> SyncPlan:
        """Read the workforce and say, person by person, what applying it would do. Changes nothing."""
        with open_connection(self.store, self.process, company, provider) as connection:
            active = [one.body.id for one in self.administrations(company, provider) if one.active]
            read = connection.sync_workforce(SyncRequest(administrations=tuple(active), today=self.today))
        with self.store.read(company) as session:
            plan = workforce.plan_sync(session, provider, read.employees, self.today)
        with self.store.write(company) as session:
            workforce.tell_planned(session, plan)
        return plan

    def apply_sync(self, company: str, plan: SyncPlan, actor: str = "host") -> None:
        """Carry out a sync that was planned: employees, links and team members, in one transaction."""
        with self.store.write(company) as session:
            kept = connection_row(session, plan.provider).kept_by_host
            workforce.apply_sync(session, plan, kept, actor, self.today)

    def link(self, company: str, provider: str, employee: str, member: str | None, actor: str = "host") -> None:
        """Settle by hand which team member an employee is; None takes the link away."""
        with self.store.write(company) as session:
            workforce.link(session, provider, employee, member, actor)

    def keep_with_host(self, company: str, provider: str, fields: Collection[str], actor: str = "host") -> None:
        """Choose which fields of a team member a sync leaves to the host."""
        with self.store.write(company) as session:
            row = connection_row(session, provider)
            row.kept_by_host = workforce.check_kept(fields)
            session.add(row)
            session.audit(actor, "fields kept with the host", provider, fields=row.kept_by_host)

    # -- hours --------------------------------------------------------------------------------------------------------

    def new_day(self, company: str) -> time:
        """Return when a business day begins in a company."""
        with self.store.read(company) as session:
            row = session.get(Company, company)
            return time.fromisoformat(row.new_day if row else "05:00")

    def import_timecards(
        self, company: str, reading: Reading[Timecard | Deletion], *, strict: bool = False, actor: str = "host"
    ) -> Kept:
        """Store timecards. With `strict` one refused card refuses them all."""
        with self.store.write(company) as session:
            return keep_timecards(session, reading.good, actor, strict=strict)

    def timecards(self, company: str, start: date = date.min, end: date = date.max) -> list[TimecardRow]:
        """List the timecards of the business dates from `start` to `end`, both included."""
        with self.store.read(company) as session:
            return session.all(TimecardRow, col(TimecardRow.date).between(start, end))


def _check_name(what: str, text: str) -> None:
    """Refuse a company's id or name that is blank, too long, or would steer a terminal."""
    if not text or text != text.strip():
        raise InputError(f"The {what} of a company is a text without spaces around it: correct it.")
    try:
        plain(text)
    except ValueError as error:
        raise InputError(f"The {what} of the company is refused. {error}") from None
