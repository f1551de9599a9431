"""The part of `hub.hub.Hub` that exports: plans, runs, decisions, and what a connection exports by default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from threading import Event
from typing import Literal

from pydantic import ValidationError
from sqlmodel import select

from hub.clock import Clock
from hub.errors import HubError, NotThere
from hub.export import listing, service, settings
from hub.export.deciding import decisions
from hub.export.deciding.choices import Choice
from hub.export.deciding.decisions import Decision
from hub.export.deciding.evidence import DecisionView
from hub.export.deciding.reread import Reread, reread
from hub.export.listing import ExportView
from hub.export.posting.worker import Progress
from hub.export.report import PlanView, RunView, plan_view, run_view
from hub.export.scope import Scope
from hub.export.settings import ExportSettings
from hub.models import ContractType
from hub.process import Process
from hub.provider import Provider
from hub.refusing import refused_shape
from hub.registry import find
from hub.store.database import Store
from hub.store.exports import Entry, Plan, Run


class Exporting:
    """What a hub can do with exports. `Hub` is one of these; nothing else is."""

    store: Store
    process: Process
    clock: Clock

    @property
    def today(self) -> date:
        """The calendar date in Amsterdam."""
        raise NotImplementedError

    # -- what goes out ------------------------------------------------------------------------------------------------

    def export_settings(self, company: str, provider: str) -> ExportSettings:
        """Return what a connection exports by default."""
        with self.store.read(company) as session:
            return settings.export_settings(session, provider)

    def change_export_settings(
        self, company: str, provider: str, changes: Mapping[str, object], actor: str = "host"
    ) -> ExportSettings:
        """Change some fields of the export settings, by name, and return them all."""
        with self.store.write(company) as session:
            return settings.change_export_settings(session, provider, changes, actor)

    def reread(self, company: str, provider: str, actor: str = "host", checked_by: str = "") -> Reread:
        """Read the open wage periods back: what drifted, and what payroll holds that the hub knows nothing of.

        Of payroll that takes a file, a person who looked there says so with `checked_by`.
        """
        return reread(self.store, self.process, company, provider, self.today, actor, checked_by)

    def scope(
        self,
        company: str,
        provider: str,
        administration: str,
        year: int = 0,
        number: int = 0,
        *,
        dates: tuple[date, date] | None = None,
        contract_types: tuple[ContractType, ...] = (),
        groups: tuple[str, ...] = (),
        past_period: bool = False,
        days: Literal["ask", "keep", "overwrite"] = "ask",
    ) -> Scope:
        """Return what to plan for a wage period, or for `dates` (from and to) where payroll takes a file of them.

        What is not given here is as the export settings have it. Raises `InputError` for what cannot be so.
        """
        usual = self.export_settings(company, provider)
        try:
            return Scope(
                provider=provider,
                administration=administration,
                year=year,
                number=number,
                dates=dates,
                contract_types=contract_types or usual.contract_types,
                groups=groups or usual.groups,
                past_period=past_period,
                days=days,
            )
        except ValidationError as error:
            raise refused_shape(error) from None

    # -- plans and runs -----------------------------------------------------------------------------------------------

    def validate(self, company: str, scope: Scope) -> PlanView:
        """Say what an export would refuse, without a call to the provider."""
        return service.validate(self.store, self.process, company, scope, self.today)

    def plan(self, company: str, scope: Scope, actor: str = "host") -> PlanView:
        """Make a plan of an export and keep it."""
        return service.plan(self.store, self.process, company, scope, self.today, actor)

    def review(self, company: str, plan: int) -> PlanView:
        """Return a plan as it was made, for who is to release it. Raises `InputError` if there is none."""
        with self.store.read(company) as session:
            return plan_view(session, service.plan_row(session, plan))

    def release(self, company: str, plan: int, by: str) -> PlanView:
        """Release a plan in the name of a person."""
        return service.release(self.store, company, plan, by)

    def run(
        self,
        company: str,
        plan: int,
        actor: str = "host",
        progress: Progress = lambda done, total: None,
        *,
        wait: bool = False,
        ends: Event | None = None,
    ) -> RunView:
        """Carry a released plan out, or go on where its run stopped; with `wait` until all doubts have settled.

        When `ends` is set, the calls that are on their way are finished and the run pauses.

        Where another worker has the run, nothing is done here: `held_until` of what is returned says so.
        """
        clock = self.clock
        number = service.run(
            self.store, self.process, company, plan, self.today, actor, progress, clock=clock, wait=wait, ends=ends
        )
        return self.show(company, number)

    def show(self, company: str, run: int) -> RunView:
        """Return a run as it is now. Raises `InputError` if there is none of this number."""
        with self.store.read(company) as session:
            row = service.run_row(session, run)
            return run_view(session, row, self._settle_seconds(service.plan_row(session, row.plan).provider))

    def exports(self, company: str) -> tuple[ExportView, ...]:
        """List the plans of a company and their runs, newest first."""
        with self.store.read(company) as session:
            return tuple(listing.exports(session))

    def _settle_seconds(self, provider: str) -> float:
        """Return how long after a lost answer its effect may still come, as the provider says."""
        try:
            return find(provider, self.process.providers).settle_seconds
        except HubError:  # it is not installed here, or may not run: what was exported can be shown all the same
            return Provider.settle_seconds

    # -- decisions ----------------------------------------------------------------------------------------------------

    def decisions(self, company: str, run: int | None = None) -> tuple[DecisionView, ...]:
        """List what waits for a person, of one run or of all. Payroll is not asked."""
        with self.store.read(company) as session:
            return decisions.decisions(session, run)

    def decision(self, company: str, entry: int) -> DecisionView:
        """Return an entry with the evidence, what payroll holds now among it. Raises `InputError` if there is none."""
        return decisions.show(self.store, self.process, company, entry)

    def settle(
        self, company: str, entry: int, choice: Choice, by: str, reason: str = "", row: str = ""
    ) -> DecisionView:
        """Settle an entry in the name of a person, and return it as it is then; see `hub.export.deciding.choices`.

        `reason` is needed to leave something out, `row` to say that it is there. Raises `InputError` where the choice
        is not open or payroll speaks against it, and the errors of a reading; nothing is changed then.
        """
        decision = Decision(choice, by, reason, row)
        return decisions.settle(self.store, self.process, company, entry, decision, self.clock)

    # -- whose it is --------------------------------------------------------------------------------------------------

    def company_of_plan(self, plan: int) -> str:
        """Return whose plan this is, for an operator who knows only its number. Raises `InputError`."""
        return self._owner(Plan, plan, "plan")

    def company_of_run(self, run: int) -> str:
        """Return whose run this is, for an operator who knows only its number. Raises `InputError`."""
        return self._owner(Run, run, "run")

    def company_of_entry(self, entry: int) -> str:
        """Return whose entry this is, for an operator who knows only its number. Raises `InputError`."""
        return self._owner(Entry, entry, "entry")

    def _owner(self, table: type[Plan] | type[Run] | type[Entry], number: int, what: str) -> str:
        with self.store.everywhere() as session:
            company = session.exec(select(table.company_id).where(table.id == number)).first()
        if company is None:
            raise NotThere(f"There is no {what} {number}: give the number that the hub gave it.")
        return company
