"""The kinds of events, and which of them a person wants to hear of."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What an event is about, spelt as `type` of a webhook. The comments say what stands in its detail."""

    CONNECTION_NEEDS_ATTENTION = "connection.needs_attention"  # reason: credentials or right
    SYNC_PLANNED = "sync.planned"  # gone, and how many people per step
    SYNC_APPLIED = "sync.applied"  # the same
    SYNC_CONFLICTS = "sync.conflicts"  # people
    EXPORT_PLANNED = "export.planned"  # plan, entries, timecards, held, left
    RUN_PAUSED = "run.paused"  # plan, state, and how many entries in which state
    RUN_FINISHED = "run.finished"  # the same
    DECISION_NEEDED = "decision.needed"  # entry
    EXPORT_DRIFTED = "export.drifted"  # entries, slots: what a reread found
    TIMECARD_EXPORTED = "timecard.exported"  # timecard, revision
    TIMECARD_LEFT = "timecard.left"  # timecard, reason: the code of a finding, or the state of its entry
    TIMECARD_CORRECTED = "timecard.corrected"  # timecard, and its revision; none if payroll holds it no more
    FILE_READY = "file.ready"  # file, version, rows
    REMINDER = "reminder"  # administration, year, number and ends of the wage period, timecards
    JOB_FAILED = "job.failed"  # job, what: the kind of job, who: who must act
    ENDPOINT_OFF = "endpoint.off"  # endpoint, reason: gone or failing


FOR_PEOPLE = frozenset(
    {
        EventKind.CONNECTION_NEEDS_ATTENTION,
        EventKind.SYNC_CONFLICTS,
        EventKind.EXPORT_PLANNED,
        EventKind.RUN_PAUSED,
        EventKind.RUN_FINISHED,
        EventKind.EXPORT_DRIFTED,
        EventKind.FILE_READY,
        EventKind.REMINDER,
        EventKind.JOB_FAILED,
        EventKind.ENDPOINT_OFF,
    }
)
"""The kinds that are notifications. Of a single timecard or decision nobody wants one each: the run's says how many."""
