"""A random month of a company: a host, a clerk and a wire do what they like; what must always hold is checked."""

from __future__ import annotations

import shutil
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from hub.administrations import Booking
from hub.errors import InputError
from hub.export.posting.lease import SECONDS
from hub.export.report import PlanView
from hub.hub import Hub
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.models import Entry, Kind, PostedEntry, Slot
from hub.process import Process
from hub.store.exports import Entry as EntryRow
from hub.store.exports import Run
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, Company, employee, ledger_company
from hub.testing.fixtures import SECRET_KEY
from hub.testing.ledger import BOOKS, Ledger, LedgerProvider
from hub.testing.oracle import ALL, CENTRES, EMPLOYEES, Place, Sent, owed, some_card
from hub.timecards import GROUPS

SELECTED = (GROUPS, GROUPS, ("worked",), ("worked", "days"), ("surcharges", "meals"), ("allowances",))
WORDS = ("", "", "", "lost", "vanished", "vanished", "not sent", "not executed", "refused", "crash", "crash after")
WAITING = ("sending", "in doubt", "needs decision")
SETTLE = LedgerProvider.settle_seconds


def template(file: Path) -> tuple[Path, str]:
    """Make a database with a company whose people are linked and whose codes are mapped; return its ledger's book too.

    Each month begins with a copy of it.
    """
    known = set(BOOKS)
    with ledger_company(Process(database_url=f"sqlite:///{file}", secret_key=SECRET_KEY)) as made:
        (book,) = set(BOOKS) - known
        made.ledger.employees.append(employee("e3"))
        made.hub.import_members("acme", Reading(good=[Member(id="m3", name="Cas")]))
        made.hub.apply_sync("acme", made.hub.plan_sync("acme", "ledger"))
        made.hub.link("acme", "ledger", "e3", "m3")
        made.hub.map("acme", "ledger", Booking("surcharge:night", "100"))
        made.hub.assign_venue("acme", "ledger", "bar", "1", "A")
        made.hub.assign_venue("acme", "ledger", "kitchen", "1", "B")
    return file, book


@dataclass(frozen=True)
class Doubt:
    """An amount that was sent and of which nobody knows, since when by the clock, and in which plan's run."""

    slot: Slot
    code: str
    plan: int
    since: float


