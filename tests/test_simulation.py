"""The engine on a virtual clock against a payroll that loses answers: 20,000 random months, nobody paid twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from hub.testing.simulation import SETTLE, TICK, Simulation, SteppingStore
from hub.testing.simulation_oracle import Findings, findings, play
from hub.testing.simulation_report import told

SEEDS_EACH = 250
ORDINARY, BEYOND = 74, 6
"""How many tests share the seeds: effects come within the settle time in the ordinary ones, and beyond it in others."""


@pytest.fixture(scope="module")
def memory() -> Iterator[SteppingStore]:
    store = SteppingStore.in_memory()
    yield store
    store.close()


@pytest.mark.parametrize("part", range(ORDINARY + BEYOND))
def test_whatever_breaks_every_amount_is_in_payroll_once_or_the_hub_says_which_is_not(
    memory: SteppingStore, part: int, record_property: Callable[[str, object], None]
) -> None:
    """Crashes at any step, frozen workers, lost, late and repeated effects, a clerk: nothing is paid twice or lost."""
    seeds = range(part * SEEDS_EACH, (part + 1) * SEEDS_EACH)
    found = play(memory, seeds, beyond=part >= ORDINARY)
    told(record_property, found)
    assert (found.doubles, found.losses, found.foreign, found.broken) == ([], [], [], [])
    assert found.counts["seeds"] == SEEDS_EACH


def test_every_trouble_that_is_simulated_comes_about(memory: SteppingStore) -> None:
    """Seeds in which nothing happens would prove nothing."""
    counts = play(memory, range(300)).counts
    for name in TROUBLES:
        assert counts[name] > 0, name


TROUBLES = (
    *("lost answer", "lost request", "late effect", "repeated effect", "refused", "not executed", "not sent"),
    *("foreign exception", "id of another row", "by hand", "crashes", "freezes", "database away", "doubts"),
    *("needs decision", "drifted", "verified", "superseded", "changed"),
)


def test_a_seed_is_the_same_month_again(memory: SteppingStore) -> None:
    """Otherwise a finding could not be looked into."""
    first, second = (play(memory, range(30, 60)) for _ in range(2))
    assert first == second
    assert first != play(memory, range(60, 90))


@pytest.mark.parametrize("lost", range(1, 8))
def test_a_commit_that_was_told_as_failed_is_settled_by_the_worker_itself(memory: SteppingStore, lost: int) -> None:
    """The database took it and the connection broke before it said so: no worker may wait for that for ever."""
    for seed in range(10):
        month = Simulation(memory, seed, chaos=False)
        commits = count(1)

        def told(what: str, month: Simulation = month, commits: Iterator[int] = commits) -> None:
            month.clock.forward(TICK)
            assert month.clock.ticks < 100 * SETTLE, "the worker waits for ever"
            if what == "after commit" and next(commits) == lost:
                month.lose_database()

        month.store.told = told
        month.play(wait=True)
        assert not findings(month)


def test_an_effect_after_the_settle_time_is_seen_by_the_closing_check_or_comes_after_it(memory: SteppingStore) -> None:
    """Waiting cannot help there: some doubles are shown as drifted, and the rest come when nobody looks any more."""
    found: Findings = play(memory, range(400), beyond=True)
    assert not found
    assert found.counts["drifted"] > 0
    assert found.counts["came after the closing check"] > 0
