"""The commands that show jobs and schedules, and a worker that is asked to stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.process import Process
from hub.testing.command import hub
from hub.testing.company import Company, ledger_company
from hub.testing.many_runs import Killable, until


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process) as made:
        yield made


def test_jobs_are_listed_newest_first(company: Company, process: Process) -> None:
    first, second = (company.hub.ask_sync("acme", "ledger", actor="Robin").id for _ in range(2))
    shown = hub(process, "jobs", "acme", "--json").data
    assert [(one["id"], one["kind"], one["state"], one["actor"]) for one in shown] == [
        (second, "sync", "waiting", "Robin"),
        (first, "sync", "waiting", "Robin"),
    ]
    assert "Robin" in hub(process, "jobs", "acme").out


def test_a_schedule_is_shown_and_changed(company: Company, process: Process) -> None:
    """What is not given stays."""
    assert hub(process, "schedule", "acme", "ledger", "--json").data["sync_at"] == "22:00"
    changed = hub(process, "schedule", "acme", "ledger", "--sync-at", "", "--remind-days", "5", "--json").data
    assert (changed["sync_at"], changed["check_at"], changed["remind_days"]) == ("", "05:30", 5)
    assert "never" in hub(process, "schedule", "acme", "ledger").out
    refused = hub(process, "schedule", "acme", "ledger", "--check-at", "25:00")
    assert (refused.code, "The schedule cannot be so" in refused.err) == (1, True)


def test_a_worker_ends_well_when_it_is_asked_to(process: Process, tmp_path: Path) -> None:
    """With an exit code of 0, on both databases."""
    log = tmp_path / "said"
    with log.open("w") as said, Killable(process, ("worker",), said) as worker:
        until(lambda: "Working" in log.read_text(), 60)
        assert worker.end() == 0
