"""A random month of a company whose payrolls take files: a host and a clerk do what they like.

The oracle reads the files. What was handed over and not rejected adds up, and in the end that is what is approved.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from hub.administrations import Booking
from hub.errors import InputError, Unsupported
from hub.export.scope import Scope
from hub.files.layout import Column, Layout, Source
from hub.hub import Hub
from hub.intake.contracts import HostContract
from hub.intake.reading import Reading
from hub.intake.shapes import ComponentAmount, Deletion, Timecard, TimecardStatus, Unit
from hub.models import ContractType
from hub.process import Process
from hub.testing.company import NOW
from hub.testing.company import card as approved_card
from hub.testing.fixtures import SECRET_KEY
from hub.testing.paper import BSN, PER_DAY, PROVIDERS, paper_company, person, rows_in
from hub.timecards import GROUPS

PAYROLLS = ("paper", "cardboard")
MEMBERS = ("m1", "m2")
WORKED = ("uren", "gewerkt")
ALWAYS = date(2026, 1, 1)
CODES = (*WORKED, "dagen", "zondag", "maaltijden")
SOME = tuple(column for column in PER_DAY.columns if column.source is not Source.AMOUNT)
AMOUNTS = tuple(Column(header=code, source=Source.AMOUNT, code=code) for code in CODES)
FIRST = Layout(name="month", version="1", grain=PER_DAY.grain, columns=SOME + AMOUNTS)
SECOND = FIRST.model_copy(update={"name": "other-month", "quotes": "all", "columns": SOME + AMOUNTS[::-1]})
MEMBER_OF = {bsn: member for member, bsn in BSN.items()}
ROUNDS = 8
"""So many times everything is exported at the end; then nothing may be left."""

Dates = tuple[int, int] | None
"""Days of October, from and to; None is the wage period."""


class Place(NamedTuple):
    """Where an amount stands in the files of a payroll."""

    payroll: str
    member: str
    code: str
    day: int


@dataclass(frozen=True)
class Written:
    """What the host told of a card last: minutes are multiples of three, so that no hour is rounded."""

    member: str
    day: int
    worked: int
    sunday: int = 0
    meals: int = 0
    approved: bool = True
    deleted: bool = False

    def timecard(self, name: str, revision: int) -> Timecard | Deletion:
        """Return what the host sends."""
        if self.deleted:
            return Deletion(id=name, revision=revision)
        given = (("surcharge:sunday", Unit.MINUTES, self.sunday), ("meals", Unit.PIECES, self.meals))
        amounts = tuple(ComponentAmount(component=one, unit=unit, amount=number) for one, unit, number in given)
        made = approved_card(name, self.member, minutes=self.worked, day=self.day, revision=revision, amounts=amounts)
        return made if self.approved else made.model_copy(update={"status": TimecardStatus.WRITTEN})

    def gives(self, worked: str) -> dict[str, int]:
        """Return the hundredths that it gives per code, but for the days; `worked` is the code of hours."""
        return {worked: self.worked * 100 // 60, "zondag": self.sunday * 100 // 60, "maaltijden": self.meals * 100}


def template(file: Path) -> Path:
    """Make a database with a company that has both payrolls, in layouts that have every code."""
    process = Process(database_url=f"sqlite:///{file}", secret_key=SECRET_KEY)
    with paper_company(process, file.parent) as made:
        made.hub.connect("acme", "cardboard", {})
        made.hub.map("acme", "cardboard", Booking("surcharge:sunday", "zondag"))
        members = [person(one, contracts=(HostContract(start=ALWAYS, payroll="paper"),)) for one in MEMBERS]
        made.hub.import_members("acme", Reading(good=members))
        for payroll in PAYROLLS:
            made.hub.use_layout("acme", payroll, FIRST)
    return file


@dataclass
class PaperMonth:
    """A company, what its host told, and the rows of every file that was handed over."""

    hub: Hub
    folder: Path
    by_day: bool = True  # whether each day of a file is compared, or only its sums
    cards: dict[str, Written] = field(default_factory=dict)
    ever: dict[str, set[Written]] = field(default_factory=dict)
    contracts: dict[str, tuple[HostContract, ...]] = field(default_factory=dict)
    worked: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PAYROLLS, "uren"))
    plans: dict[int, str] = field(default_factory=dict)  # whose each plan is
    runs: dict[int, str] = field(default_factory=dict)
    files: dict[int, Counter[Place]] = field(default_factory=dict)  # what payroll was handed, per run
    settled: dict[int, str] = field(default_factory=dict)
    scopes: set[tuple[str, Dates]] = field(default_factory=set)
    revisions: Iterator[int] = field(default_factory=lambda: count(1))

    # -- the host -----------------------------------------------------------------------------------------------------

    def put(self, name: str, card: Written) -> None:
        """Add a card, or change all of one."""
        self.hub.import_timecards("acme", Reading(good=[card.timecard(name, next(self.revisions))]))
        self.cards[name] = card
        self.ever.setdefault(name, set()).add(card)

    def delete(self, name: str) -> None:
        """Take a card back."""
        self.put(name, replace(self.cards[name], deleted=True))

    def employ(self, member: str, payroll: str, until: int | None, then: str) -> None:
        """Give a member a contract with a payroll, until a day of October, and another one from then on."""
        contracts = [HostContract(start=ALWAYS, payroll=payroll, contract_type=ContractType.ZERO_HOURS)]
        if until:
            end, start = date(2026, 10, until), date(2026, 10, until + 1)
            contracts = [contracts[0].model_copy(update={"end": end}), HostContract(start=start, payroll=then)]
        self.contracts[member] = tuple(contracts)
        self.hub.import_members("acme", Reading(good=[person(member, contracts=tuple(contracts))]))

    def rename(self, payroll: str) -> None:
        """Book hours under the other code from now on."""
        (self.worked[payroll],) = set(WORKED) - {self.worked[payroll]}
        self.hub.map("acme", payroll, Booking("worked", self.worked[payroll], "hours"))

    def change_layout(self, payroll: str) -> None:
        """Write files in the other layout from now on."""
        now = self.hub.layout("acme", payroll)
        self.hub.use_layout("acme", payroll, SECOND if now.name == FIRST.name else FIRST)

    def switch(self, payroll: str) -> None:
        """Switch a payroll off, or on again."""
        active = {one.provider: one.active for one in self.hub.connections("acme")}[payroll]
        self.hub.switch("acme", payroll, not active)

    # -- the clerk ----------------------------------------------------------------------------------------------------

    def plan(self, payroll: str, dates: Dates, groups: Sequence[str] = GROUPS) -> int | None:
        """Make a plan; None where the payroll is switched off."""
        asked = {"dates": (date(2026, 10, dates[0]), date(2026, 10, dates[1]))} if dates else {}
        scope = {"provider": payroll, "administration": payroll, "year": 2026, "number": 10, "groups": tuple(groups)}
        with suppress(Unsupported):
            view = self.hub.plan("acme", Scope.model_validate({**scope, **asked}))
            self.scopes.add((payroll, dates))
            self.plans[view.id] = payroll
            return view.id
        return None

    def run(self, plan: int) -> int | None:
        """Release a plan and run it; None where it holds nothing, or the payroll is switched off."""
        with suppress(InputError, Unsupported):
            self.hub.release("acme", plan, "Robin")
            run = self.hub.run("acme", plan)
            self.runs[run.id] = self.plans[plan]
            return run.id
        return None

    def fetch(self, run: int) -> bool:
        """Fetch the file of a run; tell whether it was handed over, now or before."""
        with suppress(InputError, Unsupported):
            handed = self.hub.fetch("acme", run, self.folder)
            _holds(self.settled.get(run) != "rejected", f"a rejected file was given out again: run {run}")
            rows = self._read(handed.file, self.runs[run])
            before = self.files.setdefault(run, rows)
            same = _sums(before, CODES, self.by_day) == _sums(rows, CODES, self.by_day)
            _holds(same, f"another version of run {run} says something else")
            return True
        return False

    def _read(self, file: Path, payroll: str) -> Counter[Place]:
        rows: Counter[Place] = Counter()
        for row in rows_in(file):
            for code in CODES:
                place = Place(payroll, MEMBER_OF[row["BSN"]], code, int(row["Datum"][:2]))
                rows[place] += int((row[code] or "0").replace(",", ""))
        return rows

    def tell(self, run: int, outcome: str) -> None:
        """Tell what payroll did with a file: `imported` or `rejected`."""
        with suppress(InputError):
            if outcome == "imported":
                self.hub.file_imported("acme", run, "Robin")
            else:
                self.hub.file_rejected("acme", run, "Robin", "no")
            _holds(run in self.files, f"payroll said something of run {run}, which nobody fetched")
            _holds(run not in self.settled, f"payroll said something of run {run} twice")
            self.settled[run] = outcome

    def export(self, payroll: str, dates: Dates, groups: Sequence[str] = GROUPS) -> bool:
        """Plan, run and fetch; tell whether there was anything to run."""
        plan = self.plan(payroll, dates, groups)
        run = self.run(plan) if plan else None
        if run:
            self.fetch(run)
        return run is not None

    # -- what must hold -----------------------------------------------------------------------------------------------

    def held(self) -> Counter[Place]:
        """Return what payroll has: the files that were handed over and not rejected."""
        total: Counter[Place] = Counter()
        for run, rows in self.files.items():
            if self.settled.get(run) != "rejected":
                total.update(rows)
        return Counter({place: amount for place, amount in total.items() if amount})

    def owed(self) -> Counter[Place]:
        """Return what the approved cards come to."""
        total: Counter[Place] = Counter()
        days = set()
        for card in self.cards.values():
            payroll = self.payroll_of(card)
            if not card.deleted and card.approved:
                days.add((payroll, card.member, card.day))
                for code, amount in card.gives(self.worked[payroll]).items():
                    total[Place(payroll, card.member, code, card.day)] += amount
        total.update({Place(payroll, member, "dagen", day): 100 for payroll, member, day in days})
        return Counter({place: amount for place, amount in total.items() if amount})

    def payroll_of(self, card: Written) -> str:
        """Return the payroll of the contract on the day of a card."""
        day = date(2026, 10, card.day)
        return next(
            (one.payroll for one in self.contracts.get(card.member, ()) if one.start <= day <= (one.end or date.max)),
            "paper",
        )

    def no_more_than_was_approved(self) -> None:
        """Check that the files hold no more hours than the largest version of each card gives, wherever it went."""
        if any(amount < 0 for run, what in self.settled.items() if what == "rejected" for amount in self._of(run)):
            return  # what that file took back is there again until the next one
        most = sum(max(one.worked for one in versions) * 100 // 60 for versions in self.ever.values())
        hours = sum(amount for place, amount in self.held().items() if place.code in WORKED)
        _holds(hours <= most, f"{hours} hundredths of hours were handed over, and {most} is the most that there was")

    def _of(self, run: int) -> list[int]:
        return list(self.files[run].values())

    def white_is_in_payroll(self) -> None:
        """In the end every approved card is white."""
        white = {one.id for one in self.hub.timecards("acme") if one.exported_revision == one.revision}
        approved = {name for name, one in self.cards.items() if one.approved and not one.deleted}
        _holds(white == approved, f"{sorted(white ^ approved)} are white and should not be, or the other way round")

    def export_everything(self, ranges: Sequence[Dates]) -> None:
        """Export these dates, and all that were ever exported, until nothing is left."""
        for one in self.hub.connections("acme"):
            if not one.active:
                self.hub.switch("acme", one.provider, True)
        self.scopes |= {(payroll, dates) for payroll in PAYROLLS for dates in ranges}
        for _ in range(ROUNDS):
            if not sum(self.export(payroll, dates) for payroll, dates in sorted(self.scopes, key=str)):
                return
        raise AssertionError("there is always something left to export")

    def check_end(self, codes: Sequence[str]) -> None:
        """Check that payroll has what is approved of these codes."""
        held, owed = _sums(self.held(), codes, self.by_day), _sums(self.owed(), codes, self.by_day)
        _holds(held == owed, f"payroll has {held}, and approved is {owed}")


def _holds(what: bool, text: str) -> None:
    if not what:
        raise AssertionError(text)


def _sums(amounts: Mapping[Place, int], codes: Sequence[str], by_day: bool) -> dict[Place, int]:
    total: Counter[Place] = Counter()
    for place, amount in amounts.items():
        if place.code in codes:
            total[place if by_day else place._replace(day=0)] += amount
    return {place: amount for place, amount in total.items() if amount}


@contextmanager
def paper_month(made: Path, folder: Path, *, by_day: bool) -> Iterator[PaperMonth]:
    """Open a copy of a template in a folder of its own."""
    process = Process(database_url=f"sqlite:///{shutil.copy(made, folder / 'hub.db')}", secret_key=SECRET_KEY)
    find = lambda name, allowed=None: PROVIDERS[name]  # noqa: E731 - stands in for `hub.registry.find`
    with patch("hub.activation.find", find), patch("hub.filing.find", find), Hub.open(process, lambda: NOW) as hub:
        yield PaperMonth(hub, folder, by_day)
