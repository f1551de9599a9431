"""The provider's rate is kept over all calls and threads, and a run of bad luck stops in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from hub.export.posting.pace import Breaker, Pace
from hub.store.database import Store
from hub.store.turns import BURST, Turns, gap_of
from hub.testing.clock import FakeClock

RATE = 10


@pytest.fixture
def clock() -> FakeClock:
    """A clock of a machine that has been on for a while."""
    return FakeClock(ticks=1000.0)


def calls(pace: Pace, clock: FakeClock, number: int) -> list[float]:
    """Make so many calls, each as soon as it may be made; return when that was, in seconds from the first."""
    made = []
    for _ in range(number):
        pace.wait()
        made.append(clock.ticks)
    return [one - made[0] for one in made]


def most_in_a_second(made: list[float]) -> int:
    """Return how many calls came within one second at most."""
    return max(sum(start <= one < start + 1 - 1e-6 for one in made) for start in made)


@pytest.mark.parametrize("rate", [RATE, 150])
def test_the_rate_is_kept_over_many_calls(clock: FakeClock, rate: int) -> None:
    """No second has more than the rate, though some come at once; a twentieth of the time is what that costs."""
    made = calls(Pace(rate, clock), clock, 20 * rate)
    assert most_in_a_second(made) == rate
    assert made[-1] == pytest.approx((20 * rate - 1) * gap_of(rate) - BURST)
    assert made[-1] < 20 * 1.05


def test_a_pause_is_not_made_up_for(clock: FakeClock) -> None:
    """After a minute without a call the next ones come no faster."""
    pace = Pace(RATE, clock)
    calls(pace, clock, 5)
    clock.forward(60)
    assert most_in_a_second(calls(pace, clock, 50)) == RATE


def test_without_a_rate_nobody_waits(clock: FakeClock) -> None:
    assert calls(Pace(None, clock), clock, 1000)[-1] == 0


@dataclass
class StillClock(FakeClock):
    """A clock that notes how long somebody would wait, and stands still."""

    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_the_rate_is_kept_over_all_threads_together() -> None:
    """Eight threads that ask at one moment are given moments of their own, evenly spaced."""
    clock = StillClock()
    pace = Pace(RATE, clock)
    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(pace.wait) for _ in range(400)]:
            one.result()
    assert sorted(clock.slept) == pytest.approx([number * gap_of(RATE) for number in range(1, 400)])


def test_the_provider_may_ask_for_a_pause_and_then_half_the_rate(clock: FakeClock) -> None:
    """Also where nothing was said of a rate before: then only the pause is kept."""
    pace, unlimited = Pace(RATE, clock), Pace(None, clock)
    calls(pace, clock, 5)
    before = clock.ticks
    pace.slow_down(3)
    made = calls(pace, clock, 20)
    assert clock.ticks - made[-1] == pytest.approx(before + 3)
    assert [after - one for one, after in pairwise(made)] == pytest.approx([2 * gap_of(RATE)] * 19)
    before = clock.ticks
    unlimited.slow_down(3)
    assert calls(unlimited, clock, 20)[-1] == 0
    assert clock.ticks == pytest.approx(before + 3)


def test_all_who_share_the_turns_keep_to_the_rate_together(store: Store) -> None:
    """Eight runs, with PostgreSQL as on two machines: each call has a moment of its own."""
    other = Turns(store.engine) if store.engine.dialect.name == "postgresql" else store.turns
    clocks = [StillClock() for _ in range(8)]
    paces = [Pace(RATE, one, (store.turns, other)[place % 2].of("p")) for place, one in enumerate(clocks)]
    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(pace.wait) for pace in paces for _ in range(10)]:
            one.result()
    waits = sorted(seconds for one in clocks for seconds in one.slept)
    assert waits[-1] == pytest.approx(79 * gap_of(RATE), abs=0.9)
    before = len(clocks[0].slept)
    Pace(RATE, clocks[0], store.turns.of("another")).wait()
    assert len(clocks[0].slept) == before


def test_a_pause_that_the_provider_asks_for_holds_for_all_who_share_the_turns(store: Store) -> None:
    clock = StillClock()
    Pace(RATE, clock, store.turns.of("p")).slow_down(30)
    Pace(RATE, clock, store.turns.of("p")).wait()
    assert clock.slept == [pytest.approx(30, abs=1)]


# -- the breaker ------------------------------------------------------------------------------------------------------


def opens_after(size: int, outcomes: str) -> int | None:
    """Return after how many outcomes a run of this size stops: `?` is an unknown one."""
    breaker = Breaker(size)
    return next((number for number, one in enumerate(outcomes, start=1) if breaker.note(one == "?")), None)


@pytest.mark.parametrize(
    ("size", "outcomes", "after"),
    [
        (10_000, "???", 3),
        (10_000, "??.???", 6),
        (10_000, "??.??.", None),
        (10, "?.?.?", 5),
        (10, "?.?.", None),
        (150, "?.?.?", 5),
        (200, "?.?.?.", None),
        (200, "?.?.?.?", 7),
        (1000, "?." * 19, None),
        (1000, "?." * 20, 39),
        (0, "?.?", None),
    ],
    ids=lambda one: str(one)[:12],
)
def test_a_run_stops_at_three_unknown_outcomes_in_a_row_or_at_two_percent(
    size: int, outcomes: str, after: int | None
) -> None:
    """But not before there are three; better few doubts than many."""
    assert opens_after(size, outcomes) == after
