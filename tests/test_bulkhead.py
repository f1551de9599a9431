"""The bulkhead: a provider that is slow, hangs or crashes takes its own places, and delays nobody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ClassVar
from unittest.mock import patch

import httpx
import pytest

from hub import FileProvider, Finding, Hub, NotSent, Process, Transient, ValidateRequest, hookimpl
from hub.access import Scope, new_key
from hub.api.serving import serving
from hub.bulkhead import ASKED, Calls, Patience, PlacedPosting, Places
from hub.models import Entry
from hub.network import send_within
from hub.testing.company import card, employee, ledger_company
from hub.testing.paper import PER_CODE

AT_ONCE = Patience(0)
LONG = Patience(60)
RUNS = Patience(60, asking=False)
PLACES = 16
"""More than a pool has sessions of the database: a call that hangs must hold none."""

ASKING = 40


# -- places -----------------------------------------------------------------------------------------------------------


def in_thread(do: Callable[[], Any]) -> Any:
    """Return what something gives in a thread of its own."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(do).result(20)


def gets(places: Places, patience: Patience = AT_ONCE) -> bool:
    with places.taken(patience) as taken:
        return taken


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that another thread does."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def test_no_more_calls_than_places() -> None:
    """The third finds none; one that comes free is there for the next."""
    places = Places(2)
    with places.taken(AT_ONCE):
        assert in_thread(lambda: gets(places))

        def second() -> bool:
            with places.taken(AT_ONCE):
                return bool(in_thread(lambda: gets(places)))

        assert in_thread(second) is False
    assert in_thread(lambda: gets(places))


def test_a_thread_that_has_a_place_takes_no_second() -> None:
    """A call within a call does not wait for itself, and gives back no more than it took."""
    places = Places(1)
    with places.taken(AT_ONCE):
        assert gets(places)
        assert in_thread(lambda: gets(places)) is False
    assert in_thread(lambda: gets(places))


def test_who_waits_longest_comes_first() -> None:
    """A thread that calls again and again does not keep the others out: what it gives back is theirs."""
    places, came, ends = Places(1), list[str](), threading.Event()

    def wait(name: str) -> None:
        with places.taken(RUNS) as taken:
            assert taken
            came.append(name)
            ends.wait(20)

    with ThreadPoolExecutor(2) as threads:
        with places.taken(AT_ONCE):
            for number, name in enumerate(("first", "second"), start=1):
                threads.submit(wait, name)
                until(lambda number=number: len(places._waiting) == number)  # type: ignore[misc]
        assert gets(places) is False
        until(lambda: came == ["first"])
        ends.set()
    assert came == ["first", "second"]


def test_only_so_many_that_are_asked_for_may_wait() -> None:
    """Each takes a thread from everybody else; the calls of a run wait in threads of their own."""
    places = Places(1)
    with ThreadPoolExecutor(2) as threads:
        with places.taken(AT_ONCE):
            asking = threads.submit(gets, places, LONG)
            until(lambda: len(places._waiting) == 1)
            assert in_thread(lambda: gets(places, LONG)) is False
            running = threads.submit(gets, places, RUNS)
            until(lambda: len(places._waiting) == 2)
        assert (asking.result(20), running.result(20)) == (True, True)
    assert gets(places)


def test_who_waits_in_vain_leaves_nothing_behind() -> None:
    """A place that comes free later is not handed to somebody who left."""
    places = Places(1)
    with places.taken(AT_ONCE):
        assert in_thread(lambda: gets(places, Patience(0.01))) is False
    assert in_thread(lambda: gets(places))


# -- calls ------------------------------------------------------------------------------------------------------------


class Destination:
    """Where nothing may arrive."""

    def read(self, slot: object) -> tuple[Any, ...]:
        """Read nothing."""
        raise AssertionError

    def post(self, entry: Entry, key: str) -> Any:
        """Post nothing."""
        raise AssertionError

    replace = withdraw = put = resolve = post


@pytest.fixture
def busy() -> Iterator[PlacedPosting]:
    """Yield a destination of which all places are taken."""
    places = Places(1)
    with ThreadPoolExecutor(1) as threads:
        taken, ends = threading.Event(), threading.Event()

        def hold() -> None:
            with places.taken(AT_ONCE):
                taken.set()
                ends.wait(60)

        threads.submit(hold)
        assert taken.wait(20)
        yield PlacedPosting("slow", Destination(), Calls("Slow", places, AT_ONCE))
        ends.set()


@pytest.mark.parametrize(("call", "given"), [("post", 2), ("replace", 2), ("withdraw", 2), ("put", 4)])
def test_a_posting_without_a_place_is_not_sent(busy: PlacedPosting, call: str, given: int) -> None:
    """That is certain, so the entry is sent later; the destination was not called."""
    with pytest.raises(NotSent, match=r"^Slow is busy: .* so nothing was sent"):
        getattr(busy, call)(*[None] * given)


@pytest.mark.parametrize("call", ["read", "resolve"])
def test_a_reading_without_a_place_comes_later(busy: PlacedPosting, call: str) -> None:
    """It says when."""
    with pytest.raises(Transient, match=r"^Slow is busy") as caught:
        getattr(busy, call)(None)
    assert caught.value.retry_after == 5


def test_a_posting_that_waited_too_long_is_not_sent() -> None:
    """Meanwhile another worker may have the run."""
    posting = PlacedPosting("slow", Destination(), Calls("Slow", Places(1)))
    with send_within(-1, time.monotonic), pytest.raises(NotSent):
        posting.post(None, "key")  # type: ignore[arg-type]  # it does not arrive


