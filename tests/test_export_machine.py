"""A state machine over what a host platform holds: whatever is called in whatever order, the months' rules hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hub.errors import InputError
from hub.export.deciding.choices import Choice
from hub.models import Entry, PostedEntry
from hub.testing.ledger import BOOKS, LedgerProvider
from hub.testing.month import SELECTED, SETTLE, WORDS, Doubt, Month, template
from hub.testing.oracle import Sent

EXAMPLES, STEPS = 30, 15

CARDS = st.builds(
    Sent,
    revision=st.just(1),
    member=st.sampled_from(["m1", "m2", "m3"]),
    venue=st.sampled_from(["bar", "kitchen", ""]),
    day=st.integers(1, 3),
    worked=st.sampled_from([20, 50, 440, 475, 481]),
    sunday=st.sampled_from([0, 20]),
    night=st.sampled_from([0, 10]),
    meals=st.integers(0, 1),
    travel=st.sampled_from([0, 1234]),
    approved=st.sampled_from([True, True, True, False]),
)
NAMES = st.sampled_from(["c0", "c1", "c2", "c3"])
TROUBLE = st.sampled_from(["", "", *dict.fromkeys(WORDS), "twice", "twice lost"])
SCRIPTS: st.SearchStrategy[list[str]] = st.just([]) | st.lists(TROUBLE, min_size=2, max_size=5)


def is_row(number: str, row: PostedEntry) -> bool:
    return row.id == number


class House(Month):
    """A month in which the wire also does something twice, and somebody decides what only a person can tell."""

    def called(self, entry: Entry, key: str) -> None:
        """Write a row of the wire's own beside the one that is asked for: `twice`, and `twice lost` with no answer."""
        word = self.ledger.script[0] if self.ledger.script else ""
        if not word.startswith("twice"):
            super().called(entry, key)
            return
        self.ledger.script[0] = word.removeprefix("twice").strip()
        super().called(entry, key)
        if key and not entry.sets:
            self.twice(entry)
            if self.ledger.script[0]:
                self.doubts.append(Doubt(entry.slot, entry.code, self.running, math.inf))

    def twice(self, entry: Entry) -> None:
        mark = f"wire {len(self.foreign)}"
        row = PostedEntry(id=mark, kind=entry.slot.kind, code=entry.code, amount=entry.amount, comment=mark)
        self.ledger.rows[entry.slot].append(row)
        self.foreign.append(row)

    def settle(self, choice: Choice) -> None:
        """Look at all that waits for a person, take out of payroll what the wire did twice, and say so."""
        waiting = [self.company.hub.decision("acme", one.id) for one in self.company.hub.decisions("acme")]
        self.clerk_takes_out(lambda row: row.id.startswith("wire"))
        for one in waiting:
            mine = one.posted_id or next(row for row in one.candidates if not row.startswith("wire"))
            if choice is Choice.SEND_AGAIN:
                self.clerk_takes_out(partial(is_row, mine))
                self.unfinished.add(one.plan)
            self.company.hub.settle("acme", one.id, choice, "Robin", row=mine if choice is Choice.IT_IS_THERE else "")
            self.doubts = [it for it in self.doubts if (it.slot.employee, it.slot.kind) != (one.employee, one.kind)]
            self.story.append(f"Robin says of entry {one.id} ({one.state}): {choice}")

    def clerk_takes_out(self, which: Callable[[PostedEntry], bool]) -> None:
        self.foreign = [row for row in self.foreign if not which(row)]
        for slot, rows in self.ledger.rows.items():
            self.ledger.rows[slot] = [row for row in rows if not which(row)]


class Machine(RuleBasedStateMachine):
    """Everything that a host, its clerk, its wire and time can do."""

    begun: ClassVar[tuple[Path, str]]
    folder: ClassVar[Path]
    numbers: ClassVar[Iterator[int]]

    def __init__(self) -> None:
        super().__init__()
        self.house = House(self.begun, self.folder, next(self.numbers))

    @initialize(cards=st.lists(CARDS, min_size=3, max_size=3))
    def begin(self, cards: list[Sent]) -> None:
        for number, card in enumerate(cards):
            self.house.store(f"c{number}", card)

    @rule(name=NAMES, card=CARDS)
    def put(self, name: str, card: Sent) -> None:
        old = self.house.cards.get(name)
        self.house.store(name, replace(card, revision=old.revision + 1 if old else 1))

    @rule(what=st.sampled_from(["delete", "approve_again", "move_links", "move_venue", "type_in_payroll"]))
    def something_changes(self, what: str) -> None:
        getattr(self.house, what)()

    @rule(groups=st.sampled_from(SELECTED), days=st.sampled_from(["ask", "keep"]))
    def plan(self, groups: tuple[str, ...], days: str) -> None:
        self.house.plan(groups, days)

    @precondition(lambda self: self.house.plans)
    @rule(data=st.data(), script=SCRIPTS)
    def release_and_run(self, data: st.DataObject, script: list[str]) -> None:
        self.house.carry_out(data.draw(st.sampled_from(sorted(self.house.plans))), script)

    @precondition(lambda self: self.house.running)
    @rule()
    def go_on(self) -> None:
        self.house.carry_out(self.house.running, [])

    @rule(groups=st.sampled_from(SELECTED), script=SCRIPTS)
    def export(self, groups: tuple[str, ...], script: list[str]) -> None:
        self.house.carry_out(self.house.plan(groups, "keep").id, script)

    @rule()
    def a_plan_that_nobody_released_does_not_run(self) -> None:
        number = self.house.plan(SELECTED[0], "ask").id
        posted = len(self.house.ledger.posted)
        with pytest.raises(InputError, match="not released"):
            self.house.company.hub.run("acme", number)
        assert len(self.house.ledger.posted) == posted

    @rule(seconds=st.sampled_from([60, SETTLE - 60, SETTLE, 86400]))
    def time_passes(self, seconds: float) -> None:
        self.house.clock.forward(seconds)

    @rule(choice=st.sampled_from([Choice.IT_IS_THERE, Choice.SEND_AGAIN]))
    def somebody_decides(self, choice: Choice) -> None:
        self.house.settle(choice)

    @invariant()
    def what_always_holds(self) -> None:
        self.house.check()

    def teardown(self) -> None:
        """Let everything come to its end; what fails tells its story."""
        try:
            self.house.settle(Choice.IT_IS_THERE)
            self.house.export_everything()
            self.house.check()
            assert self.house.company.hub.decisions("acme") == ()
        except AssertionError as error:
            error.add_note("\n".join(self.house.story))
            raise
        finally:
            self.house.company.hub.close()


def test_whatever_is_done_in_whatever_order_payroll_holds_what_was_approved(tmp_path: Path) -> None:
    """Each card once, no doubt sent again, no foreign row touched, and in the end exactly what is approved."""
    Machine.folder, Machine.numbers = tmp_path, count()
    Machine.begun = template(tmp_path / "begun.db")
    examples = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    with patch("hub.activation.find", lambda name, allowed: LedgerProvider):
        run_state_machine_as_test(Machine, settings=examples)
    BOOKS.pop(Machine.begun[1])
