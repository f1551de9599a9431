"""The part of `hub.hub.Hub` that shows long lists a part at a time, narrowed to what somebody looks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from hub import administrations
from hub.activation import connection_row
from hub.export import listing, pages, service
from hub.export.deciding.evidence import DecisionView
from hub.export.listing import ExportView
from hub.export.pages import ProgressView
from hub.export.report import EntryView
from hub.intake.contracts import HostContract
from hub.intake.keep_contracts import held_contracts
from hub.models import Employee
from hub.periods import Calendar
from hub.store.companies import Audit, Company, WagePeriodSetting
from hub.store.database import Store
from hub.store.parts import Part, rows_of
from hub.store.people import Employee as EmployeeRow
from hub.store.people import TeamMember, Timecard
from hub.workforce import Matching, PlannedPerson, Step

START = Part()


@dataclass(frozen=True)
class Person:
    """A team member with the contracts that the host gave."""

    member: TeamMember
    contracts: tuple[HostContract, ...]


class Looking:
    """What a hub can show of long lists. `Hub` is one of these; nothing else is. A filter that is empty is none."""

    store: Store

    @property
    def today(self) -> date:
        """The calendar date in Amsterdam."""
        raise NotImplementedError

    def _settle_seconds(self, provider: str) -> float:
        raise NotImplementedError

    def some_companies(self, part: Part = START) -> list[Company]:
        """List companies, by id."""
        with self.store.everywhere() as session:
            return rows_of(session, Company, (col(Company.id),), part)

    def company(self, company: str) -> Company:
        """Return a company. Raises `InputError` if there is none."""
        with self.store.read(company) as session:
            return session.exec(select(Company)).one()

    def some_members(
        self, company: str, part: Part = START, *, contract_type: str = "", venue: str = "", source: str = ""
    ) -> list[Person]:
        """List team members, by id, with their contracts."""
        named = {"contract_type": contract_type, "venue": venue, "source": source}
        wanted = [col(getattr(TeamMember, name)) == value for name, value in named.items() if value]
        with self.store.read(company) as session:
            rows = rows_of(session, TeamMember, (col(TeamMember.id),), part, *wanted)
            held = held_contracts(session, [one.id for one in rows])
        return [Person(one, tuple(held.get(one.id, ()))) for one in rows]

    def links(self, company: str, member: str) -> tuple[Person, list[EmployeeRow]]:
        """Return a team member and the employees that it is in payroll. Raises `InputError` if there is none."""
        with self.store.read(company) as session:
            row = session.need(TeamMember, "The team member", member)
            held = held_contracts(session, [member])
            return Person(row, tuple(held.get(member, ()))), session.all(EmployeeRow, EmployeeRow.member == member)

    def some_timecards(
        self,
        company: str,
        part: Part = START,
        *,
        start: date = date.min,
        end: date = date.max,
        status: str = "",
        member: str = "",
        venue: str = "",
        exported: bool | None = None,
    ) -> list[Timecard]:
        """List timecards of the business dates from `start` to `end`, by date; `exported` ones are white."""
        named = {"status": status, "member": member, "venue": venue}
        wanted: list[Any] = [col(getattr(Timecard, name)) == value for name, value in named.items() if value]
        white = col(Timecard.exported_revision) == col(Timecard.revision)
        if exported is not None:
            wanted.append(white if exported else ~white | col(Timecard.exported_revision).is_(None))
        dates = col(Timecard.date).between(start, end)
        with self.store.read(company) as session:
            return rows_of(session, Timecard, (col(Timecard.date), col(Timecard.id)), part, dates, *wanted)

    def timecard(self, company: str, timecard: str) -> Timecard:
        """Return a timecard. Raises `InputError` if there is none of this id."""
        with self.store.read(company) as session:
            return session.need(Timecard, "The timecard", timecard)

    def some_employees(
        self, company: str, provider: str, part: Part = START, *, administration: str = "", linked: bool | None = None
    ) -> list[EmployeeRow]:
        """List the people of payroll as they were last read, by id."""
        wanted: list[Any] = [EmployeeRow.administration == administration] if administration else []
        if linked is not None:
            wanted.append(col(EmployeeRow.member).is_not(None) if linked else col(EmployeeRow.member).is_(None))
        with self.store.read(company) as session:
            connection_row(session, provider)
            of_it = EmployeeRow.provider == provider
            return rows_of(session, EmployeeRow, (col(EmployeeRow.id),), part, of_it, *wanted)

    def conflicts(self, company: str, provider: str) -> tuple[PlannedPerson, ...]:
        """List the people of payroll, as they were last read, of whom a person must say who they are."""
        with self.store.read(company) as session:
            connection_row(session, provider)
            rows = session.all(EmployeeRow, EmployeeRow.provider == provider, col(EmployeeRow.gone).is_(False))
            people = [Employee.model_validate(row.body) for row in rows]
            matching = Matching(provider, people, rows, session.all(TeamMember))
        judged = (matching.judge(one, self.today) for one in people if not matching.rows[one.id].member)
        return tuple(one for one in judged if one.step is Step.CONFLICT)

    def kept_with_host(self, company: str, provider: str) -> tuple[str, ...]:
        """Return which fields of a team member a sync leaves to the host."""
        with self.store.read(company) as session:
            return tuple(connection_row(session, provider).kept_by_host)

    def calendars(self, company: str, provider: str, administration: str) -> dict[str, Calendar]:
        """Return how wage periods are counted in an administration, by contract type; that for all is under "".

        Raises `InputError` where the connection does not reach the administration.
        """
        found = (WagePeriodSetting.provider == provider, WagePeriodSetting.administration == administration)
        with self.store.read(company) as session:
            administrations.administration(session, provider, administration)
            rows = session.all(WagePeriodSetting, *found)
        named = set(Calendar.model_fields)
        return {row.contract_type: Calendar.model_validate(row.model_dump(include=named)) for row in rows}

    def some_audit(
        self,
        company: str,
        part: Part = START,
        *,
        actor: str = "",
        action: str = "",
        subject: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Audit]:
        """List who did what, newest first; `since` and `until` are in UTC, and the second is not included."""
        named = {"actor": actor, "action": action, "subject": subject}
        wanted = [col(getattr(Audit, name)) == value for name, value in named.items() if value]
        wanted += [col(Audit.at) >= since] if since else []
        wanted += [col(Audit.at) < until] if until else []
        with self.store.read(company) as session:
            return rows_of(session, Audit, (col(Audit.id),), part, *wanted, newest_first=True)

    def some_exports(
        self, company: str, part: Part = START, *, provider: str = "", administration: str = ""
    ) -> list[ExportView]:
        """List plans and their runs, newest first."""
        with self.store.read(company) as session:
            return listing.exports(session, part, provider, administration)

    def progress(self, company: str, run: int) -> ProgressView:
        """Return how far a run is and what is to be done next. Raises `InputError` if there is none."""
        with self.store.read(company) as session:
            return pages.progress(session, service.run_row(session, run))

    def some_entries(
        self, company: str, run: int, part: Part = START, *, states: Collection[str] = ()
    ) -> list[EntryView]:
        """List entries of a run, by number. Raises `InputError` if there is no such run."""
        with self.store.read(company) as session:
            row = service.run_row(session, run)
            settle = self._settle_seconds(service.plan_row(session, row.plan).provider)
            return pages.entries(session, row, part, states, settle)

    def some_decisions(self, company: str, part: Part = START, *, run: int | None = None) -> list[DecisionView]:
        """List what waits for a person, oldest first. Payroll is not asked."""
        with self.store.read(company) as session:
            return pages.decisions(session, part, run)
