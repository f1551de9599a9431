"""Where a run stands: its entries, what is in doubt, and what can be sent or verified; read anew from the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hub.export.posting import statements as sql
from hub.export.posting.calls import LOOK
from hub.export.posting.jobs import Call, Ending, Job, call_of, job_of, row_of
from hub.export.posting.journal import STOPPED, Journal
from hub.export.posting.trail import slot_of
from hub.export.states import UNSETTLED, EntryState, Outcome
from hub.models import PeriodType, PostedEntry, Slot


@dataclass(frozen=True)
class Standing:
    """A run as it is now. `doubts` are the calls that the hub can settle itself."""

    jobs: Mapping[int, Job]
    doubts: tuple[Call, ...]

    @property
    def done(self) -> int:
        """How many entries the hub has done with."""
        return len(self.jobs) - sum(job.state in WORK for job in self.jobs.values())

    def to_send(self) -> list[list[Job]]:
        """Return the planned jobs of each slot in which nothing is unsettled."""
        return list(self._by_slot(EntryState.PLANNED))

    def to_verify(self) -> list[list[Job]]:
        """Return the confirmed jobs of each slot in which nothing is unsettled."""
        return list(self._by_slot(EntryState.CONFIRMED))

    def _by_slot(self, state: EntryState) -> Iterator[list[Job]]:
        slots: dict[Slot, list[Job]] = defaultdict(list)
        for job in self.jobs.values():
            slots[job.slot].append(job)
        for jobs in slots.values():
            wanted = [job for job in jobs if job.state is state]
            if wanted and not any(job.state in UNSETTLED for job in jobs):
                yield wanted


WORK = frozenset({EntryState.PLANNED, EntryState.SENDING, EntryState.PENDING, EntryState.IN_DOUBT})
"""What the hub still has to do with."""


def standing(journal: Journal, length: PeriodType) -> Standing:
    """Read where the run stands."""
    with journal.store.look(journal.company) as connection:
        connection.one_moment()
        rows = connection.run(sql.ENTRIES_OF_RUN, run=journal.run).all()
        replaced = [row.replaces for row in rows if row.replaces]
        old = connection.run(sql.ENTRIES_BY_ID, entries=replaced).all() if replaced else []
        unsettled = connection.run(sql.UNSETTLED_OF_RUN, run=journal.run).all()
    olds = {row.id: row_of(job_of(row, length)) for row in old}
    jobs = {row.id: _with_old(job_of(row, length), olds) for row in rows}
    calls = (call_of(row, jobs) for row in unsettled)
    return Standing(jobs, tuple(call for call in calls if call.jobs[0].state in WORK))


def _with_old(job: Job, olds: Mapping[int, PostedEntry]) -> Job:
    return replace(job, old=olds.get(job.replaces)) if job.replaces else job


def recover(journal: Journal, now: Standing) -> int:
    """Turn what a crash left open into doubts, never into something to send again; return how many."""
    left = [call for call in now.doubts if call.outcome is Outcome.OPEN]
    for call in left:
        journal.finish(call, Ending(Outcome.UNKNOWN, fault=STOPPED, action=LOOK))
    return len(left)


def first_readings(journal: Journal) -> dict[int, tuple[PostedEntry, ...]]:
    """Return for each entry of the run its slot as it was just before its first attempt."""
    with journal.store.look(journal.company) as connection:
        attempts = connection.run(sql.ATTEMPTS_OF_RUN, run=journal.run).all()
    first: dict[int, tuple[PostedEntry, ...]] = {}
    for one in attempts:
        rows = tuple(PostedEntry.model_construct(**row) for row in one.before)  # as they were checked when read
        for entry in one.entries:
            first.setdefault(entry, rows)
    return first


def strange_rows(journal: Journal, now: Standing) -> dict[Slot, frozenset[str]]:
    """Return per slot of the run the ids of the rows that a reread found there and could not explain."""
    with journal.store.look(journal.company) as connection:
        found = connection.run(sql.STRANGE, provider=journal.provider).all()
    rows = {tuple(getattr(one, name) for name in PLACE): {row["id"] for row in one.rows} for one in found}
    slots = {job.slot for job in now.jobs.values()} if rows else set()
    return {slot: frozenset(rows.get(_place(journal.provider, slot), ())) for slot in slots}


PLACE = ("provider", "administration", "year", "number", "employee", "kind")


def _place(provider: str, slot: Slot) -> tuple[object, ...]:
    return tuple(slot_of(provider, slot)[name] for name in PLACE)
