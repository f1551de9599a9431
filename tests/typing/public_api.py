"""What a host writes against the public API, as a type checker sees it. Nothing here is ever run.

`assert_type` fails the check where a result is of another type, or of none at all; the wrong uses are marked, and a
mark that is not needed fails it too.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any, assert_type

from hub import (
    Activation,
    Booking,
    Calendar,
    Choice,
    ContractType,
    DecisionView,
    ExportSettings,
    Finding,
    HandedOver,
    Hub,
    HubError,
    JobView,
    Kept,
    Layout,
    PeriodType,
    PlanView,
    Process,
    Reading,
    Receipt,
    Redirect,
    Right,
    RunView,
    Scope,
    SyncPlan,
    WagePeriod,
    read_layout,
)
from hub.intake.members import read_members
from hub.intake.shapes import Deletion, Timecard
from hub.intake.timecards import read_timecards


def opened() -> None:
    """A hub is opened for a process, as a context manager or not."""
    process = Process(database_url="sqlite:///host.db", allow_loopback=True)
    with Hub.open(process) as hub:
        assert_type(hub, Hub)
        assert_type(hub.today, date)
    Hub.open().close()


def connected(hub: Hub) -> str:
    """A provider is switched on, or a person must log in first: both are told apart by type."""
    hub.add_company("kade", "De Kade", time(5), actor="Robin")
    made = hub.connect("kade", "nmbrs", {"token": "…"}, actor="Robin")
    assert_type(made, Activation | Redirect)
    if isinstance(made, Redirect):
        return made.url
    assert_type(made.rights, tuple[Right, ...])
    return ", ".join(one.name for one in made.administrations)


def settled(hub: Hub) -> None:
    """What a connection needs to know."""
    hub.map("kade", "nmbrs", Booking("worked", "2100"))
    assert_type(hub.unmapped("kade", "nmbrs"), tuple[str, ...])
    months = Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1))
    hub.set_wage_period("kade", "nmbrs", "3101", months, ContractType.ZERO_HOURS)
    assert_type(hub.wage_period("kade", "nmbrs", "3101", 2026, 10), WagePeriod)
    assert_type(hub.change_export_settings("kade", "nmbrs", {"groups": ["worked"]}), ExportSettings)
    hub.use_layout("kade", "horecalonen", read_layout(Path("layout.toml")))
    assert_type(hub.layout("kade", "horecalonen"), Layout)


def brought_in(hub: Hub) -> None:
    """People and hours, from payroll and from the host."""
    found = hub.plan_sync("kade", "nmbrs")
    assert_type(found, SyncPlan)
    hub.apply_sync("kade", found)
    assert_type(hub.import_members("kade", read_members(Path("members.csv"))).new, int)
    hours = read_timecards(Path("hours.csv"))
    assert_type(hours, Reading[Timecard | Deletion])
    kept = hub.import_timecards("kade", hours, strict=True)
    assert_type(kept, Kept)
    assert_type(kept.refused, list[tuple[str, str]])
    assert_type([card.exported_revision for card in hub.timecards("kade")], list[int | None])


def exported(hub: Hub) -> None:
    """A plan, its release, its run and its file."""
    scope = hub.scope("kade", "nmbrs", "3101", 2026, 10, days="keep")
    assert_type(scope, Scope)
    plan = hub.plan("kade", scope)
    assert_type(plan, PlanView)
    assert_type(plan.id, int)
    assert_type(plan.totals, dict[str, int])
    assert_type([one.finding for one in plan.held], list[Finding])
    run = hub.run("kade", hub.release("kade", plan.id, by="Robin").id)
    assert_type(run, RunView)
    assert_type(run.white, tuple[str, ...])
    assert_type(run.counts, dict[str, int])
    assert_type(run.held_until, datetime | None)
    handed = hub.fetch("kade", run.id, Path())
    assert_type(handed, HandedOver)
    assert_type(handed.file, Path)
    assert_type(handed.receipt, Receipt)
    assert_type(hub.settle("kade", 1, Choice.SEND_AGAIN, "Robin"), DecisionView)


def asked_for(hub: Hub, scope: Scope) -> dict[str, Any]:
    """Long work that is left to a worker."""
    job = hub.job("kade", hub.ask_plan("kade", scope, actor="Robin").id)
    assert_type(job, JobView)
    assert_type(job.ended_at, datetime | None)
    return job.result or job.problem


def told(error: HubError) -> str:
    """Every error says in words what happened, and who must act."""
    assert_type(error.text, str)
    assert_type(error.who, str)
    return f"{error.who}: {error.text}"


def wrong(hub: Hub) -> None:
    """What a type checker must refuse: a release that nobody answers for, and money as a float."""
    hub.release("kade", 1)  # type: ignore[call-arg]
    hub.map("kade", "nmbrs", Booking("allowance:travel", "5310", rate=0.23))  # type: ignore[arg-type]
