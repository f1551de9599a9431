"""Random months on payrolls that take files: what the files say adds up to what is approved, and never to more."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hub.testing.paper_months import CODES, MEMBERS, WORKED, Dates, PaperMonth, Written, paper_month, template
from hub.timecards import GROUPS

EXAMPLES, STEPS = 25, 20
PAYROLL = st.sampled_from(["paper", "paper", "paper", "cardboard"])
NAMES = st.sampled_from(["c0", "c1", "c2"])
DAYS = {"c0": 2, "c1": 2, "c2": 5}
APPROVED = st.sampled_from([True, True, True, True, False])
SUBSETS = st.sampled_from([GROUPS, GROUPS, ("worked", "days"), ("surcharges", "meals")])


class Machine(RuleBasedStateMachine):
    """The month of one example; `ranges` are the dates that are exported."""

    template: ClassVar[Path]
    numbers: ClassVar[count[int]] = count()
    ranges: ClassVar[tuple[Dates, ...]] = ((1, 4), (5, 8))
    codes: ClassVar[tuple[str, ...]] = CODES
    by_day: ClassVar[bool] = True
    moves: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()

    @initialize()
    def open(self) -> None:
        folder = self.template.parent / f"month-{next(self.numbers)}"
        folder.mkdir()
        self.month: PaperMonth = self.stack.enter_context(paper_month(self.template, folder, by_day=self.by_day))
        self.month.put("c0", Written("m1", 2, 480))
        self.month.export("paper", self.ranges[0])

    @rule(
        name=NAMES, member=st.sampled_from(MEMBERS), day=st.integers(1, 8), worked=st.sampled_from([60, 93, 480]),
        sunday=st.sampled_from([0, 30]), meals=st.integers(0, 1), approved=APPROVED,
    )  # fmt: skip
    def put(self, name: str, member: str, day: int, worked: int, sunday: int, meals: int, approved: bool) -> None:
        day = day if self.moves else DAYS[name]
        self.month.put(name, Written(member, day, worked, sunday, meals, approved))

    @precondition(lambda self: self.month.cards)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.month.delete(data.draw(st.sampled_from(sorted(self.month.cards))))

    @rule(member=st.sampled_from(MEMBERS), payroll=PAYROLL, until=st.sampled_from([None, 2, 6]), then=PAYROLL)
    def employ(self, member: str, payroll: str, until: int | None, then: str) -> None:
        self.month.employ(member, payroll, until, then)

    @rule(payroll=PAYROLL, what=st.sampled_from(["rename", "change_layout", "change_layout", "switch"]))
    def change(self, payroll: str, what: str) -> None:
        getattr(self.month, what)(payroll)

    @rule(payroll=PAYROLL, data=st.data(), groups=SUBSETS)
    def plan(self, payroll: str, data: st.DataObject, groups: tuple[str, ...]) -> None:
        self.month.plan(payroll, data.draw(st.sampled_from(self.ranges)), groups)

    @rule(payroll=PAYROLL, data=st.data(), groups=SUBSETS)
    def export(self, payroll: str, data: st.DataObject, groups: tuple[str, ...]) -> None:
        self.month.export(payroll, data.draw(st.sampled_from(self.ranges)), groups)

    @rule(data=st.data())
    def two_files(self, data: st.DataObject) -> None:
        """Make two files of what may be the same hours, and fetch both: the older one last."""
        plans = [self.month.plan("paper", data.draw(st.sampled_from(self.ranges))) for _ in range(2)]
        runs = [self.month.run(plan) for plan in plans if plan]
        for run in reversed(runs):
            if run:
                self.month.fetch(run)

    @precondition(lambda self: self.month.plans)
    @rule(data=st.data())
    def run_some_plan(self, data: st.DataObject) -> None:
        self.month.run(data.draw(st.sampled_from(sorted(self.month.plans))))

    @precondition(lambda self: self.month.runs)
    @rule(data=st.data())
    def fetch(self, data: st.DataObject) -> None:
        self.month.fetch(data.draw(st.sampled_from(sorted(self.month.runs))))

    @precondition(lambda self: self.month.files)
    @rule(data=st.data(), outcome=st.sampled_from(["imported", "rejected"]))
    def tell(self, data: st.DataObject, outcome: str) -> None:
        self.month.tell(data.draw(st.sampled_from(sorted(self.month.files))), outcome)

    @invariant()
    def never_too_much(self) -> None:
        if hasattr(self, "month"):
            self.month.no_more_than_was_approved()

    def teardown(self) -> None:
        """In the end everything is exported; that is checked whatever came before."""
        with self.stack:
            if hasattr(self, "month"):
                self.month.export_everything(self.ranges)
                self.month.check_end(self.codes)
                self.month.white_is_in_payroll()


class Overlapping(Machine):
    """Dates that overlap, the wage period among them, and cards that move to other days: hours only."""

    ranges = ((1, 4), (3, 8), (1, 8), None)
    codes = (*WORKED, "zondag", "maaltijden")
    by_day = False
    moves = True


@pytest.mark.parametrize("machine", [Machine, Overlapping])
def test_what_the_files_say_is_what_is_approved(machine: type[Machine], tmp_path: Path) -> None:
    """Whatever the host and the clerk do, nobody is paid twice or forgotten when everything was exported."""
    machine.template = template(tmp_path / "template.db")
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
