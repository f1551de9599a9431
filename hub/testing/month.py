"""A random month of a company: a host, a clerk and a wire do what they like; what must always hold is checked."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random

from hub.errors import InputError
from hub.export.report import PlanView, RunView
from hub.hub import Hub
from hub.models import Entry, Kind, PostedEntry
from hub.process import Process
from hub.testing.company import NOW, Company, employee
from hub.testing.fixtures import SECRET_KEY
from hub.testing.ledger import BOOKS, Ledger
from hub.testing.oracle import ALL, CENTRES, EMPLOYEES, Place, Sent, owed
from hub.timecards import GROUPS

SELECTED = (GROUPS, GROUPS, ("worked",), ("worked", "days"), ("surcharges", "meals"), ("allowances",))
WORDS = ("", "", "", "lost", "vanished", "not sent", "not executed", "refused")


def some_card(random: Random) -> Sent:
    return Sent(
        revision=1,
        member=random.choice(["m1", "m1", "m2", "m3"]),
        venue=random.choice(["bar", "kitchen", ""]),
        day=random.randint(1, 3),
        worked=random.choice([20, 50, 440, 440, 475, 481]),
        sunday=random.choice([0, 0, 20]),
        night=random.choice([0, 0, 10]),
        meals=random.choice([0, 0, 1]),
        travel=random.choice([0, 0, 1234]),
        approved=random.random() < 0.8,
    )


class Month:
    """A host, a clerk and a wire do what they like; what must always hold is checked after every step."""

    def __init__(self, template: tuple[Path, str], folder: Path, seed: int) -> None:
        file, book = template
        self.random = Random(seed)  # noqa: S311 - the same months every time, nothing secret
        self.ledger = BOOKS[book] = Ledger(employees=[employee(one) for one in EMPLOYEES.values()], watch=self.called)
        copy = shutil.copy(file, folder / f"{seed}.db")
        hub = Hub.open(Process(database_url=f"sqlite:///{copy}", secret_key=SECRET_KEY), now=lambda: NOW)
        self.company = Company(hub, self.ledger)
        self.employs = dict(EMPLOYEES)
        self.books = dict(CENTRES)
        self.cards: dict[str, Sent] = {}
        self.seen: dict[str, set[Sent]] = defaultdict(set)  # what a plan reported as going
        self.plans: dict[int, tuple[frozenset[str], dict[str, Sent]]] = {}  # its groups, and the cards it had going
        self.claims: dict[str, tuple[Sent, frozenset[str]]] = {}  # what of a card a run that turned it white sent
        self.tried: set[str] = set()  # cards that a run may have posted something of
        self.torn: set[str] = set()  # employees of whom a card changed after a run
        self.doubtful: set[str] = set()
        self.posted_in_doubt: list[Entry] = []
        self.foreign: list[PostedEntry] = []
        self.story: list[str] = []

    def live(self, steps: int) -> None:
        """Go through a month; at its end everything is exported."""
        for _ in range(3):
            self.put()
        can = {
            self.put: 3, self.approve_again: 1, self.delete: 1, self.type_in_payroll: 2,
            self.move_links: 0.4, self.move_venue: 0.4, self.plan_only: 3, self.run_some_plan: 4, self.export: 4,
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
        self.a_doubt_stops_its_person()
        self.what_others_typed_is_not_touched()

    def called(self, entry: Entry, key: str) -> None:
        """Note what the hub posts for somebody in doubt; the word of the script has not been used up yet."""
        if entry.slot.employee in self.doubtful:
            self.posted_in_doubt.append(entry)
        if self.ledger.script[:1] in (["lost"], ["vanished"]):
            self.doubtful.add(entry.slot.employee)

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
        old = self.cards.get(name)
        if old and name in self.tried and replace(old, revision=0) != replace(card, revision=0):
            self.tear(name, card)
        self.story.append(f"{name}: {card}")
        self.company.cards(card.timecard(name))
        self.cards[name] = card

    def booked(self, card: Sent) -> Sent:
        """Return the card with the employee and the cost centre that it goes to now."""
        return replace(card, revision=0, member=self.employs[card.member], venue=self.books[card.venue])

    def tear(self, name: str, card: Sent) -> None:
        """Somebody may have to wait now: what was exported of a card is no longer what the card is."""
        self.torn |= {one.member for one in (*self.seen[name], self.booked(card))}

    def move_links(self) -> None:
        """Two people were taken for each other."""
        hub, (first, second) = self.company.hub, (self.employs["m1"], self.employs["m2"])
        hub.link("acme", "ledger", first, None)
        hub.link("acme", "ledger", second, "m1")
        hub.link("acme", "ledger", first, "m2")
        self.employs |= {"m1": second, "m2": first}
        self.moved("m1 and m2 change places")

    def move_venue(self) -> None:
        """The bar goes to another cost centre."""
        centre = {"1": "2", "2": "1"}[self.books["bar"]]
        self.company.hub.assign_venue("acme", "ledger", "bar", "1", centre)
        self.books["bar"] = centre
        self.moved(f"the bar moves to {centre}")

    def moved(self, what: str) -> None:
        self.story.append(what)
        for name in self.tried:
            self.tear_if_other(name)

    def tear_if_other(self, name: str) -> None:
        if any(one != self.booked(self.cards[name]) for one in self.seen[name]):
            self.tear(name, self.cards[name])

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
        staying = {one.finding.timecard for one in (*view.held, *view.left)} | self.company.white()
        going = {name for name, one in self.cards.items() if not one.deleted and name not in staying}
        assert view.timecards == len(going), "a card is neither going nor said to stay"
        for name in going:
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

    def meanwhile(self) -> list[str]:
        """Let the clerk type between plan and run, and return what the ledger will do in the run."""
        if self.random.random() < 0.2:
            self.type_in_payroll()
        return self.random.choices(WORDS, k=self.random.choice([0, 0, 2, 4]))

    def carry_out(self, plan: int, script: list[str]) -> RunView | None:
        self.ledger.script = list(script)
        try:
            self.company.hub.release("acme", plan, "Robin")
        except InputError:  # it holds nothing to export
            return None
        groups, going = self.plans[plan]
        self.tried |= set(going)
        for name in going:  # the plan may be older than what the card is now
            self.tear_if_other(name)
        view = self.company.hub.run("acme", plan)
        self.claims |= {name: (going[name], groups) for name in view.white if name in going}
        self.ledger.script = []
        self.story.append(f"run {view.id} of plan {plan}, {script}: {[(*one,) for one in view.counts.items()]}")
        return view

    def export_everything(self) -> None:
        """Without a fault everybody gets exactly what is approved, unless the hub says why not, and rightly."""
        view = self.plan(GROUPS, "keep")
        self.carry_out(view.id, [])
        waiting = {self.employs[self.cards[one.finding.timecard].member] for one in view.held}
        assert waiting <= self.torn | self.doubtful, "somebody waits for nothing"
        approved = {name: one for name, one in self.cards.items() if one.approved and not one.deleted}
        target = owed({name: (self.booked(one), ALL) for name, one in approved.items()})
        settled = set(EMPLOYEES.values()) - self.torn - self.doubtful
        kept = {Place(who, "days", None) for who in self.days_of_the_clerk()}
        for place in {*target, *self.posted()} - kept:
            if place.employee in settled:
                assert self.posted().get(place, 0) == target.get(place, 0), f"not exactly what is approved: {place}"
        green = {name for name, one in approved.items() if self.employs[one.member] in settled} - self.company.white()
        assert not green, "a card went and is not white"

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
        white = self.company.white()
        rows = [row for row in self.company.hub.timecards("acme") if row.id in white and not row.deleted]
        claims = {row.id: self.claims[row.id] for row in rows}
        posted, kept = self.posted(), self.days_of_the_clerk()
        for place, amount in owed(claims).items():
            if not (place.code == "days" and place.employee in kept):
                assert posted.get(place, 0) >= amount, f"white and not in payroll: {place}"

    def a_doubt_stops_its_person(self) -> None:
        assert not self.posted_in_doubt, "something was posted for somebody in doubt"

    def what_others_typed_is_not_touched(self) -> None:
        there = [row for rows in self.ledger.rows.values() for row in rows if row.comment]
        assert sorted(there, key=str) == sorted(self.foreign, key=str), "a foreign row was touched"