class Month:
    """A host, a clerk and a wire do what they like; what must always hold is checked after every step."""

    def __init__(self, template: tuple[Path, str], folder: Path, seed: int) -> None:
        file, book = template
        self.random = Random(seed)  # noqa: S311 - the same months every time, nothing secret
        self.ledger = BOOKS[book] = Ledger(employees=[employee(one) for one in EMPLOYEES.values()], watch=self.called)
        self.clock = FakeClock()
        copy = shutil.copy(file, folder / f"{seed}.db")
        process = Process(database_url=f"sqlite:///{copy}", secret_key=SECRET_KEY)
        self.company = Company(Hub.open(process, lambda: NOW, self.clock), self.ledger)
        self.employs = dict(EMPLOYEES)
        self.books = dict(CENTRES)
        self.cards: dict[str, Sent] = {}
        self.seen: dict[str, set[Sent]] = defaultdict(set)  # what a plan could book
        self.plans: dict[int, tuple[frozenset[str], dict[str, Sent]]] = {}  # its groups, and the cards it had going
        self.claims: dict[str, tuple[Sent, frozenset[str]]] = {}  # what of a card the run that turned it white sent
        self.unfinished: set[int] = set()  # plans of which something is left to do
        self.running = 0  # the plan that is being carried out
        self.doubts: list[Doubt] = []
        self.wrong: list[str] = []  # what was posted and should not have been
        self.foreign: list[PostedEntry] = []
        self.story: list[str] = []

    def live(self, steps: int) -> None:
        """Go through a month; at its end everything is exported."""
        for _ in range(3):
            self.put()
        can = {
            self.put: 3, self.approve_again: 1, self.delete: 1, self.type_in_payroll: 2, self.time_passes: 2,
            self.move_links: 0.4, self.move_venue: 0.4, self.plan_only: 3, self.run_some_plan: 3, self.export: 3,
            self.export_twice: 2,
        }  # fmt: skip
        for step in self.random.choices(list(can), list(can.values()), k=steps):
            step()
            self.check()
        self.export_everything()
        self.check()

    def check(self) -> None:
        self.payroll_holds_no_more_than_was_approved()
        self.no_card_is_paid_twice()
        self.what_a_white_card_gives_is_in_payroll()
        self.a_doubt_stops_its_slot_and_other_runs()
        self.what_others_typed_is_not_touched()

    def called(self, entry: Entry, key: str) -> None:
        """Note what the hub sends where something is in doubt; the word of the script has not been used up yet."""
        for one in [one for one in self.doubts if one.slot.employee == entry.slot.employee]:
            if one.plan != self.running:
                self.wrong.append(f"{entry.slot} in the run of another plan than {one}")
            elif one.slot == entry.slot and self.clock.ticks < one.since + SETTLE:
                self.wrong.append(f"{entry.code} in the slot of {one}")
        word = self.ledger.script[0] if self.ledger.script else ""
        if word in ("vanished", "crash") and not entry.sets:
            self.doubts.append(Doubt(entry.slot, entry.code, self.running, self.clock.ticks))
        if word.startswith("crash"):
            self.ledger.script.pop(0)
            if word == "crash after" and key:
                self.ledger.put(entry)
            raise KeyboardInterrupt

    # -- the host -----------------------------------------------------------------------------------------------------

    def put(self) -> None:
        """Add a card, or change all of one."""
        name = f"c{self.random.randrange(5)}"
        old = self.cards.get(name)
        self.store(name, replace(some_card(self.random), revision=old.revision + 1 if old else 1))

    def approve_again(self) -> None:
        """Send a new revision with nothing else new about it."""
        name = self.random.choice(sorted(self.cards))
        self.store(name, replace(self.cards[name], revision=self.cards[name].revision + 1))

    def delete(self) -> None:
        name = self.random.choice(sorted(self.cards))
        self.store(name, replace(self.cards[name], revision=self.cards[name].revision + 1, deleted=True))

    def store(self, name: str, card: Sent) -> None:
        self.story.append(f"{name}: {card}")
        self.company.cards(card.timecard(name))
        self.cards[name] = card

    def booked(self, card: Sent) -> Sent:
        """Return the card with the employee and the cost centre that it goes to now."""
        return replace(card, revision=0, member=self.employs[card.member], venue=self.books[card.venue])

    def move_links(self) -> None:
        """Two people were taken for each other."""
        hub, (first, second) = self.company.hub, (self.employs["m1"], self.employs["m2"])
        hub.link("acme", "ledger", first, None)
        hub.link("acme", "ledger", second, "m1")
        hub.link("acme", "ledger", first, "m2")
        self.employs |= {"m1": second, "m2": first}
        self.story.append("m1 and m2 change places")

    def move_venue(self) -> None:
        """The bar goes to another cost centre."""
        centre = {"1": "2", "2": "1"}[self.books["bar"]]
        self.company.hub.assign_venue("acme", "ledger", "bar", "1", centre)
        self.books["bar"] = centre
        self.story.append(f"the bar moves to {centre}")

    # -- the clerk ----------------------------------------------------------------------------------------------------

    def type_in_payroll(self) -> None:
        """A clerk adds an amount under our code, or sets days where there are none."""
        slots = [one for one, rows in self.ledger.rows.items() if one.kind is not Kind.DAYS or not rows]
        slots = [one for one in slots if one.kind is Kind.DAYS] or slots
        if slots:
            slot = self.random.choice(slots)
            code = {Kind.DAYS: "days", Kind.WAGE: "300", Kind.HOURS: "100"}[slot.kind]
            mark = f"clerk {len(self.foreign)}"
            row = PostedEntry(id=mark, kind=slot.kind, code=code, amount=700, comment=mark)
            self.ledger.rows[slot].append(row)
            self.foreign.append(row)
            self.story.append(f"{mark} types {code} for {slot.employee}")

    # -- the export ---------------------------------------------------------------------------------------------------

    def plan_only(self) -> None:
        """Make a plan that may be run later, or never."""
        self.plan(self.random.choice(SELECTED), self.random.choice(["ask", "keep"]))

    def plan(self, groups: tuple[str, ...], days: str) -> PlanView:
        view = self.company.plan(groups=groups, days=days)
        staying = {one.finding.timecard: one.finding.code for one in (*view.held, *view.left)}
        there = {name for name, one in self.cards.items() if not one.deleted}
        going = there - self.company.white() - set(staying)
        placed = {name for name in there if staying.get(name) in (None, "nothing_selected")}  # these may be corrected
        assert view.timecards == len(going), "a card is neither going nor said to stay"
        for name in placed:
            assert self.cards[name].approved, f"{name} was never approved"
            self.seen[name].add(self.booked(self.cards[name]))
        self.story.append(f"plan {view.id} of {groups}, {days}: {sorted(going)} go")
        self.plans[view.id] = frozenset(groups), {name: self.booked(self.cards[name]) for name in going}
        return view

    def run_some_plan(self) -> None:
        """Carry out any plan there is: for the first time, or further, or for nothing."""
        if self.plans:
            self.carry_out(self.random.choice(sorted(self.plans)), self.meanwhile())

    def export(self) -> None:
        self.carry_out(self.plan(self.random.choice(SELECTED), "ask").id, self.meanwhile())

    def export_twice(self) -> None:
        """Make two plans, and carry out the second whatever became of the first."""
        plans = [self.plan(groups, "ask").id for groups in self.random.sample(SELECTED, 2)]
        self.carry_out(plans[0], self.random.choices(WORDS, k=3))
        self.carry_out(plans[1], [])

    def time_passes(self) -> None:
        """A minute or a day: what is in doubt settles meanwhile, or does not."""
        self.clock.forward(self.random.choice([60, SETTLE, 86400]))
        self.story.append(f"it is {self.clock.at:%d %H:%M}")

    def meanwhile(self) -> list[str]:
        """Let the clerk type between plan and run, and return what the ledger will do in the run."""
        if self.random.random() < 0.2:
            self.type_in_payroll()
        return self.random.choices(WORDS, k=self.random.choice([0, 0, 2, 4]))

    def carry_out(self, plan: int, script: list[str]) -> None:
        """Release a plan and carry it out, by a process that may die on the way."""
        self.ledger.script = list(script)
        with suppress(InputError):  # it holds nothing to export
            self.company.hub.release("acme", plan, "Robin")
            self.running = plan
            with suppress(KeyboardInterrupt):
                self.company.hub.run("acme", plan)
            self.clock.forward(SECONDS)
            self.note()
            self.story.append(f"run of plan {plan}, {script}: {self.states()}")
        self.ledger.script = []

    def note(self) -> None:
        """Note what came of a run: what is left to do, which doubts are settled, and what is said to be in payroll."""
        view = self.company.hub.show("acme", self.run_of_plan())
        waiting = {(one.employee, one.kind) for one in view.entries if one.state in WAITING}
        left = any(one.state in ("planned", *WAITING) for one in view.entries)
        self.unfinished = self.unfinished | {self.running} if left else self.unfinished - {self.running}
        self.doubts = [
            one for one in self.doubts if one.plan != self.running or (one.slot.employee, one.slot.kind) in waiting
        ]
        groups, going = self.plans[self.running]
        self.claims |= {name: (going[name], groups) for name in view.white if name in going}

    def run_of_plan(self) -> int:
        (run,) = [one.id for one in self.company.rows(Run) if one.plan == self.running]
        return run or 0

    def states(self) -> list[tuple[str, str, int, str]]:
        return [
            (one.employee, one.code, one.amount, f"{one.state} {one.reason}".strip())
            for one in self.company.rows(EntryRow)
            if one.run == self.run_of_plan()
        ]

    def export_everything(self) -> None:
        """In the end everybody has exactly what is approved, every card is white, and nobody waits."""
        for _ in range(5):
            self.clock.forward(SETTLE)
            for plan in sorted(self.unfinished):
                self.carry_out(plan, [])
            view = self.plan(GROUPS, "keep")
            if not view.lines and not view.held and view.timecards == 0:
                break
            self.carry_out(view.id, [])
        assert (view.lines, view.held) == ((), ()), "somebody waits for nothing"
        assert self.doubts == [], "a doubt was not settled"
        approved = {name: one for name, one in self.cards.items() if one.approved and not one.deleted}
        target = owed({name: (self.booked(one), ALL) for name, one in approved.items()})
        kept = {Place(who, "days", None) for who in self.days_of_the_clerk()}
        for place in {*target, *self.posted()} - kept:
            assert self.posted().get(place, 0) == target.get(place, 0), f"not exactly what is approved: {place}"
        assert set(approved) == self.company.white(), "a card went and is not white"

    # -- what always holds --------------------------------------------------------------------------------------------

    def posted(self) -> dict[Place, int]:
        """Return what the ledger holds that no clerk typed."""
        totals: dict[Place, int] = defaultdict(int)
        for slot, rows in self.ledger.rows.items():
            for row in rows:
                if not row.comment:
                    totals[Place(slot.employee, row.code, row.cost_centre)] += row.amount
        return totals

    def days_of_the_clerk(self) -> set[str]:
        return {
            slot.employee
            for slot, rows in self.ledger.rows.items()
            for row in rows
            if slot.kind is Kind.DAYS and row.comment
        }

    def payroll_holds_no_more_than_was_approved(self) -> None:
        """Nothing is posted for a card that was never going; of one that changed, its largest version counts."""
        for place, amount in self.posted().items():
            assert 0 <= amount <= self.most(place), f"too much: {place}"

    def most(self, place: Place) -> int:
        """Return what the cards that were ever going justify at most."""
        every = {str(one): (one, ALL) for each in self.seen.values() for one in each}
        if place.code == "days":
            return owed(every).get(place, 0)
        best = {
            name: max(each, key=lambda one: owed({"": (one, ALL)}).get(place, 0)) for name, each in self.seen.items()
        }
        return owed({name: (one, ALL) for name, one in best.items()}).get(place, 0)

    def no_card_is_paid_twice(self) -> None:
        """A card that changed gives its longest version at most, whoever and wherever it was for."""
        most = sum(max((one.worked + one.night for one in each), default=0) for each in self.seen.values())
        hours = [amount for place, amount in self.posted().items() if place.code == "100"]
        assert sum(hours) * 60 <= most * 100 + 60 * len(hours), "hours are paid twice"

    def what_a_white_card_gives_is_in_payroll(self) -> None:
        """But while it is being corrected: a row that must be taken out and posted anew is away for a time."""
        white = {name for name in self.company.white() & set(self.claims) if not self.cards[name].deleted}
        sure = {name: self.claims[name] for name in white if self.claims[name][0] == self.booked(self.cards[name])}
        posted, kept, moving = self.posted(), self.days_of_the_clerk(), self.being_corrected()
        for place, amount in owed(sure).items():
            if not (place.code == "days" and place.employee in kept) and place.employee not in moving:
                assert posted.get(place, 0) >= amount, f"white and not in payroll: {place}"

    def being_corrected(self) -> set[str]:
        """Return the employees of whom a row was taken out."""
        return {one.employee for one in self.company.rows(EntryRow) if one.change == "withdraw"}

    def a_doubt_stops_its_slot_and_other_runs(self) -> None:
        assert not self.wrong, f"something was posted in doubt: {self.wrong}"

    def what_others_typed_is_not_touched(self) -> None:
        there = [row for rows in self.ledger.rows.values() for row in rows if row.comment]
        assert sorted(there, key=str) == sorted(self.foreign, key=str), "a foreign row was touched"