def test_a_run_of_eight_threads_goes_through_one_place(process: Process) -> None:
    """It takes longer, and every entry arrives once."""
    with ledger_company(replace(process, calls_per_provider=1)) as company:
        now, most = [0], [0]
        lock = threading.Lock()

        def watch(entry: Entry, key: str) -> None:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            threading.Event().wait(0.02)
            with lock:
                now[0] -= 1

        company.ledger.watch = watch
        company.ledger.employees += [employee("e3")]
        company.cards(*(card(f"t{number}", f"m{1 + number % 2}", day=1 + number) for number in range(6)))
        run = company.export()
        posted = [(one.slot.employee, one.code) for one in company.ledger.posted]
    assert (run.state, most[0]) == ("done", 1)
    assert len(posted) == len(set(posted)) > 2


# -- over HTTP --------------------------------------------------------------------------------------------------------


class Good(FileProvider):
    """Checks at once, and has nothing to say."""

    name = "good"
    title = "Good"
    layout = PER_CODE

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Do what this provider does."""
        self.act()
        return ()

    def act(self) -> None:
        """Do nothing."""


class Hanging(Good):
    """Never comes back, until the test ends."""

    name = "hanging"
    title = "Hanging"
    inside: ClassVar[threading.Semaphore]
    ends: ClassVar[threading.Event]

    def act(self) -> None:
        """Hang."""
        self.inside.release()
        self.ends.wait(100)


class Slow(Good):
    """Takes its time."""

    name = "slow"
    title = "Slow"

    def act(self) -> None:
        """Take its time."""
        threading.Event().wait(0.3)


class Died(BaseException):
    """What no `except Exception` catches."""


class Crashing(Good):
    """Takes the process down, if it could."""

    name = "crashing"
    title = "Crashing"
    how: ClassVar[BaseException] = SystemExit(3)
    crashed: ClassVar[list[BaseException]] = []

    def act(self) -> None:
        """Crash."""
        self.crashed.append(self.how)
        raise self.how


NAMED = {one.name: one for one in (Good, Hanging, Slow, Crashing)}
Asks = Callable[[str], httpx.Response]


@pytest.fixture
def asks(process: Process) -> Iterator[Asks]:
    """Yield what validates at a provider over HTTP; each request has a connection of its own."""
    find = lambda name, allowed=None: NAMED[name]  # noqa: E731 - stands in for `hub.registry.find`
    Hanging.inside, Hanging.ends = threading.Semaphore(0), threading.Event()
    few = replace(process, calls_per_provider=PLACES)
    with patch("hub.activation.find", find), patch("hub.filing.find", find), Hub.open(few) as hub:
        hub.add_company("acme", "Acme")
        for name in NAMED:
            hub.connect("acme", name, {})
        headers = {"Authorization": f"Bearer {new_key(hub.store, 'platform', [Scope.READ])}"}
        with serving(hub) as address:

            def ask(provider: str) -> httpx.Response:
                body = {"provider": provider, "administration": provider, "dates": ["2026-10-01", "2026-10-31"]}
                where = f"{address}/v1/companies/acme/validations"
                return httpx.post(where, json=body, headers=headers, timeout=60)

            try:
                yield ask
            finally:
                Hanging.ends.set()


def hung(futures: list[Future[httpx.Response]]) -> list[Future[httpx.Response]]:
    return [one for one in futures if not one.done()]


def test_a_provider_that_hangs_delays_no_other(asks: Asks) -> None:
    """It keeps its places; more of it is refused, to come back later, and all else is answered meanwhile."""
    with ThreadPoolExecutor(ASKING) as threads:
        hanging = [threads.submit(asks, "hanging") for _ in range(ASKING)]
        for _ in range(PLACES):
            assert Hanging.inside.acquire(timeout=30)
        meanwhile = [asks("good").status_code for _ in range(5)]
        until(lambda: len(hung(hanging)) == PLACES)
        after = [asks(name).status_code for name in ("good", "slow", "crashing", "good")]
        refused = [one.result() for one in hanging if one.done()]
        assert not Hanging.inside.acquire(blocking=False)
        Hanging.ends.set()
        answered = [one.result(60).status_code for one in hanging]
    assert (meanwhile, after) == ([200] * 5, [200] * 4)
    assert {(one.status_code, one.headers["retry-after"], one.json()["who"]) for one in refused} == {
        (503, "5", "nobody")
    }
    assert (answered.count(200), answered.count(503)) == (PLACES, ASKING - PLACES)


@pytest.mark.parametrize("how", [SystemExit(3), Died(), MemoryError()], ids=lambda one: type(one).__name__)
def test_a_provider_that_crashes_takes_nothing_along(asks: Asks, how: BaseException) -> None:
    """However often: it gives its place back, whoever asks is answered, and so are all others."""
    Crashing.crashed.clear()
    with patch.object(Crashing, "how", how):
        answers = [asks("crashing") for _ in range(PLACES + 2)]
    assert {one.status_code for one in answers} == {200}
    assert Crashing.crashed == [how] * (PLACES + 2)
    assert asks("good").status_code == 200


def test_a_slow_provider_serves_all_who_can_wait(asks: Asks) -> None:
    """More than its places at once: who waits gets a place that comes free."""
    with ThreadPoolExecutor(2 * PLACES) as threads:
        slow = [threads.submit(asks, "slow") for _ in range(2 * PLACES)]
        assert asks("good").status_code == 200
        assert {one.result(60).status_code for one in slow} == {200}


def test_a_call_that_somebody_waits_for_is_soon_refused() -> None:
    """Two seconds: less than any caller's patience."""
    assert (ASKED.seconds, ASKED.asking) == (2.0, True)
