"""The bench on which the hub itself works with a provider: a database of its own, a company, people and timecards."""

from __future__ import annotations

import atexit
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hub.administrations import Booking
from hub.durations import AMSTERDAM
from hub.export.posting.journal import Journal
from hub.export.posting.lease import SECONDS, Lease
from hub.export.report import LineView, PlanView, RunView
from hub.export.scope import Scope
from hub.hub import Hub
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Deletion, Timecard, TimecardStatus, Unit
from hub.models import ContractType, Employee, Kind, Redirect
from hub.process import Process
from hub.provider import Provider
from hub.store.database import Store
from hub.testing.at_work import Crash, die, just_before
from hub.testing.clock import FakeClock
from hub.testing.conformance.bench import TODAY, Bench, Opened
from hub.testing.conformance.rule import NotApplicable, expect
from hub.testing.fixtures import SECRET_KEY
from hub.workforce import contract_on, in_service

COMPONENTS = ("worked", "surcharge:sunday")
NOW = datetime.combine(TODAY, time(12), AMSTERDAM)
MOST_PEOPLE, MOST_RUNS = 4, 5

_NUMBERS = count(1)

Rows = Mapping[tuple[str, str], tuple[str, int]]
"""Code and hundredths of each row, by employee and id."""


@dataclass
class AtHub:
    """A company whose hours the hub exports to a remote; `people` are ids of employees, `codes` those of hours."""

    hub: Hub
    opened: Opened
    scope: Scope
    people: tuple[str, ...]
    codes: tuple[str, ...]
    clock: FakeClock = field(default_factory=FakeClock)
    company: str = field(default_factory=lambda: f"conformance-{next(_NUMBERS)}")

    def card(self, name: str, person: int, minutes: int, revision: int = 1, day: int = 1) -> Timecard:
        """Return an approved timecard; a part of its time also has the surcharge, where there is a code for it."""
        date = self.opened.period.start + timedelta(days=day)
        start = datetime.combine(date, time(8), AMSTERDAM)
        sunday = ComponentAmount(component=COMPONENTS[1], amount=minutes // 3, unit=Unit.MINUTES)
        made: dict[str, Any] = {"id": name, "revision": revision, "member": f"m{person}", "date": date, "start": start}
        made |= {"end": start + timedelta(minutes=minutes), "amounts": (sunday,) if len(self.codes) > 1 else ()}
        return Timecard(**made, status=TimecardStatus.APPROVED)

    def release(self, *cards: Timecard | Deletion) -> PlanView:
        """Store timecards, plan them and release the plan. Every one must be in it."""
        self.hub.import_timecards(self.company, Reading(good=list(cards)))
        plan = self.hub.plan(self.company, self.scope)
        why = [one.finding.text for one in (*plan.held, *plan.left)]
        expect(not why, f"the hub cannot export a timecard: {'; '.join(why)}")
        self.hub.release(self.company, plan.id, "Robin")
        return plan

    def finish(self, plan: PlanView) -> RunView:
        """Carry a plan out, and go on until it is done; what is in doubt is looked at again when its time has come."""
        for _ in range(MOST_RUNS):
            run = self.hub.run(self.company, plan.id)
            if run.state == "done":
                break
            self.clock.forward(self.opened.kit.provider.settle_seconds + SECONDS + 1)
        expect(run.state == "done", f"the run ends {run.state}: {_why(run)}")
        wrong = {state: number for state, number in run.counts.items() if state != "verified"}
        expect(not wrong, f"entries end as {wrong}, where the hub must see all of them in payroll: {_why(run)}")
        return run

    def crash(self, plan: PlanView, step: str) -> None:
        """Let the process die just before a step of the first attempt is written down, and its lease run out."""
        with patch.object(Lease, "keep"), just_before(Journal, step, die):
            try:
                self.hub.run(self.company, plan.id)
            except Crash:
                self.clock.forward(SECONDS + 1)
                return
        raise AssertionError(f"{step} was never called")

    def type_in(self, line: LineView) -> None:
        """Add a row that is equal to a line of a plan, as a clerk does."""
        slot = self.opened.slot(Kind.HOURS).model_copy(update={"employee": line.employee})
        self.opened.post(self.opened.entry(Kind.HOURS, line.amount, slot=slot, code=line.code))

    @property
    def rows(self) -> Rows:
        """What the remote holds for the people."""
        slot = self.opened.slot(Kind.HOURS)
        return {
            (person, row.id): (row.code, row.amount)
            for person in self.people
            for row in self.opened.posting.read(slot.model_copy(update={"employee": person}))
        }


def added(rows: Rows, before: Rows) -> Counter[tuple[str, str]]:
    """Return the hundredths per employee and code that were not there before."""
    found: Counter[tuple[str, str]] = Counter()
    for (person, id), (code, amount) in rows.items():
        if (person, id) not in before:
            found[person, code] += amount
    return found


def _why(run: RunView) -> str:
    return "; ".join(dict.fromkeys(one.reason for one in run.entries if one.reason)) or run.paused


@contextmanager
def at_hub(bench: Bench, *, alone: bool = False) -> Iterator[AtHub]:
    """Open a hub with a company on a remote; `alone` carries a run out slot after slot, in the order of its entries."""
    opened, clock, process, store = bench.open(), FakeClock(), *_database()
    provider = _one_by_one(bench.provider) if alone else bench.provider
    with patch("hub.activation.find", lambda name, allowed: provider):
        work = AtHub(
            Hub(store, process, lambda: NOW, clock), opened, _scope(opened), _people(opened), _codes(opened), clock
        )
        _set_up(work, bench)
        yield work


def _one_by_one(provider: type[Provider]) -> type[Provider]:
    return type(provider.__name__, (provider,), {"concurrency": 1})


@cache
def _database() -> tuple[Process, Store]:
    """Return a database for all companies of this process; making one takes longer than a rule."""
    folder = tempfile.TemporaryDirectory(prefix="payroll-hub-")
    url = f"sqlite:///{Path(folder.name, 'hub.db')}"
    process = Process(database_url=url, secret_key=SECRET_KEY, allow_loopback=True)
    store = Store.open(process)
    atexit.register(folder.cleanup)
    atexit.register(store.close)
    return process, store


def _scope(opened: Opened) -> Scope:
    return Scope(
        provider=opened.kit.provider.name,
        administration=opened.administration.id,
        year=opened.period.year,
        number=opened.period.number,
        contract_types=tuple(ContractType),
        groups=("worked", "surcharges"),
    )


def _codes(opened: Opened) -> tuple[str, ...]:
    return tuple(one.code for one in opened.administration.codes if one.kind is Kind.HOURS)[: len(COMPONENTS)]


def _people(opened: Opened) -> tuple[str, ...]:
    """Return who works in all of the period. Raises `NotApplicable` where fewer than two do."""
    here = [one for one in opened.workforce.employees if one.administration == opened.administration.id]
    people = tuple(one.id for one in here if _works(one, opened))[:MOST_PEOPLE]
    if len(people) < 2:
        raise NotApplicable("fewer than two people of its remote work in the current period")
    return people


def _works(one: Employee, opened: Opened) -> bool:
    days = (opened.period.start, opened.period.end)
    return all(in_service(one, day) and (not one.contracts or contract_on(one, day)) for day in days)


def _set_up(work: AtHub, bench: Bench) -> None:
    """Connect the company, map its components, and link its people to those of the payroll."""
    name, administration = work.scope.provider, work.scope.administration
    work.hub.add_company(work.company, "Acme")
    settings = bench.settings(work.opened.remote)
    found = work.hub.connect(work.company, name, settings)
    if isinstance(found, Redirect):
        work.hub.connect(work.company, name, settings, returned=bench.kit.logged_in(work.opened.remote, found))
    work.hub.set_wage_period(work.company, name, administration, work.opened.calendar)
    for component, code in zip(COMPONENTS, work.codes, strict=False):
        work.hub.map(work.company, name, Booking(component, code))
    work.hub.apply_sync(work.company, work.hub.plan_sync(work.company, name))
    ids = {person: f"m{number}" for number, person in enumerate(work.people)}
    types = {"contract_type": ContractType.ZERO_HOURS}
    work.hub.import_members(
        work.company, Reading(good=[Member(id=one, name=f"Lid {one}", **types) for one in ids.values()])
    )
    for person, member in ids.items():
        work.hub.link(work.company, name, person, member)
