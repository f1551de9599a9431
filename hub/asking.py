"""The part of `hub.hub.Hub` that asks for long work, and says what is done by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlmodel import col

from hub.activation import active_connection
from hub.clock import Clock
from hub.export import service
from hub.export.scope import Scope
from hub.jobs import asking
from hub.jobs.kinds import JobKind, JobView, job_view
from hub.jobs.schedule import Schedule, change_schedule, schedule
from hub.store.database import Store
from hub.store.jobs import Job
from hub.store.parts import Part, rows_of
from hub.store.session import CompanySession

Asked = Callable[[str, int, str], None]
"""Hears of a job that was asked for: its company, number and provider."""


class Asking:
    """What a hub can leave to a worker. `Hub` is one of these; nothing else is.

    A worker finds a job by itself within seconds; `asked` may tell it at once.
    """

    store: Store
    clock: Clock
    asked: Asked = staticmethod(lambda company, job, provider: None)

    def ask_sync(self, company: str, provider: str, *, apply: bool = True, actor: str = "host") -> JobView:
        """Ask for the workforce to be read, and applied; the result says what that changes."""
        with self.store.write(company) as session:
            active_connection(session, provider)
            row = self._ask(session, JobKind.SYNC, provider, {"apply": apply}, actor)
        return self._told(row)

    def ask_plan(self, company: str, scope: Scope, actor: str = "host") -> JobView:
        """Ask for a plan; the result names it."""
        with self.store.write(company) as session:
            active_connection(session, scope.provider)
            row = self._ask(session, JobKind.PLAN, scope.provider, {"scope": scope.model_dump(mode="json")}, actor)
        return self._told(row)

    def ask_run(self, company: str, plan: int, actor: str = "host") -> JobView:
        """Ask for a released plan to be carried out, until all doubts have settled; the result names the run.

        Where that is asked for already, the job that is there is hurried. Raises `InputError` for a plan that is not
        there or not released, and as the others `SwitchedOff` where the company switched the connection off.
        """
        with self.store.write(company) as session:
            plan_row = service.released(session, plan)
            active_connection(session, plan_row.provider)
            row = asking.ask_run(session, plan, plan_row.provider, actor=actor, now=self.clock.moment().at)
        return self._told(row)

    def _ask(
        self, session: CompanySession, kind: JobKind, provider: str, detail: Mapping[str, object], actor: str
    ) -> Job:
        return asking.ask(session, kind, provider, detail, actor=actor, now=self.clock.moment().at)

    def _told(self, row: Job) -> JobView:
        self.asked(row.company_id, row.id or 0, row.provider)
        return job_view(row)

    def job(self, company: str, job: int) -> JobView:
        """Return a job as it is now. Raises `InputError` if there is none of this number."""
        with self.store.read(company) as session:
            return job_view(asking.job(session, job))

    def jobs(self, company: str, before: int | None = None, at_most: int | None = 100) -> tuple[JobView, ...]:
        """List jobs, newest first: so many, or all for None; those with a number below `before`."""
        part = Part(at_most, None if before is None else (before,))
        with self.store.read(company) as session:
            return tuple(map(job_view, rows_of(session, Job, (col(Job.id),), part, newest_first=True)))

    def schedule(self, company: str, provider: str) -> Schedule:
        """Return what is done by itself for a connection, and when."""
        with self.store.read(company) as session:
            return schedule(session, provider)

    def change_schedule(
        self, company: str, provider: str, changes: Mapping[str, object], actor: str = "host"
    ) -> Schedule:
        """Change some fields of a schedule, by name, and return them all."""
        with self.store.write(company) as session:
            return change_schedule(session, provider, changes, actor)
