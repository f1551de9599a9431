"""The main job from beginning to end, through the public face, against providers' simulators on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from hub.administrations import Booking
from hub.durations import AMSTERDAM
from hub.errors import Unsupported
from hub.export.report import PlanView, RunView
from hub.export.scope import Scope
from hub.export.states import EntryState
from hub.filing import HandedOver
from hub.hub import Hub
from hub.intake.keep import Kept
from hub.intake.members import read_members
from hub.intake.timecards import read_timecards
from hub.models import Activation
from hub.periods import Calendar, Week53
from hub.process import Process
from hub.registry import SIMULATORS, STORIES, companion, companions
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
    filed: Callable[[HandedOver, list[list[str]]], None] = lambda handed, rows: None


@dataclass
class Outcome:
    """What came of it. `remote` is what a simulated payroll holds, `files` what payroll is to import."""

    employees_synced: int = 0
    entries_planned: int = 0
    entries_confirmed: int = 0
    timecards_exported: int = 0
    timecards_left: list[dict[str, str]] = field(default_factory=list)
    remote: dict[str, Any] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """A provider in the demonstration, with its story, and its simulator where it is called over the wire."""

    provider: str
    story: Story
    simulator: Any = None


ALL = "all"


def run_demo(provider: str, telling: Telling) -> Outcome:
    """Do the main job with a provider's story, on a fresh SQLite file and a free port of this machine.

    With `all`, one company does it with every provider that is installed and has a story.
    """
    names = companions(STORIES) if provider == ALL else (provider,)
    if not names:
        raise Unsupported("No provider that is installed has a story to show: install one.")
    with ExitStack() as running:
        parts = [_part(name, running) for name in names]
        hub = running.enter_context(_fresh_hub(parts[0].story))
        outcome = _Demo(hub, parts, telling).play()
        outcome.remote = next((one.simulator.state() for one in parts if one.simulator), {})
        return outcome


def _part(name: str, running: ExitStack) -> Part:
    story: Story = companion(STORIES, name)
    if name not in companions(SIMULATORS):
        return Part(name, story)
    return Part(name, story, running.enter_context(companion(SIMULATORS, name)()))


@contextmanager
def _fresh_hub(story: Story) -> Iterator[Hub]:
    noon = datetime.combine(story.today, time(12), AMSTERDAM)
    with tempfile.TemporaryDirectory(prefix="payroll-hub-") as folder:
        process = Process(database_url=f"sqlite:///{Path(folder, 'demo.db')}", allow_loopback=True)
        with Hub.open(process, now=lambda: noon) as hub:
            yield hub


class _Demo:
    def __init__(self, hub: Hub, parts: Sequence[Part], telling: Telling) -> None:
        self.hub = hub
        self.parts = parts
        self.company, self.title = parts[0].story.company, parts[0].story.title
        self.tell = telling
        self.outcome = Outcome()

    def play(self) -> Outcome:
        self.hub.add_company(self.company, self.title)
        for part in self.parts:
            self._activate(part)
            self._set_up(part)
        self._people()
        self._hours()
        for part in self.parts:
            for payroll in part.story.payrolls:
                self._export(part, payroll)
        return self.outcome

    def _activate(self, part: Part) -> None:
        at = f", with e-mail address and API token (at {part.simulator.url})" if part.simulator else ", by its name"
        self.tell.step(f"{self.title} switches {part.provider} on{at}")
        settings = part.simulator.connect_settings() if part.simulator else {}
        result = self.hub.connect(self.company, part.provider, settings)
        if isinstance(result, Activation):
            self.tell.activated(result)

    def _set_up(self, part: Part) -> None:
        story = part.story
        for venue in story.venues:
            self.hub.assign_venue(self.company, part.provider, venue.id, venue.administration, venue.cost_centre)
        for component, code in story.codes.items():
            self.hub.map(self.company, part.provider, Booking(component, code))
        for one in story.payrolls:
            if not one.dates:
                week53 = Week53(one.week53) if one.week53 else None
                calendar = Calendar(type=one.type, first_start=one.first_start, week53=week53)
                self.hub.set_wage_period(self.company, part.provider, one.administration, calendar)
        venues, codes = len(story.venues), len(story.codes)
        more = ", and wage periods set" if part.simulator else ""
        self.tell.step(f"{venues} venues are assigned, {codes} components mapped to codes{more}")

    def _people(self) -> None:
        self.tell.step("The host's team members come in, and people and contracts from payroll")
        for part in self.parts:
            self.tell.stored("team members", self.hub.import_members(self.company, read_members(part.story.members)))
        for part in self.parts:
            if part.simulator:
                plan = self.hub.plan_sync(self.company, part.provider)
                self.hub.apply_sync(self.company, plan)
                self.outcome.employees_synced += len(plan.people)
                self.tell.synced(plan)

    def _hours(self) -> None:
        self.tell.step("The timecards of October 2026 come in, with the night in which the clock went back")
        for part in self.parts:
            reading = read_timecards(part.story.timecards, new_day=self.hub.new_day(self.company))
            self.tell.stored("timecards", self.hub.import_timecards(self.company, reading))

    def _export(self, part: Part, payroll: Payroll) -> None:
        where = f"{part.provider}, administration {payroll.administration}"
        self.tell.step(f"{where}: plan, release by {CLERK}, and export")
        plan = self.hub.plan(self.company, self._scope(part, payroll))
        self.tell.planned(plan)
        self.hub.release(self.company, plan.id, CLERK)
        run = self.hub.run(self.company, plan.id)
        if run.files:
            run = self._hand_over(run)
        self.tell.ran(run)
        self._count(plan, run)

    def _scope(self, part: Part, payroll: Payroll) -> Scope:
        return self.hub.scope(
            self.company, part.provider, payroll.administration, payroll.year, payroll.number, dates=payroll.dates
        )

    def _hand_over(self, run: RunView) -> RunView:
        """Fetch the file of a run, show it, and tell that payroll imported it."""
        with tempfile.TemporaryDirectory(prefix="payroll-hub-") as folder:
            handed = self.hub.fetch(self.company, run.id, Path(folder), CLERK)
            rows = rows_in(handed.file)
        self.tell.filed(handed, rows)
        self.outcome.files.append({"receipt": handed.receipt.model_dump(mode="json"), "rows": rows})
        self.hub.file_imported(self.company, run.id, CLERK)
        return self.hub.show(self.company, run.id)

    def _count(self, plan: PlanView, run: RunView) -> None:
        self.outcome.entries_planned += len(plan.lines)
        self.outcome.entries_confirmed += sum(run.counts.get(one, 0) for one in CONFIRMED)
        self.outcome.timecards_exported += len(run.white)
        for one in (*plan.held, *plan.left):
            left = {"timecard": one.finding.timecard, "member": one.finding.member, "reason": one.finding.text}
            self.outcome.timecards_left.append({**left, "action": one.finding.action})


def rows_in(file: Path) -> list[list[str]]:
    """Return the rows of a CSV or XLSX file as texts, to show them."""
    if file.suffix == ".xlsx":
        from openpyxl import load_workbook

        sheet = load_workbook(file, read_only=True).worksheets[0]
        return [[_shown(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    lines = file.read_text("utf-8-sig").splitlines()
    return [line.split(";") for line in lines]


def _shown(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}"
    return "" if cell is None else str(cell)
