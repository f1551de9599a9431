"""Whether a plan may still go out when its run starts: the administration is read and everything validated again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hub.activation import keep_activation
from hub.connection import Connection
from hub.errors import InputError
from hub.export.planning.basis import Scope
from hub.export.posting.jobs import Job
from hub.export.posting.standing import Standing
from hub.export.states import Change, EntryState
from hub.models import ActivateRequest, Activation, Administration, Finding, Severity, ValidateRequest, WagePeriod
from hub.store.companies import Administration as AdministrationRow
from hub.store.database import Store


def refresh(store: Store, company: str, connection: Connection, today: date) -> None:
    """Read again what the credentials reach: a current period moves on, a right can be taken away."""
    activation = connection.activate(ActivateRequest(today=today))
    if not isinstance(activation, Activation):
        raise InputError(f"Log in at {connection.provider.title} again: connect the company anew.")
    with store.write(company) as session:
        keep_activation(session, connection.name, activation)


@dataclass(frozen=True)
class Closed:
    """Says which planned entries are held now, and why: a period that was closed meanwhile, for one."""

    store: Store
    company: str
    connection: Connection
    scope: Scope
    period: WagePeriod
    today: date

    def __call__(self, standing: Standing) -> dict[int, tuple[str, str]]:
        """Return for each entry that may not go its reason and what to do. Raises the errors of `activate`."""
        jobs = [
            job for job in standing.jobs.values() if job.state is EntryState.PLANNED and job.change is not Change.REBOOK
        ]
        if not jobs:
            return {}
        refresh(self.store, self.company, self.connection, self.today)
        return {job.id: (one.text, one.action) for one in self._blocks(jobs) for job in _touched(jobs, one)}

    def _blocks(self, jobs: list[Job]) -> list[Finding]:
        with self.store.read(self.company) as session:
            row = session.need(AdministrationRow, "The administration", self.scope.provider, self.scope.administration)
        request = ValidateRequest(
            administration=Administration.model_validate(row.body),
            period=self.period,
            entries=tuple(job.entry for job in jobs),
            today=self.today,
            online=True,
        )
        return [one for one in self.connection.validate(request) if one.severity is Severity.BLOCK]


def _touched(jobs: list[Job], finding: Finding) -> list[Job]:
    """Return the jobs that a finding is about; one that names nothing is about all."""
    if finding.entry is not None and 0 <= finding.entry < len(jobs):
        return [jobs[finding.entry]]
    return [job for job in jobs if not finding.employee or job.slot.employee == finding.employee]
