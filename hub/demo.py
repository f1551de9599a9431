"""The main job from beginning to end, through the public face, against a provider's simulator on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from hub.administrations import Booking
from hub.durations import AMSTERDAM
from hub.export.planning.basis import Scope
from hub.export.report import PlanView, RunView
from hub.export.states import EntryState
from hub.hub import Hub
from hub.intake.keep import Kept
from hub.intake.members import read_members
from hub.intake.timecards import read_timecards
from hub.models import Activation
from hub.periods import Calendar, Week53
from hub.process import Process
from hub.registry import SIMULATORS, STORIES, companion
from hub.testing.story import Payroll, Story
from hub.workforce import SyncPlan

CLERK = "Robin (payroll)"
CONFIRMED = (EntryState.CONFIRMED, EntryState.VERIFIED)


@dataclass
class Telling:
    """What the demonstration shows on the way; each does nothing unless it is given."""

    step: Callable[[str], None] = lambda text: None
    activated: Callable[[Activation], None] = lambda result: None
    synced: Callable[[SyncPlan], None] = lambda plan: None
    stored: Callable[[str, Kept], None] = lambda what, kept: None
    planned: Callable[[PlanView], None] = lambda view: None
    ran: Callable[[RunView], None] = lambda view: None


@dataclass
class Outcome:
    """What came of it."""

    employees_synced: int = 0
    entries_planned: int = 0
    entries_confirmed: int = 0
    timecards_exported: int = 0
    timecards_left: list[dict[str, str]] = field(default_factory=list)
    remote: dict[str, Any] = field(default_factory=dict)


def run_demo(provider: str, telling: Telling) -> Outcome:
    """Do the main job with a provider's story, on a fresh SQLite file and a free port of this machine."""
    story: Story = companion(STORIES, provider)
    with companion(SIMULATORS, provider)() as simulator, _fresh_hub(story) as hub:
        outcome = _Demo(hub, story, provider, telling).play(simulator.connect_settings(), simulator.url)
        outcome.remote = simulator.state()
        return outcome


@contextmanager
def _fresh_hub(story: Story) -> Iterator[Hub]:
    noon = datetime.combine(story.today, time(12), AMSTERDAM)
    with tempfile.TemporaryDirectory(prefix="payroll-hub-") as folder:
        process = Process(database_url=f"sqlite:///{Path(folder, 'demo.db')}", allow_loopback=True)
        with Hub.open(process, now=lambda: noon) as hub:
            yield hub


class _Demo:
    def __init__(self, hub: Hub, story: Story, provider: str, telling: Telling) -> None:
        self.hub = hub
        self.story = story
        self.company = story.company
        self.provider = provider
        self.tell = telling
        self.outcome = Outcome()

    def play(self, settings: dict[str, str], url: str) -> Outcome:
        self._activate(settings, url)
        self._set_up()
        self._people()
        self._hours()
        for payroll in self.story.payrolls:
            self._export(payroll)
        return self.outcome

    def _activate(self, settings: dict[str, str], url: str) -> None:
        self.tell.step(f"{self.story.title} switches {self.provider} on, with e-mail address and API token (at {url})")
        self.hub.add_company(self.company, self.story.title)
        result = self.hub.connect(self.company, self.provider, settings)
        if isinstance(result, Activation):
            self.tell.activated(result)

    def _set_up(self) -> None:
        for venue in self.story.venues:
            self.hub.assign_venue(self.company, self.provider, venue.id, venue.administration, venue.cost_centre)
        for component, code in self.story.codes.items():
            self.hub.map(self.company, self.provider, Booking(component, code))
        for one in self.story.payrolls:
            week53 = Week53(one.week53) if one.week53 else None
            calendar = Calendar(type=one.type, first_start=one.first_start, week53=week53)
            self.hub.set_wage_period(self.company, self.provider, one.administration, calendar)
        venues, codes = len(self.story.venues), len(self.story.codes)
        self.tell.step(f"{venues} venues are assigned, {codes} components mapped to codes, and wage periods set")

    def _people(self) -> None:
        self.tell.step("The host's team members come in, and people and contracts from payroll")
        self.tell.stored("team members", self.hub.import_members(self.company, read_members(self.story.members)))
        plan = self.hub.plan_sync(self.company, self.provider)
        self.hub.apply_sync(self.company, plan)
        self.outcome.employees_synced = len(plan.people)
        self.tell.synced(plan)

    def _hours(self) -> None:
        self.tell.step("The timecards of October 2026 come in, with the night in which the clock went back")
        reading = read_timecards(self.story.timecards, new_day=self.hub.new_day(self.company))
        self.tell.stored("timecards", self.hub.import_timecards(self.company, reading))

    def _export(self, payroll: Payroll) -> None:
        self.tell.step(f"Administration {payroll.administration}: plan, release by {CLERK}, and export")
        scope = Scope(
            provider=self.provider, administration=payroll.administration, year=payroll.year, number=payroll.number
        )
        plan = self.hub.plan(self.company, scope)
        self.tell.planned(plan)
        self.hub.release(self.company, plan.id, CLERK)
        run = self.hub.run(self.company, plan.id)
        self.tell.ran(run)
        self._count(plan, run)

    def _count(self, plan: PlanView, run: RunView) -> None:
        self.outcome.entries_planned += len(plan.lines)
        self.outcome.entries_confirmed += sum(run.counts.get(one, 0) for one in CONFIRMED)
        self.outcome.timecards_exported += len(run.white)
        for one in (*plan.held, *plan.left):
            left = {"timecard": one.finding.timecard, "member": one.finding.member, "reason": one.finding.text}
            self.outcome.timecards_left.append({**left, "action": one.finding.action})
