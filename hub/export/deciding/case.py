"""What a person decides about: one entry, with what was sent, when, and what its slot held and holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import col, select

from hub.activation import open_connection
from hub.errors import NotThere
from hub.export.posting.jobs import Job, job_of, row_of
from hub.export.posting.reconcile import candidates, fits
from hub.export.posting.trail import slot_of
from hub.export.states import IN_PAYROLL, Change
from hub.models import Administration, ExportRequest, PeriodType, PostedEntry
from hub.process import Process
from hub.provider import Capability
from hub.store.companies import Administration as AdministrationRow
from hub.store.database import Store
from hub.store.exports import Attempt, Contribution, Entry, Plan, Run
from hub.store.session import CompanySession

Rows = tuple[PostedEntry, ...]


@dataclass(frozen=True)
class Case:
    """An entry and what the hub knows of it.

    `attempts` are those of the entry, oldest first, and `before` is its slot as it was before the first of them.
    `ours` says which entry has which row of the slot. `replaceable` tells whether the row that it changes or takes away
    still counts as in payroll. `timecards` is how many feed it.
    """

    row: Entry
    job: Job
    plan: int
    attempts: tuple[Attempt, ...]
    ours: Mapping[str, int]
    replaceable: bool
    timecards: int

    @property
    def before(self) -> Rows:
        """The rows of the slot just before the first attempt."""
        first = self.attempts[0].before if self.attempts else []
        return tuple(PostedEntry.model_validate(one) for one in first)

    def candidates(self, rows: Rows) -> Rows:
        """Return the rows that could be this entry: new, nobody else's, and of its code and amount."""
        others = {row for row, entry in self.ours.items() if entry not in (self.job.id, self.job.replaces)}
        return tuple(one for one in candidates(rows, self.before, others) if fits(one, self.job.entry))


def load_case(session: CompanySession, number: int) -> Case:
    """Return an entry as a case. Raises `InputError` if there is none of this number."""
    row = session.exec(select(Entry).where(Entry.id == number)).first()
    if row is None:
        raise NotThere(f"There is no entry {number} in company {session.company}.")
    plan, length = session.exec(
        select(Plan.id, Plan.body["period"]["type"].as_string())  # a column of JSON
        .join(Run, col(Run.plan) == Plan.id)
        .where(Run.id == row.run)
    ).one()
    job = job_of(row, PeriodType(length))
    old = session.exec(select(Entry).where(Entry.id == row.replaces)).first() if row.replaces else None
    return Case(
        row=row,
        job=replace(job, old=row_of(job_of(old, job.slot.period.type))) if old else job,
        plan=plan or 0,
        attempts=_attempts(session, row, job),
        ours=_ours(session, row.provider, job),
        replaceable=job.change is Change.POST or (old is not None and old.state in IN_PAYROLL),
        timecards=len(set(session.exec(select(Contribution.timecard).where(Contribution.entry == row.id)))),
    )


def _in_slot(table: type[Entry] | type[Attempt], provider: str, job: Job) -> list[object]:
    return [getattr(table, name) == value for name, value in slot_of(provider, job.slot).items()]


def _attempts(session: CompanySession, row: Entry, job: Job) -> tuple[Attempt, ...]:
    of_run = session.all(Attempt, Attempt.run == row.run, *_in_slot(Attempt, row.provider, job))
    return tuple(one for one in of_run if job.id in one.entries)


def _ours(session: CompanySession, provider: str, job: Job) -> dict[str, int]:
    entries = session.all(Entry, *_in_slot(Entry, provider, job), col(Entry.state).in_(sorted(IN_PAYROLL)))
    return {one.posted_id: one.id or 0 for one in entries if one.posted_id and one.change != Change.WITHDRAW}


def read_slot(store: Store, process: Process, company: str, case: Case) -> Rows | None:
    """Read the slot of a case as payroll holds it now; None where the connection cannot be read at all.

    Raises the errors of opening a connection and of a reading.
    """
    slot = case.job.slot
    with open_connection(store, process, company, case.row.provider) as connection:
        if not connection.can(Capability.READ_BACK):
            return None
        with store.read(company) as session:
            row = session.need(AdministrationRow, "The administration", case.row.provider, slot.administration)
        body = Administration.model_validate(row.body)
        return connection.export(ExportRequest(administration=body, period=slot.period)).read(slot)
